import asyncio
from datetime import date, timedelta

import pytest

from gateway.errors import StoreUnavailable
from gateway.identity import csrf
from gateway.identity.accounts import Account
from gateway.identity.sessions import Session
from policies.model import RoleInScope
from tests.unit.gateway.identity.conftest import (
    PASSWORD,
    House,
    Process,
    details,
    held_up,
    minutes,
    statements,
)


@pytest.fixture
async def session_id(process: Process, cadre: Account) -> str:
    return (await process.sign_in.sign_in("cadre", PASSWORD))[0]


async def test_csrf_token_is_the_sessions(process: Process, session_id: str) -> None:
    session = await process.sessions.get(session_id)
    assert session is not None
    csrf.check(session.csrf_token, csrf.token(session_id))


@pytest.mark.parametrize(
    "wrong", ["", "x", "A" * 42, "A" * 44, "é" * 43, "A" * 8192, "\udcff", "../" * 14 + "."]
)
async def test_what_cannot_be_an_id_costs_the_store_nothing(
    process: Process, session_id: str, wrong: str
) -> None:
    with statements(process.engine) as sent:
        assert await process.sessions.get(wrong) is None
    assert sent == []


async def test_an_unknown_id_is_no_session(process: Process, session_id: str) -> None:
    assert await process.sessions.get("A" * 43) is None
    assert await process.sessions.get(session_id[:-1] + "!") is None


async def test_memory_answers_for_a_second_then_the_store(
    process: Process, house: House, session_id: str
) -> None:
    with statements(process.engine) as sent:
        for _ in range(10):
            assert await process.sessions.get(session_id)
            house.clock.move(seconds=0.099)
        assert sent == []
        house.clock.move(seconds=0.01)
        assert await process.sessions.get(session_id)
        assert len(sent) == 1


async def test_a_thousand_callers_at_once_read_once(process: Process, house: House, session_id: str) -> None:
    house.clock.move(seconds=2)
    with statements(process.engine) as sent:
        got = await asyncio.gather(*(process.sessions.get(session_id) for _ in range(1000)))
    assert len(sent) == 1
    assert len({id(session) for session in got}) == 1
    assert got[0] is not None


async def test_the_first_caller_leaving_harms_nobody(process: Process, house: House, session_id: str) -> None:
    house.clock.move(seconds=2)
    callers = [asyncio.ensure_future(process.sessions.get(session_id)) for _ in range(5)]
    await asyncio.sleep(0)
    callers[0].cancel()
    got = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(got[0], asyncio.CancelledError)
    assert all(isinstance(session, Session) for session in got[1:])


async def test_idle_for_a_quarter_of_an_hour_ends_it(process: Process, house: House, session_id: str) -> None:
    house.clock.move(minutes=15)
    assert await process.sessions.get(session_id) is None


async def test_use_keeps_it_alive_to_the_second(process: Process, house: House, session_id: str) -> None:
    house.clock.move(seconds=50)
    assert await process.sessions.get(session_id)
    house.clock.move(minutes=14, seconds=59)
    session = await process.sessions.get(session_id)
    assert session is not None
    assert session.expires_at == house.clock.now() + minutes(15)
    house.clock.move(minutes=15)
    assert await process.sessions.get(session_id) is None


async def test_another_process_ends_it_at_most_a_minute_early(
    process: Process, house: House, session_id: str
) -> None:
    house.clock.move(seconds=59)
    assert await process.sessions.get(session_id)
    house.clock.move(minutes=14)
    other = house.open()
    assert await other.sessions.get(session_id)
    assert await process.sessions.get(session_id)


async def test_after_half_a_day_no_use_helps(process: Process, house: House, session_id: str) -> None:
    begun = house.clock.now()
    while house.clock.now() < begun + timedelta(hours=12) - minutes(14):
        session = await process.sessions.get(session_id)
        assert session is not None
        assert session.expires_at == min(house.clock.now() + minutes(15), begun + timedelta(hours=12))
        house.clock.move(minutes=14)
    session = await process.sessions.get(session_id)
    assert session is not None
    assert session.expires_at == begun + timedelta(hours=12)
    house.clock.move(minutes=14)
    assert await process.sessions.get(session_id) is None


