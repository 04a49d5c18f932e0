"""Many accounts on one host: each reader asks with their own, and no cookie is sent for another."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk import Credential, FormLogin
from gateway.tasks import Tasks
from gateway.upstream.account import Means, UpstreamAccount
from gateway.upstream.accounts import NOBODY, Accounts
from gateway.upstream.lease import Leases
from gateway.upstream.leaving import Leaving
from gateway.upstream.login import GivenLogin
from gateway.upstream.reasons import OwnerLeft
from tests.unit.gateway.clock import StillClock

if TYPE_CHECKING:
    from gateway.vault.entry import Owner

BASE = httpx.URL("http://line.test/")
FORM = FormLogin(
    page="/login.do",
    action="/signin.do",
    username_field="user",
    password_field="password",
    landing="/main.do",
    sign_out_page="/out.do",
)
LOGIN_PAGE = """<form method="post" action="/signin.do">
<input name="user"><input type="password" name="password"></form>"""


@dataclass
class Host:
    """One host with many accounts, whose cookies all have one name."""

    owners: dict[str, str] = field(default_factory=dict)
    """Whose a session is."""
    logins: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(for whom, by whose session)."""
    left: list[str] = field(default_factory=list)

    async def send(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        sent = SimpleCookie(request.headers.get("cookie", ""))
        session = sent["JSESSIONID"].value if "JSESSIONID" in sent else ""
        holder = self.owners.get(session, "")
        match request.url.path:
            case "/login.do":
                fresh = {"Set-Cookie": "JSESSIONID=anonymous"}
                return httpx.Response(200, html=LOGIN_PAGE, headers=fresh, request=request)
            case "/signin.do":
                user = parse_qs(request.content.decode())["user"][0]
                self.logins.append(user)
                session = f"session-{len(self.logins)}"
                self.owners[session] = user
                headers = {"Set-Cookie": f"JSESSIONID={session}", "Location": "/main.do"}
                return httpx.Response(302, headers=headers, request=request)
            case "/main.do":
                return httpx.Response(200, html="welcome", request=request)
            case "/out.do":
                self.left.append(self.owners.pop(session, "nobody"))
                return httpx.Response(200, request=request)
        self.asked.append((request.url.path.strip("/"), holder))
        if not holder:
            return httpx.Response(200, html=LOGIN_PAGE, request=request)
        return httpx.Response(200, content=b"{}", request=request)


def accounts_at(
    host: Host, tasks: Tasks, *, personal: bool = True, equal: dict[str, str] | None = None
) -> Accounts:
    means = Means(host.send, tasks, StillClock(), Leases())

    def account(owner: Owner) -> UpstreamAccount:
        login = GivenLogin(Credential(owner.username or "service", "secret"), str(owner))
        return UpstreamAccount("line", FORM, login, BASE, means, timeout_s=5)

    return Accounts(account, personal=personal, equal=equal)


async def ask(accounts: Accounts, host: Host, reader: str) -> None:
    """Ask as the fetch step does: once more when the session was over."""
    account = accounts.of(reader)
    session = await account.session()
    for _ in range(2):
        request = FORM.apply(httpx.Request("GET", BASE.join(f"/{reader}")), session)  # type: ignore[arg-type]
        response = await host.send(request)
        if FORM.verdict(response, session) == "ok":  # type: ignore[arg-type]
            return
        session = await account.renew(session)
    raise AssertionError("never let in")


READERS = [f"reader{number}" for number in range(12)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ask", "expire", "leave"]),
            st.lists(st.sampled_from(READERS), min_size=1, max_size=12),
        ),
        max_size=12,
    )
)
def test_no_accounts_session_is_used_for_another(turns: list[tuple[str, list[str]]]) -> None:
    async def live() -> None:
        host, tasks = Host(), Tasks()
        accounts = accounts_at(host, tasks)
        for what, readers in turns:
            if what == "ask":
                await asyncio.gather(*(ask(accounts, host, reader) for reader in readers))
            elif what == "leave":
                await accounts.end(readers[0])
            else:
                host.owners.clear()
        await accounts.close()
        assert all(holder in {"", asked_for} for asked_for, holder in host.asked)
        assert {holder for _, holder in host.asked} <= {"", *READERS}
        await tasks.close()

    asyncio.run(live())


async def test_a_thousand_lookups_at_expiry_make_one_login_for_each_account(running: Tasks) -> None:
    host = Host()
    accounts = accounts_at(host, running)
    readers = READERS * 84  # a thousand and eight
    await asyncio.gather(*(ask(accounts, host, reader) for reader in READERS))
    host.owners.clear()
    await asyncio.gather(*(ask(accounts, host, reader) for reader in readers))
    assert sorted(host.logins) == sorted(READERS * 2)


async def test_one_service_account_is_everybodys(running: Tasks) -> None:
    host = Host()
    accounts = accounts_at(host, running, personal=False)
    assert accounts.of("a") is accounts.of("b") is accounts.of(NOBODY)
    assert accounts.entitlement("a") == accounts.entitlement("b")
    await ask(accounts, host, "a")
    await accounts.end("a")
    assert host.left == []
    assert accounts.signed_in == ()
    await accounts.close()
    assert host.left == ["service"]


async def test_what_people_may_see_is_their_own_unless_declared_equal(running: Tasks) -> None:
    accounts = accounts_at(Host(), running, equal={"a": "office", "b": "office"})
    assert accounts.entitlement("a") == accounts.entitlement("b")
    assert accounts.of("a") is not accounts.of("b")
    assert len({accounts.entitlement(reader) for reader in ("a", "c", "d", NOBODY)}) == 4


# ---- leaving


async def test_the_last_session_here_ends_the_one_there(running: Tasks) -> None:
    host, here = Host(), {"a": 2, "b": 1}
    accounts = accounts_at(host, running)

    async def still(reader: str) -> bool:
        return here[reader] > 0

    leaving = Leaving([accounts], still)
    for reader in here:
        await ask(accounts, host, reader)
    here["a"] -= 1
    await leaving.left("a")
    assert host.left == []
    here["a"] -= 1
    await leaving.left("a")
    assert host.left == ["a"]
    assert accounts.signed_in == ("b",)
    await leaving.sweep()
    assert host.left == ["a"]
    here["b"] = 0  # nobody said so
    await leaving.sweep()
    assert host.left == ["a", "b"]
    here["a"] = 1
    await ask(accounts, host, "a")
    assert host.logins == ["a", "b", "a"]


async def test_whoever_leaves_while_signing_in_is_signed_out_again(running: Tasks) -> None:
    host = Host()
    accounts = accounts_at(host, running)
    asking = asyncio.ensure_future(ask(accounts, host, "a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await accounts.end("a")
    with suppress(OwnerLeft):  # the session may be over before it was used
        await asking
    assert (host.left, host.owners) == (["a"], {}), "no session is left behind"
