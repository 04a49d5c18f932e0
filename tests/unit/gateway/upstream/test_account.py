"""One account, one upstream session, however many ask for it; and no password sent that may do harm."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import structlog

from connectors.sdk import (
    AuthRejected,
    AuthScheme,
    BadUpstreamData,
    CaptchaRequired,
    Credential,
    Steps,
    Throttled,
    Unavailable,
    UpstreamError,
    Verdict,
)
from connectors.sdk.run import Send
from gateway.tasks import Tasks
from gateway.upstream.account import (
    ELSEWHERE_S,
    EVICTIONS,
    REPEAT_AFTER_S,
    AccountState,
    Means,
    UpstreamAccount,
)
from gateway.upstream.lease import Leases
from gateway.upstream.login import GivenLogin, Login
from gateway.upstream.reasons import InUseElsewhere, OwnerLeft
from tests.unit.gateway.clock import StillClock

BASE = httpx.URL("http://line.test/")
USERNAME, PASSWORD = "gateway-account", "correct horse"


@dataclass(frozen=True, slots=True)
class Page(AuthScheme[str]):
    """Sign in by one request; what the answer means is its status."""

    def sign_in(self, credential: Credential) -> Steps[str]:
        answer = yield httpx.Request("POST", "/in", content=credential.secret)
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise AuthRejected
        if answer.status_code == httpx.codes.PRECONDITION_REQUIRED:
            raise CaptchaRequired
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise BadUpstreamData("login form changed")
        return answer.text

    def sign_out(self, session: str) -> Steps[None]:
        yield httpx.Request("POST", "/out", content=session)

    def apply(self, request: httpx.Request, session: str) -> httpx.Request:
        return request

    def verdict(self, response: httpx.Response, session: str) -> Verdict:
        return Verdict.OK


@dataclass(eq=False)
class System:
    """The system's login page: counts passwords, answers as told."""

    passwords: list[str] = field(default_factory=list)
    signed_out: list[str] = field(default_factory=list)
    status: int = 200
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def send(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/in":
            self.passwords.append(request.content.decode())
            number = len(self.passwords)
            await self.open.wait()
            return httpx.Response(self.status, text=f"session {number}", request=request)
        await self.open.wait()
        self.signed_out.append(request.content.decode())
        return httpx.Response(200, request=request)


@dataclass
class House:
    system: System
    clock: StillClock
    tasks: Tasks
    account: UpstreamAccount

    async def fails(self, kind: type[UpstreamError]) -> None:
        with pytest.raises(UpstreamError) as failed:
            await self.account.session()
        assert isinstance(failed.value, kind)


def made(
    auth: AuthScheme[Any],
    send: Send,
    tasks: Tasks,
    clock: StillClock,
    login: Login | None = None,
    timeout_s: float = 0.2,
    **more: bool,
) -> UpstreamAccount:
    given = login or GivenLogin(Credential(USERNAME, PASSWORD))
    means = Means(send, tasks, clock, Leases())
    return UpstreamAccount("line", auth, given, BASE, means, timeout_s, **more)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    system, clock, tasks = System(), StillClock(), Tasks()
    account = made(Page(), system.send, tasks, clock)
    yield House(system, clock, tasks, account)
    system.open.set()
    await tasks.close()


async def test_nothing_is_sent_before_somebody_asks(house: House) -> None:
    assert house.account.state is AccountState.SIGNED_OUT
    await asyncio.sleep(0)
    assert house.system.passwords == []
    assert await house.account.session() == "session 1"
    assert await house.account.session() == "session 1"
    assert house.system.passwords == [PASSWORD]


async def test_its_state_says_how_it_stands(house: House) -> None:
    await house.account.session()
    assert house.account.state is AccountState.READY


async def test_a_thousand_callers_make_one_sign_in(house: House) -> None:
    sessions = await asyncio.gather(*(house.account.session() for _ in range(1000)))
    assert set(sessions) == {"session 1"}
    expired = await house.account.session()
    sessions = await asyncio.gather(*(house.account.renew(expired) for _ in range(1000)))
    assert set(sessions) == {"session 2"}
    assert await house.account.renew(expired) == "session 2", (
        "who comes late with the old one gets the new one"
    )
    assert len(house.system.passwords) == 2


async def test_a_caller_who_leaves_takes_the_sign_in_from_nobody(house: House) -> None:
    house.system.open.clear()
    first, second = (asyncio.ensure_future(house.account.session()) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.wait([first])
    house.system.open.set()
    assert await second == "session 1"
    assert len(house.system.passwords) == 1


async def test_when_all_callers_leave_the_session_is_there_for_the_next(house: House) -> None:
    house.system.open.clear()
    caller = asyncio.ensure_future(house.account.session())
    await asyncio.sleep(0.01)
    caller.cancel()
    await asyncio.wait([caller])
    house.system.open.set()
    assert await house.account.session() == "session 1"


# ---- refusals


async def test_a_rejected_password_is_never_sent_again(house: House) -> None:
    house.system.status = 403
    ended = await asyncio.gather(*(house.account.session() for _ in range(100)), return_exceptions=True)
    assert all(isinstance(error, AuthRejected) for error in ended)
    house.clock.move(days=30)
    house.system.status = 200
    await house.fails(AuthRejected)
    assert house.system.passwords == [PASSWORD]
    assert house.account.state is AccountState.NEEDS_ATTENTION


@pytest.mark.parametrize(
    ("status", "kind", "state"),
    [(428, CaptchaRequired, AccountState.CAPTCHA), (404, BadUpstreamData, AccountState.DRIFTED)],
)
async def test_a_login_that_is_not_as_we_know_it_is_left_alone_for_a_while(
    house: House, status: int, kind: type[UpstreamError], state: AccountState
) -> None:
    house.system.status = status
    await house.fails(kind)
    assert house.account.state is state
    house.clock.move(seconds=REPEAT_AFTER_S - 1)
    await house.fails(kind)
    assert len(house.system.passwords) == 1
    house.clock.move(seconds=1)
    await house.fails(kind)
    assert len(house.system.passwords) == 2
    house.clock.move(seconds=REPEAT_AFTER_S)
    house.system.status = 200
    assert await house.account.session() == "session 3"
    assert house.account.state is AccountState.READY


async def test_a_system_that_is_down_is_tried_again_at_once(house: House) -> None:
    house.system.status = 500
    await house.fails(Unavailable)
    house.system.status = 429
    await house.fails(Throttled)
    house.system.status = 200
    assert await house.account.session() == "session 3"


async def test_an_outage_after_a_drift_is_an_outage(house: House) -> None:
    house.system.status = 404
    await house.fails(BadUpstreamData)
    house.clock.move(seconds=REPEAT_AFTER_S)
    house.system.status = 500
    await house.fails(Unavailable)
    house.system.status = 200
    assert await house.account.session() == "session 3"


async def test_a_login_that_hangs_is_given_up(house: House) -> None:
    house.system.open.clear()
    await house.fails(Unavailable)
    house.system.open.set()
    assert await house.account.session() == "session 2"


async def test_a_session_under_which_the_account_is_refused_is_given_up(house: House) -> None:
    session = await house.account.session()
    house.account.refused(session, AuthRejected())
    await house.fails(AuthRejected)
    assert house.system.passwords == [PASSWORD]


async def test_a_refusal_of_an_old_session_does_not_end_the_new_one(house: House) -> None:
    old = await house.account.session()
    new = await house.account.renew(old)
    house.account.refused(old, AuthRejected())
    assert await house.account.session() == new
    assert house.account.state is AccountState.READY


# ---- the end


async def test_at_the_end_the_session_is_signed_out(house: House) -> None:
    await house.account.session()
    await house.account.close()
    assert house.system.signed_out == ["session 1"]
    assert house.account.state is AccountState.SIGNED_OUT
    await house.account.close()
    assert len(house.system.signed_out) == 1


async def test_a_system_that_does_not_answer_is_left_to_forget(house: House) -> None:
    await house.account.session()
    house.system.open.clear()
    async with asyncio.timeout(3):
        await house.account.close()
    assert house.system.signed_out == []


async def test_who_never_signed_in_does_not_sign_out(house: House) -> None:
    await house.account.close()
    assert house.system.signed_out == []


async def test_an_account_whose_owner_has_left_signs_in_for_nobody(house: House) -> None:
    """A fetch of theirs is still under way, and its session has just been ended."""
    session = await house.account.session()
    await house.account.end()
    with pytest.raises(OwnerLeft):
        await house.account.renew(session)
    assert (len(house.system.passwords), house.system.signed_out) == (1, ["session 1"])


async def test_a_sign_in_that_outlasts_its_owner_is_signed_out(house: House) -> None:
    account = made(Page(), house.system.send, house.tasks, house.clock, timeout_s=30)
    house.system.open.clear()
    asking = asyncio.ensure_future(account.session())
    while not house.system.passwords:
        await asyncio.sleep(0)
    await account.end()
    house.system.open.set()
    await asking
    async with asyncio.timeout(5):
        while not house.system.signed_out:
            await asyncio.sleep(0)
    assert house.system.signed_out == ["session 1"]
    assert not account.signed_in


async def test_no_log_line_names_the_account_or_its_password(house: House) -> None:
    with structlog.testing.capture_logs() as lines:
        for status in (200, 404, 403):
            house.system.status = status
            await asyncio.gather(house.account.renew(None), return_exceptions=True)
            house.account._session = None
        await house.account.close()
    assert {line["event"] for line in lines} >= {"upstream.signed_in", "upstream.sign_in_failed"}
    assert USERNAME not in str(lines)
    assert PASSWORD not in str(lines)
    assert "session 1" not in str(lines)


class Ticketed(Page):
    """Renews by what is left of the old session."""

    def renew(self, credential: Credential, expired: str) -> Steps[str]:
        answer = yield httpx.Request("POST", "/ticket", content=expired)
        if answer.status_code == httpx.codes.GONE:
            raise Unavailable
        return f"renewed {expired}"


async def test_an_expired_session_is_renewed_by_what_is_left_of_it(house: House) -> None:
    account = made(Ticketed(), house.system.send, house.tasks, house.clock)
    first = await account.session()
    renewed = await asyncio.gather(*(account.renew(first) for _ in range(20)))
    assert set(renewed) == {"renewed session 1"}
    assert house.system.signed_out == ["session 1"], "one request, and that with the old session"
    assert house.system.passwords == [PASSWORD]


async def test_what_did_not_renew_is_not_tried_again(house: House) -> None:
    gone = httpx.Response(410)

    async def send(request: httpx.Request) -> httpx.Response:
        return gone if request.url.path == "/ticket" else await house.system.send(request)

    account = made(Ticketed(), send, house.tasks, house.clock)
    first = await account.session()
    with pytest.raises(Unavailable):
        await account.renew(first)
    assert await account.session() == "session 2"


# ---- in use elsewhere


async def test_an_account_that_is_evicted_thrice_a_minute_is_left_to_whoever_uses_it(house: House) -> None:
    account = made(Page(), house.system.send, house.tasks, house.clock, one_session=True)
    session = await account.session()
    for _ in range(EVICTIONS - 1):
        session = await account.renew(session)
        house.clock.move(seconds=20)
    with pytest.raises(InUseElsewhere):
        await account.renew(session)
    assert account.state is AccountState.IN_USE_ELSEWHERE
    signed_in = len(house.system.passwords)
    house.clock.move(seconds=ELSEWHERE_S - 1)
    with pytest.raises(InUseElsewhere):
        await account.session()
    assert len(house.system.passwords) == signed_in
    house.clock.move(seconds=1)
    assert await account.session()


async def test_evictions_far_apart_and_ordinary_expiries_end_nothing(house: House) -> None:
    for account, pause_s in (
        (made(Page(), house.system.send, house.tasks, house.clock, one_session=True), 31),
        (house.account, 0),
    ):
        session = await account.session()
        for _ in range(5):
            house.clock.move(seconds=pause_s)
            session = await account.renew(session)
        assert account.state is AccountState.READY