async def test_memory_does_not_outlive_the_absolute_end(house: House, cadre: Account) -> None:
    brief = house.open(absolute=timedelta(seconds=10))
    session_id, _ = await brief.sign_in.sign_in("cadre", PASSWORD)
    house.clock.move(seconds=9.5)
    assert await brief.sessions.get(session_id)
    house.clock.move(seconds=0.5)
    assert await brief.sessions.get(session_id) is None


async def test_use_is_written_once_a_minute(process: Process, house: House, session_id: str) -> None:
    with statements(process.engine) as sent:
        for _ in range(300):
            assert await process.sessions.get(session_id)
            house.clock.move(seconds=1)
    writes = [statement for statement in sent if statement.startswith("UPDATE")]
    assert len(writes) == 4


async def test_a_short_idle_time_is_kept_as_well(house: House, process: Process, cadre: Account) -> None:
    brief = house.open(idle=timedelta(seconds=30))
    session_id, _ = await brief.sign_in.sign_in("cadre", PASSWORD)
    for _ in range(10):
        house.clock.move(seconds=27)
        assert await house.open(idle=timedelta(seconds=30)).sessions.get(session_id)
    house.clock.move(seconds=30)
    assert await brief.sessions.get(session_id) is None


async def test_ending_acts_here_at_once_and_elsewhere_within_a_second(
    process: Process, house: House, session_id: str
) -> None:
    other = house.open()
    assert await other.sessions.get(session_id)
    await process.sessions.end(session_id)
    assert await process.sessions.get(session_id) is None
    assert await other.sessions.get(session_id)
    house.clock.move(seconds=1)
    assert await other.sessions.get(session_id) is None
    await process.sessions.end(session_id)


async def test_ending_leaves_the_persons_other_sessions(process: Process, session_id: str) -> None:
    kept, _ = await process.sign_in.sign_in("cadre", PASSWORD)
    await process.sessions.end(session_id)
    assert await process.sessions.get(kept)


@pytest.mark.parametrize("everyone", [False, True])
async def test_a_reading_under_way_does_not_bring_back_what_is_ended(
    process: Process, house: House, session_id: str, everyone: bool
) -> None:
    house.clock.move(minutes=2)
    with held_up(process.engine, "UPDATE session") as gate:
        reading = asyncio.ensure_future(process.sessions.get(session_id))
        await asyncio.sleep(0.05)
        assert not reading.done()
        if everyone:
            await process.sessions.end_all("cadre")
        else:
            await process.sessions.end(session_id)
        assert await process.sessions.get(session_id) is None
        gate.set()
        await reading
    assert await process.sessions.get(session_id) is None


async def test_a_slow_readings_age_counts_from_its_beginning(
    process: Process, house: House, session_id: str
) -> None:
    house.clock.move(minutes=2)
    with held_up(process.engine, "UPDATE session") as gate:
        reading = asyncio.ensure_future(process.sessions.get(session_id))
        await asyncio.sleep(0.05)
        house.clock.move(seconds=0.9)
        gate.set()
        assert await reading
    await process.accounts.set_disabled("cadre", disabled=True)
    house.clock.move(seconds=0.1)
    assert await process.sessions.get(session_id) is None


async def test_use_not_yet_written_saves_a_session_from_the_sweep(
    process: Process, house: House, session_id: str
) -> None:
    house.clock.move(seconds=59)
    assert await process.sessions.get(session_id)
    house.clock.move(minutes=14, seconds=30)
    await house.open().sign_in.sign_in("cadre", PASSWORD)
    assert await process.sessions.get(session_id)


async def test_end_all_ends_one_persons_sessions_only(
    process: Process, house: House, session_id: str
) -> None:
    await process.enrolment.enrol(details("street"), PASSWORD)
    second, _ = await process.sign_in.sign_in("cadre", PASSWORD)
    others, _ = await process.sign_in.sign_in("street", PASSWORD)
    assert await process.sessions.end_all("cadre") == 2
    assert await process.sessions.get(session_id) is None
    assert await process.sessions.get(second) is None
    assert await process.sessions.get(others)
    assert await process.sessions.end_all("nobody") == 0


