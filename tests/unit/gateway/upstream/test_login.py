"""A wrong stored password is sent once, ever: over callers, restarts and a store that is away."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.sdk import AuthRejected, BadUpstreamData, CaptchaRequired, Credential, Unavailable
from gateway.tasks import Tasks
from gateway.upstream.account import LOOK_AGAIN_S, REPEAT_AFTER_S, AccountState, UpstreamAccount
from gateway.upstream.login import GivenLogin, Login, VaultLogin
from gateway.upstream.reasons import NeedsAttention, NoAccount
from gateway.upstream.rejections import Rejections
from gateway.upstream.repository import UpstreamRepository
from gateway.vault.entry import SERVICE, EntryState, Owner, Why
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.upstream.conftest import OpenVault
from tests.unit.gateway.upstream.test_account import Page, System, made

WANG = Owner("wang")
WRONG, RIGHT = Credential("wang01", "stale password"), Credential("wang01", "fresh password")


@pytest.fixture
def system() -> System:
    return System()


class Starts:
    """The gateway, started anew each time."""

    def __init__(self, system: System, tasks: Tasks, clock: StillClock, login: object) -> None:
        self.system, self.tasks, self.clock, self._login = system, tasks, clock, login

    def start(self) -> UpstreamAccount:
        login: Login = self._login()  # type: ignore[operator]
        return made(Page(), self.system.send, self.tasks, self.clock, login)


@pytest.fixture
async def gateway(system: System, running: Tasks, still: StillClock, open_vault: OpenVault) -> Starts:
    return Starts(system, running, still, lambda: VaultLogin(open_vault(), "line", WANG))


async def test_a_wrong_stored_password_is_sent_once_over_restarts(
    gateway: Starts, open_vault: OpenVault
) -> None:
    await open_vault().keep("line", WANG, WRONG)
    gateway.system.status = 403
    account = gateway.start()
    ended = await asyncio.gather(*(account.session() for _ in range(1000)), return_exceptions=True)
    assert all(isinstance(error, AuthRejected) for error in ended)
    entry = await open_vault().find("line", WANG)
    assert (entry.state, entry.why) == (EntryState.NEEDS_ATTENTION, Why.REJECTED)
    gateway.system.status = 200
    for _ in range(3):
        again = gateway.start()
        gateway.clock.move(days=1)
        with pytest.raises(NeedsAttention):
            await again.session()
        assert again.state is AccountState.NEEDS_ATTENTION
    assert gateway.system.passwords == [WRONG.secret]


async def test_a_password_set_anew_is_used_without_a_restart(gateway: Starts, open_vault: OpenVault) -> None:
    await open_vault().keep("line", WANG, WRONG)
    gateway.system.status = 403
    account = gateway.start()
    with pytest.raises(AuthRejected):
        await account.session()
    former = account.entitlement
    gateway.system.status = 200
    await open_vault().keep("line", WANG, WRONG)  # the same again is no new password
    gateway.clock.move(seconds=LOOK_AGAIN_S)
    with pytest.raises(NeedsAttention):
        await account.session()
    await open_vault().keep("line", WANG, RIGHT)
    gateway.clock.move(seconds=LOOK_AGAIN_S)
    assert await account.session() == "session 2"
    assert gateway.system.passwords == [WRONG.secret, RIGHT.secret]
    assert (await open_vault().find("line", WANG)).state is EntryState.OK
    assert account.entitlement != former, "another account's answers may be other answers"


async def test_a_rejection_that_the_store_does_not_take_is_written_down_later(
    gateway: Starts, open_vault: OpenVault, engine: AsyncEngine, tmp_path: Path
) -> None:
    await open_vault().keep("line", WANG, WRONG)
    gateway.system.status = 403
    account = gateway.start()
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("CREATE TRIGGER away BEFORE UPDATE ON vault_entry BEGIN SELECT RAISE(ABORT, 'away'); END")
        db.commit()
        with pytest.raises(AuthRejected):
            await account.session()
        gateway.clock.move(seconds=LOOK_AGAIN_S)
        with pytest.raises(NeedsAttention):
            await account.session()
        assert (await open_vault().find("line", WANG)).why is None
        db.execute("DROP TRIGGER away")
        db.commit()
    gateway.clock.move(seconds=LOOK_AGAIN_S)
    with pytest.raises(NeedsAttention):
        await account.session()
    assert (await open_vault().find("line", WANG)).why is Why.REJECTED
    assert len(gateway.system.passwords) == 1


async def test_a_rejection_while_serving_is_written_down(gateway: Starts, open_vault: OpenVault) -> None:
    await open_vault().keep("line", WANG, WRONG)
    account = gateway.start()
    account.refused(await account.session(), AuthRejected())
    await account.close()
    assert (await open_vault().find("line", WANG)).why is Why.REJECTED
    with pytest.raises(NeedsAttention):
        await gateway.start().session()
    assert len(gateway.system.passwords) == 1


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [(428, CaptchaRequired, Why.CAPTCHA), (404, BadUpstreamData, Why.LOGIN_CHANGED)],
)
async def test_what_wants_a_person_is_written_down_and_tried_again(
    gateway: Starts, open_vault: OpenVault, status: int, error: type[Exception], why: Why
) -> None:
    await open_vault().keep("line", WANG, RIGHT)
    gateway.system.status = status
    account = gateway.start()
    with pytest.raises(error):
        await account.session()
    assert (await open_vault().find("line", WANG)).why is why
    gateway.system.status = 200
    gateway.clock.move(seconds=REPEAT_AFTER_S)
    assert await account.session() == "session 2"
    entry = await open_vault().find("line", WANG)
    assert (entry.state, entry.why) == (EntryState.OK, None)


async def test_whoever_has_no_account_is_told_and_may_get_one(gateway: Starts, open_vault: OpenVault) -> None:
    account = gateway.start()
    with pytest.raises(NoAccount):
        await account.session()
    assert account.state is AccountState.NO_ACCOUNT
    await open_vault().keep("line", WANG, RIGHT)
    gateway.clock.move(seconds=LOOK_AGAIN_S)
    assert await account.session() == "session 1"


async def test_a_store_that_is_away_is_no_rejection(
    gateway: Starts, open_vault: OpenVault, tmp_path: Path
) -> None:
    await open_vault().keep("line", WANG, RIGHT)
    account = gateway.start()
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("ALTER TABLE vault_entry RENAME TO elsewhere")
        db.commit()
        with pytest.raises(Unavailable):
            await account.session()
        db.execute("ALTER TABLE elsewhere RENAME TO vault_entry")
        db.commit()
    assert await account.session() == "session 1"


async def test_a_configured_password_is_sent_once_over_restarts_and_stored_nowhere(
    system: System, running: Tasks, still: StillClock, repository: UpstreamRepository, tmp_path: Path
) -> None:
    held = [WRONG]
    rejections = Rejections("line", b"r" * 32, repository, still)
    gateway = Starts(system, running, still, lambda: GivenLogin(held[0], "service", rejections))
    system.status = 403
    with pytest.raises(AuthRejected):
        await gateway.start().session()
    system.status = 200
    with pytest.raises(NeedsAttention):
        await gateway.start().session()
    assert system.passwords == [WRONG.secret]
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert WRONG.secret.encode() not in stored
    assert WRONG.username.encode() not in stored
    held[0] = RIGHT
    assert await gateway.start().session() == "session 2"


async def test_the_same_password_at_another_system_is_another_matter(
    repository: UpstreamRepository, still: StillClock
) -> None:
    await Rejections("line", b"r" * 32, repository, still).add(WRONG)
    await Rejections("line", b"r" * 32, repository, still).add(WRONG)  # told twice
    assert await Rejections("line", b"r" * 32, repository, still).holds(WRONG)
    assert not await Rejections("other", b"r" * 32, repository, still).holds(WRONG)
    assert not await Rejections("line", b"r" * 32, repository, still).holds(RIGHT)


async def test_no_log_line_names_an_account(gateway: Starts, open_vault: OpenVault) -> None:
    await open_vault().keep("line", WANG, WRONG)
    gateway.system.status = 403
    with structlog.testing.capture_logs() as lines:
        for _ in range(2):
            with pytest.raises(AuthRejected):
                await gateway.start().session()
    assert lines
    for secret in ("wang", WRONG.secret):
        assert secret not in str(lines)


async def test_the_service_account_is_the_systems_own(gateway: Starts, open_vault: OpenVault) -> None:
    await open_vault().keep("line", SERVICE, RIGHT)
    login = VaultLogin(open_vault(), "line", SERVICE)
    assert await login.credential() == RIGHT
    assert login.account != VaultLogin(open_vault(), "line", WANG).account
