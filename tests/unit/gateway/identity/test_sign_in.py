import asyncio
import math
import time
from datetime import date, timedelta

import pytest

from gateway.errors import AccountLocked, Busy, StoreUnavailable, WrongPassword
from gateway.identity.accounts import Account
from gateway.identity.passwords import Cost
from gateway.identity.repository import ThrottleRepository
from gateway.identity.sign_in import SignIn
from gateway.identity.throttle import Throttle, wait_after
from policies.model import RoleInScope
from tests.unit.gateway.identity.conftest import PASSWORD, House, Process, details, statements


async def fail(process: Process, times: int, name: str = "cadre", password: str = "wrong") -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            await process.sign_in.sign_in(name, password)


async def locked_for(process: Process, name: str = "cadre", password: str = PASSWORD) -> int:
    with pytest.raises(AccountLocked) as refused:
        await process.sign_in.sign_in(name, password)
    return refused.value.retry_after_s


async def test_right_password_starts_a_session(process: Process, house: House, cadre: Account) -> None:
    session_id, session = await process.sign_in.sign_in(" ＣＡＤＲＥ ", PASSWORD)
    assert session == await process.sessions.get(session_id)
    assert (session.username, session.display_name, session.scope) == ("cadre", "王敏", ("310104012003",))
    assert session.subject.account == cadre.username
    assert session.password_at == session.created_at == house.clock.now()


async def test_every_sign_in_gets_a_new_id(process: Process, cadre: Account) -> None:
    ids = {(await process.sign_in.sign_in("cadre", PASSWORD))[0] for _ in range(5)}
    assert len(ids) == 5
    assert {len(one) for one in ids} == {43}


async def test_only_the_hash_of_the_id_is_stored(process: Process, house: House, cadre: Account) -> None:
    session_id, session = await process.sign_in.sign_in("cadre", PASSWORD)
    ((stored,),) = house.ask("SELECT id_hash FROM session")
    assert len(stored) == 32
    assert stored.hex().startswith(session.hash_prefix)
    await process.engine.dispose()
    for path in house.path.parent.iterdir():
        assert session_id.encode() not in path.read_bytes()
        assert session.csrf_token.encode() not in path.read_bytes()
    assert session_id not in repr(session)
    assert session.csrf_token not in repr(session)


@pytest.mark.parametrize(
    "name", ["cadre", "nobody", "", "   ", "a" * 70_000, "' OR 1=1 --", "x\0y", "\ud800"]
)
async def test_all_failures_look_alike(process: Process, cadre: Account, name: str) -> None:
    with pytest.raises(WrongPassword) as refused:
        await process.sign_in.sign_in(name, "wrong")
    assert str(refused.value) == ""


async def test_a_disabled_account_is_a_wrong_password(process: Process, cadre: Account) -> None:
    await process.accounts.set_disabled("cadre", disabled=True)
    with pytest.raises(WrongPassword):
        await process.sign_in.sign_in("cadre", PASSWORD)
    await process.accounts.set_disabled("cadre", disabled=False)
    assert await process.sign_in.sign_in("cadre", PASSWORD)


@pytest.mark.parametrize("name", ["cadre", "nobody"])
async def test_five_failures_lock_even_the_right_password(
    process: Process, house: House, cadre: Account, name: str
) -> None:
    await fail(process, 5, name)
    assert await locked_for(process, name) == 60
    house.clock.move(seconds=59.5)
    assert await locked_for(process, name, "wrong") == 1
    house.clock.move(seconds=0.5)
    await fail(process, 1, name)
    assert await locked_for(process, name) == 120


async def test_four_failures_lock_nobody_and_success_clears_them(process: Process, cadre: Account) -> None:
    for _ in range(3):
        await fail(process, 4)
        assert await process.sign_in.sign_in("cadre", PASSWORD)


async def test_the_name_is_counted_however_it_is_typed(process: Process, cadre: Account) -> None:
    for name in ("cadre", "Cadre", " CADRE", "ｃａｄｒｅ", "cadre\t"):
        await fail(process, 1, name)
    assert await locked_for(process)