async def test_disabling_acts_on_every_process_within_a_second(
    process: Process, house: House, session_id: str
) -> None:
    other = house.open()
    assert await other.sessions.get(session_id)
    await process.accounts.set_disabled("cadre", disabled=True)
    house.clock.move(seconds=1)
    assert await process.sessions.get(session_id) is None
    assert await other.sessions.get(session_id) is None
    await process.accounts.set_disabled("cadre", disabled=False)
    assert await other.sessions.get(session_id) is None


async def test_a_disabled_account_ends_sessions_even_if_their_rows_stay(
    process: Process, house: House, session_id: str
) -> None:
    house.ask("UPDATE account SET disabled = 1")
    house.clock.move(seconds=1)
    assert await process.sessions.get(session_id) is None


async def test_changed_roles_act_within_a_second(process: Process, house: House, session_id: str) -> None:
    await process.enrolment.enrol(details("cadre", RoleInScope("street", ("310104012",))), None)
    house.clock.move(seconds=1)
    session = await process.sessions.get(session_id)
    assert session is not None
    assert session.subject.roles == (RoleInScope("street", ("310104012",)),)


async def test_a_role_ends_at_midnight_in_a_running_session(process: Process, house: House) -> None:
    today = date(2026, 11, 21)
    await process.enrolment.enrol(
        details("cadre", RoleInScope("cadre", ("310104012003",), None, today)), PASSWORD
    )
    house.clock.move(hours=15, minutes=40)
    session_id, session = await process.sign_in.sign_in("cadre", PASSWORD)
    assert session.subject.roles
    house.clock.move(minutes=10)
    again = await process.sessions.get(session_id)
    assert again is not None
    assert again.subject.roles == ()
    assert again.scope == ()


async def test_without_the_store_memory_serves_its_second_and_no_more(
    process: Process, house: House, session_id: str
) -> None:
    with house.without("session"):
        assert await process.sessions.get(session_id)
        house.clock.move(seconds=1)
        callers = (process.sessions.get(session_id) for _ in range(100))
        got = await asyncio.gather(*callers, return_exceptions=True)
        assert all(isinstance(one, StoreUnavailable) for one in got)
        with pytest.raises(StoreUnavailable):
            await process.sessions.end(session_id)
    assert await process.sessions.get(session_id)


async def test_a_store_that_hangs_is_given_up(house: House, process: Process, session_id: str) -> None:
    hasty = house.open(patience_s=0.1)
    with held_up(hasty.engine, "SELECT") as gate:
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                async with asyncio.timeout(2):
                    await hasty.sessions.get(session_id)
        gate.set()
        assert await hasty.sessions.get(session_id)


async def test_a_reading_begun_long_ago_is_not_joined(
    house: House, process: Process, session_id: str
) -> None:
    other = house.open()
    with statements(other.engine) as sent, held_up(other.engine, "SELECT") as gate:
        first = asyncio.ensure_future(other.sessions.get(session_id))
        await asyncio.sleep(0.01)
        house.clock.move(seconds=1)
        late = asyncio.ensure_future(other.sessions.get(session_id))
        await asyncio.sleep(0.01)
        assert len(sent) == 1
        gate.set()
        assert await first
        assert await late
    assert len(sent) == 2


async def test_memory_is_bounded(house: House, process: Process, cadre: Account) -> None:
    small = house.open(capacity=3)
    ids = [(await small.sign_in.sign_in("cadre", PASSWORD))[0] for _ in range(10)]
    assert len(small.sessions._kept) == 3
    for session_id in ids:
        assert await small.sessions.get(session_id)
    assert len(small.sessions._kept) == 3
    assert small.sessions._flights == {}


async def test_memory_lets_go_of_what_has_ended(process: Process, house: House, cadre: Account) -> None:
    for _ in range(5):
        await process.sign_in.sign_in("cadre", PASSWORD)
    house.clock.move(minutes=15)
    await process.sign_in.sign_in("cadre", PASSWORD)
    assert len(process.sessions._kept) == 1
