"""A login is watched, so that it is seen to have changed before somebody's password meets it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from connectors.sdk import ConnectorSettings, Credential, FormLogin
from gateway.settings import Window
from gateway.tasks import Tasks
from gateway.upstream.account import Means, UpstreamAccount
from gateway.upstream.accounts import Accounts
from gateway.upstream.gate import Gate
from gateway.upstream.lease import Leases
from gateway.upstream.login import GivenLogin
from gateway.upstream.repository import UpstreamRepository
from gateway.upstream.watch import LoginStatus, LoginWatch
from gateway.vault.entry import Owner
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import CardConnector

FORM = FormLogin(
    page="/login.do",
    action="/signin.do",
    username_field="user",
    password_field="password",
    landing="/main.do",
    captcha_field="yzm",
    sign_out_page="/out.do",
)
PASSWORD_FIELD = '<input type="password" name="password">'


class Formed(CardConnector):
    auth = FORM  # type: ignore[assignment]


@dataclass
class Site:
    """A system with a login page that may change."""

    fields: str = '<input name="user">' + PASSWORD_FIELD
    status: int = 200
    passwords: list[str] = field(default_factory=list)
    refuses: bool = False
    looks: int = 0

    @property
    def page(self) -> str:
        return f'<form method="post" action="/signin.do">{self.fields}</form>'

    async def send(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/login.do":
            self.looks += 1
            return httpx.Response(self.status, html=self.page, request=request)
        if request.url.path == "/signin.do":
            self.passwords.append(request.content.decode())
            if self.refuses:
                return httpx.Response(200, html=self.page, request=request)
            return httpx.Response(302, headers={"Location": "/main.do"}, request=request)
        return httpx.Response(200, html="welcome", request=request)


@dataclass
class Line:
    site: Site
    clock: StillClock
    accounts: Accounts
    watch: LoginWatch

    async def seen(self) -> LoginStatus:
        await self.watch.check()
        return self.watch.status


def watched(
    repository: UpstreamRepository, tasks: Tasks, *, canary: bool = False, window: str | None = None
) -> Line:
    site, clock = Site(), StillClock()
    windows = (Window.parse(window),) if window else ()
    means = Means(Gate(site.send, clock, windows).send, tasks, clock, Leases())
    connector = Formed("http://line.test", ConnectorSettings())

    def account(owner: Owner) -> UpstreamAccount:
        login = GivenLogin(Credential("gateway", "secret"), str(owner))
        return UpstreamAccount("line", FORM, login, connector.base_url, means, 5)

    accounts = Accounts(account, personal=False)
    tester = account(Owner("canary")) if canary else None
    watch = LoginWatch("line", connector, means, repository, accounts, tester)
    return Line(site, clock, accounts, watch)


async def test_a_login_that_stays_as_it_is(repository: UpstreamRepository, running: Tasks) -> None:
    line = watched(repository, running)
    assert line.watch.status is LoginStatus.UNKNOWN
    assert [await line.seen() for _ in range(3)] == [LoginStatus.OK] * 3
    assert line.watch.checked_at == line.clock.now()
    assert line.site.passwords == [], "looking takes no password"


async def test_another_form_is_drifted_until_it_lets_somebody_in(
    repository: UpstreamRepository, running: Tasks
) -> None:
    line = watched(repository, running)
    await line.accounts.of("").session()
    await line.seen()
    line.site.fields += '<input type="hidden" name="token" value="x">'
    line.clock.move(seconds=60)
    assert await line.seen() is LoginStatus.DRIFTED
    again = watched(repository, running)  # after a restart
    again.site.fields = line.site.fields
    assert await again.seen() is LoginStatus.DRIFTED
    again.clock.move(seconds=60)
    await again.accounts.of("").session()
    assert await again.seen() is LoginStatus.OK
    line.site.fields = line.site.fields.replace("token", "token2")
    assert await line.seen() is LoginStatus.DRIFTED


@pytest.mark.parametrize(
    ("fields", "status", "seen"),
    [
        ('<input name="who">' + PASSWORD_FIELD, 200, LoginStatus.DRIFTED),
        ("", 200, LoginStatus.DRIFTED),
        ('<input name="user"><input name="yzm">' + PASSWORD_FIELD, 200, LoginStatus.CAPTCHA),
        ("", 500, LoginStatus.UNAVAILABLE),
    ],
)
@pytest.mark.parametrize("canary", [True, False])
async def test_what_is_seen_of_a_login(
    repository: UpstreamRepository,
    running: Tasks,
    fields: str,
    status: int,
    seen: LoginStatus,
    canary: bool,
) -> None:
    line = watched(repository, running, canary=canary)
    line.site.fields, line.site.status = fields, status
    assert await line.seen() is seen
    assert line.site.passwords == []
    line.site.fields, line.site.status = Site().fields, 200
    assert await line.seen() is LoginStatus.OK


async def test_a_canary_signs_in_each_time_and_takes_a_new_form_for_good(
    repository: UpstreamRepository, running: Tasks
) -> None:
    line = watched(repository, running, canary=True)
    assert await line.seen() is LoginStatus.OK
    line.site.fields += '<input type="hidden" name="token" value="x">'
    assert await line.seen() is LoginStatus.OK
    assert len(line.site.passwords) == 2
    assert not line.accounts.of("").signed_in


async def test_a_canary_that_is_refused_says_so_and_is_not_sent_again(
    repository: UpstreamRepository, running: Tasks
) -> None:
    line = watched(repository, running, canary=True)
    line.site.refuses = True
    for _ in range(3):
        assert await line.seen() is LoginStatus.REJECTED
        line.clock.move(hours=1)
    assert len(line.site.passwords) == 1


async def test_nobody_looks_while_the_system_is_in_maintenance(
    repository: UpstreamRepository, running: Tasks
) -> None:
    line = watched(repository, running, window="08:00-09:00")
    assert await line.seen() is LoginStatus.UNKNOWN
    assert line.site.looks == 0
    line.clock.move(hours=1)
    assert await line.seen() is LoginStatus.OK