async def test_another_name_is_not_locked(process: Process, cadre: Account) -> None:
    await fail(process, 5, "cadre2")
    assert await process.sign_in.sign_in("cadre", PASSWORD)


async def test_tries_while_locked_do_not_lengthen_the_wait(
    process: Process, house: House, cadre: Account
) -> None:
    await fail(process, 5)
    for _ in range(50):
        await locked_for(process, password="wrong")
    house.clock.move(seconds=60)
    assert await process.sign_in.sign_in("cadre", PASSWORD)


async def test_no_hash_is_made_while_locked(process: Process, house: House, cadre: Account) -> None:
    await fail(process, 5)
    process.passwords.close()
    assert await locked_for(process)


def test_waits_double_to_a_quarter_of_an_hour_and_no_further() -> None:
    waits = [wait_after(failures) for failures in (0, 4, 5, 6, 7, 8, 9, 10, 10**9)]
    assert waits == [None, None, *(timedelta(seconds=s) for s in (60, 120, 240, 480, 900, 900, 900))]


async def test_failures_are_forgotten_after_a_day_and_swept_out(
    process: Process, house: House, cadre: Account
) -> None:
    await fail(process, 4)
    house.clock.move(hours=24, seconds=1)
    await fail(process, 4)
    assert house.ask("SELECT failures FROM login_throttle") == [(4,)]
    assert await process.sign_in.sign_in("cadre", PASSWORD)
    await fail(process, 1, "nobody")
    house.clock.move(hours=25)
    assert await process.sign_in.sign_in("cadre", PASSWORD)
    assert house.ask("SELECT * FROM login_throttle") == []


async def test_a_stale_count_starts_anew_even_unswept(process: Process, house: House, cadre: Account) -> None:
    await fail(process, 4)
    house.ask("UPDATE login_throttle SET updated_at = '2026-11-01 00:00:00.000000'")
    await fail(process, 4)
    assert await process.sign_in.sign_in("cadre", PASSWORD)


async def test_sessions_whose_time_is_up_are_swept_out(
    process: Process, house: House, cadre: Account
) -> None:
    for _ in range(3):
        await process.sign_in.sign_in("cadre", PASSWORD)
    house.clock.move(hours=1)
    await process.sign_in.sign_in("cadre", PASSWORD)
    assert house.ask("SELECT count(*) FROM session") == [(1,)]


async def test_names_are_hashed_under_the_installations_key(process: Process, house: House) -> None:
    ours = Throttle(ThrottleRepository(process.engine), b"a" * 32, house.clock)
    theirs = Throttle(ThrottleRepository(process.engine), b"b" * 32, house.clock)
    assert len(ours.key_of("cadre")) == 32
    assert ours.key_of("cadre") != theirs.key_of("cadre")


async def test_the_store_holds_no_name_that_failed(process: Process, house: House) -> None:
    await fail(process, 1, "herons-by-mistake")
    await process.engine.dispose()
    assert all(b"herons" not in path.read_bytes() for path in house.path.parent.iterdir())


async def test_a_burst_of_guesses_gets_no_more_than_five(
    process: Process, house: House, cadre: Account
) -> None:
    tries = await asyncio.gather(
        *(process.sign_in.sign_in("cadre", "wrong") for _ in range(200)), return_exceptions=True
    )
    assert [isinstance(one, WrongPassword) for one in tries].count(True) == 5
    assert [isinstance(one, AccountLocked) for one in tries].count(True) == 195


async def test_many_right_passwords_at_once_all_pass(process: Process, cadre: Account) -> None:
    started = await asyncio.gather(*(process.sign_in.sign_in("cadre", PASSWORD) for _ in range(50)))
    assert len({session_id for session_id, _ in started}) == 50


async def test_processes_count_together(house: House, process: Process, cadre: Account) -> None:
    other = house.open()
    await fail(process, 3)
    await fail(other, 2)
    assert await locked_for(process) == await locked_for(other) == 60


