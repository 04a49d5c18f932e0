from datetime import date, timedelta

import pytest

from gateway.audit.event import Actor, EventAction, EventOutcome, FieldNames
from gateway.audit.usage import UsageCounters
from gateway.errors import StoreUnavailable
from policies.model import Usage
from tests.unit.gateway.audit.trail import Trail

TODAY = date(2026, 11, 21)
ANN, BEN, CAI = (bytes([n]) * 16 for n in (1, 2, 3))
LOOKED = (
    EventAction.RESIDENT_READ,
    EventAction.RESIDENT_LOOKUP,
    EventAction.HOUSEHOLD_READ,
    EventAction.RESIDENT_REVEAL,
)


def test_nobody_has_looked_yet() -> None:
    assert UsageCounters().of("cadre", ANN, TODAY) == Usage()


def test_residents_are_counted_once_and_reveals_each_time(trail: Trail) -> None:
    counters = UsageCounters()
    for action in LOOKED:
        counters.count(trail.event(action=action, subjects=(ANN,)))
    counters.count(trail.event(action=EventAction.HOUSEHOLD_READ, subjects=(ANN, BEN)))
    counters.count(trail.event(action=EventAction.RESIDENT_REVEAL, subjects=(ANN,)))
    assert counters.of("cadre", ANN, TODAY) == Usage(2, 2, already_seen=True)
    assert counters.of("cadre", CAI, TODAY) == Usage(2, 2, already_seen=False)
    assert counters.of("cadre", None, TODAY) == Usage(2, 2, already_seen=False)
    assert counters.of("street", ANN, TODAY) == Usage()


@pytest.mark.parametrize("action", sorted(set(EventAction) - set(LOOKED)))
def test_what_shows_no_record_costs_nothing(trail: Trail, action: EventAction) -> None:
    counters = UsageCounters()
    counters.count(trail.event(action=action, subjects=(ANN,)))
    assert counters.of("cadre", ANN, TODAY) == Usage()


def test_a_tail_that_finds_people_costs_a_reveal_for_each(trail: Trail) -> None:
    confirmed = FieldNames(shown=("name",), revealed=("phone",))
    found = trail.event(action=EventAction.RESIDENT_SEARCH, subjects=(ANN, BEN), fields=confirmed)
    counters = UsageCounters()
    counters.count(found)
    assert counters.of("cadre", ANN, TODAY) == Usage(0, 2, already_seen=False)


@pytest.mark.parametrize("outcome", sorted(set(EventOutcome) - {EventOutcome.OK}))
def test_what_was_refused_costs_nothing(trail: Trail, outcome: EventOutcome) -> None:
    counters = UsageCounters()
    counters.count(trail.event(action=EventAction.RESIDENT_REVEAL, outcome=outcome, subjects=(ANN,)))
    assert counters.of("cadre", ANN, TODAY) == Usage()


def test_the_day_ends_at_midnight_in_shanghai(trail: Trail) -> None:
    counters = UsageCounters()
    trail.clock.at = trail.clock.at.replace(hour=23, minute=59)
    late = trail.event(subjects=(ANN,))
    counters.count(late)
    assert counters.of("cadre", ANN, TODAY).residents == 1
    tomorrow = TODAY + timedelta(days=1)
    assert counters.of("cadre", ANN, tomorrow) == Usage()
    # Recorded before midnight, counted after it.
    counters.count(late)
    assert counters.of("cadre", ANN, tomorrow) == Usage()
    trail.clock.move(minutes=1)
    counters.count(trail.event(subjects=(BEN,)))
    assert counters.of("cadre", BEN, tomorrow) == Usage(1, 0, already_seen=True)
    # The clock goes back: nothing is given away.
    assert counters.of("cadre", BEN, TODAY).residents == 1


def test_a_full_memory_makes_quotas_narrower(trail: Trail) -> None:
    counters = UsageCounters(remembered=2)
    for subject in (ANN, BEN, CAI, CAI, ANN):
        counters.count(trail.event(subjects=(subject,)))
    assert counters.of("cadre", ANN, TODAY) == Usage(4, 0, already_seen=True)
    assert counters.of("cadre", CAI, TODAY) == Usage(4, 0, already_seen=False)


async def test_the_writer_feeds_them(trail: Trail) -> None:
    async with trail.opened() as running:
        await running.writer.append(trail.event(subjects=(ANN,)))
        assert running.usage.of("cadre", ANN, TODAY) == Usage(1, 0, already_seen=True)
        trail.sql("ALTER TABLE audit_event RENAME TO away")
        with pytest.raises(StoreUnavailable):
            await running.writer.append(trail.event(subjects=(BEN,)))
        trail.sql("ALTER TABLE away RENAME TO audit_event")
        assert running.usage.of("cadre", BEN, TODAY) == Usage(1, 0, already_seen=False)


async def test_a_new_start_counts_the_day_anew(trail: Trail) -> None:
    trail.clock.move(days=-1)
    async with trail.opened() as running:
        await running.writer.append(trail.event(subjects=(CAI,)))
    trail.clock.move(days=1)
    async with trail.opened() as running:
        await running.writer.append(trail.event(subjects=(ANN, BEN), action=EventAction.HOUSEHOLD_READ))
        await running.writer.append(trail.event(subjects=(ANN,), action=EventAction.RESIDENT_REVEAL))
        await running.writer.append(trail.event(subjects=(BEN,), actor=Actor("street")))
    async with trail.opened() as running:
        assert running.usage.of("cadre", ANN, TODAY) == Usage(2, 1, already_seen=True)
        assert running.usage.of("cadre", CAI, TODAY) == Usage(2, 1, already_seen=False)
        assert running.usage.of("street", BEN, TODAY) == Usage(1, 0, already_seen=True)


async def test_more_than_a_page_is_counted_anew(trail: Trail) -> None:
    await trail.written(1100, together=275)
    async with trail.opened() as running:
        assert running.usage.of("cadre", None, TODAY).residents == 1100


async def test_a_record_that_cannot_be_read_keeps_nobody_out(trail: Trail) -> None:
    await trail.written(3)
    trail.sql("UPDATE audit_event SET body = 'junk' WHERE seq = 2")
    async with trail.opened() as running:
        assert running.usage.of("cadre", None, TODAY).residents == 2