async def test_beyond_the_places_all_are_refused(process: Process, cadre: Account, house: House) -> None:
    few = SignIn(
        process.accounts,
        process.passwords,
        process.sign_in._throttle,
        process.sessions,
        house.clock,
        at_once=3,
    )
    tries = await asyncio.gather(*(few.sign_in("cadre", PASSWORD) for _ in range(10)), return_exceptions=True)
    assert [isinstance(one, Busy) for one in tries].count(True) == 7
    assert await few.sign_in("cadre", PASSWORD)


async def test_a_caller_who_leaves_gives_the_place_back(process: Process, cadre: Account) -> None:
    for _ in range(300):
        leaving = asyncio.ensure_future(process.sign_in.sign_in("cadre", PASSWORD))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    assert await process.sign_in.sign_in("cadre", PASSWORD)


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(
    process: Process, house: House, cadre: Account
) -> None:
    newer = house.open(Cost(memory_kib=16, passes=2))
    session_id, _ = await newer.sign_in.sign_in("cadre", PASSWORD)
    renewed = await newer.accounts.find("cadre")
    assert renewed is not None
    assert "m=16,t=2" in renewed.password_hash
    house.clock.move(seconds=2)
    assert await newer.sessions.get(session_id)
    assert await process.sign_in.sign_in("cadre", PASSWORD)


async def test_a_password_changed_while_it_is_checked_starts_nothing(
    process: Process, cadre: Account, house: House
) -> None:
    await process.enrolment.enrol(details("cadre"), "three plums in a boat")
    assert await process.sessions.start(cadre) is None
    assert house.ask("SELECT * FROM session") == []


async def test_unknown_and_disabled_users_take_as_long_and_ask_as_much_as_a_wrong_password(
    house: House, process: Process
) -> None:
    slow = house.open(Cost(memory_kib=4096))
    for number in range(12):
        await slow.enrolment.enrol(details(f"known{number}"), PASSWORD)
        await slow.enrolment.enrol(details(f"disabled{number}"), PASSWORD)
        await slow.accounts.set_disabled(f"disabled{number}", disabled=True)
    await fail(slow, 1, "warm")
    kinds = {"known": "wrong", "unknown": PASSWORD, "disabled": PASSWORD}
    fastest = dict.fromkeys(kinds, math.inf)
    asked = set()
    # In turns, and the fastest of each: what else the machine does then weighs on none.
    for number in range(12):
        for kind, password in kinds.items():
            with statements(slow.engine) as sent:
                start = time.perf_counter()
                await fail(slow, 1, f"{kind}{number}", password)
                fastest[kind] = min(fastest[kind], time.perf_counter() - start)
            asked.add(tuple(sent))
    assert max(fastest.values()) < 2 * min(fastest.values())
    assert len(asked) == 1


@pytest.mark.parametrize("table", ["account", "session", "login_throttle"])
async def test_without_the_store_nobody_signs_in(
    process: Process, house: House, cadre: Account, table: str
) -> None:
    with house.without(table), pytest.raises(StoreUnavailable):
        await process.sign_in.sign_in("cadre", PASSWORD)
    assert await process.sign_in.sign_in("cadre", PASSWORD)


async def test_roles_hold_from_and_until_their_days(process: Process, house: House) -> None:
    lent = RoleInScope("secretary", ("310104012",), date(2026, 11, 22), date(2026, 11, 22))
    own = RoleInScope("cadre", ("310104012003",))
    await process.enrolment.enrol(details("cadre", lent, own), PASSWORD)
    seen = []
    for _ in range(3):
        session_id, session = await process.sign_in.sign_in("cadre", PASSWORD)
        again = await process.sessions.get(session_id)
        assert again is not None
        assert again.subject == session.subject
        seen.append((session.subject.roles, session.scope))
        house.clock.move(days=1)
    assert seen == [
        ((own,), ("310104012003",)),
        ((lent, own), ("310104012", "310104012003")),
        ((own,), ("310104012003",)),
    ]
