"""audited: no answer without a durable record, and no value in the record."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from connectors.sdk import FindHousehold, FindPerson, Kind
from gateway.audit.event import Event, EventAction, EventOutcome, FieldNames, Verdict
from gateway.clock import SHANGHAI
from gateway.errors import Denied, NotFoundInScope, QuotaUsedUp, SourceUnavailable, StoreUnavailable
from gateway.model import Call, FieldValue, Outcome, Person, SearchPeople
from gateway.pipeline.audited import audited, names_of
from policies.model import Action, Reason, ResourceFacts
from tests.unit.gateway.pipeline.cards import HERE, THERE, card, citizen
from tests.unit.gateway.pipeline.hamlet import Hamlet, hamlet, reader

AT_HOME, ELSEWHERE, UNKNOWN = (FindPerson(citizen(number)) for number in (1, 2, 3))
NAME, PHONE = "陈桂芳", "13800006021"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Hamlet]:
    households = [
        card(1, name=NAME, phone=PHONE, door="3-502"),
        card(2, residence_region=THERE, registered_region=THERE),
    ]
    async with hamlet(tmp_path, households, [card(1, care_level="二级")], [card(1)]) as running:
        yield running


@contextmanager
def locked(town: Hamlet) -> Iterator[None]:
    """Hold the database's one write lock, as another program may."""
    with closing(sqlite3.connect(town.trail.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def last(town: Hamlet) -> Event:
    return (await town.events())[-1]


async def test_the_answer_waits_for_its_record(town: Hamlet) -> None:
    with locked(town):
        answer = asyncio.ensure_future(town.ask(AT_HOME))
        await asyncio.sleep(0.1)
        assert not answer.done()
    assert (await answer).people
    stored = town.trail.sql("SELECT body FROM audit_event ORDER BY seq")
    assert len(stored) == 2, "the opening of the chain, and the look"


async def test_without_a_record_nothing_is_disclosed(town: Hamlet) -> None:
    with locked(town), pytest.raises(StoreUnavailable):
        await town.ask(AT_HOME)
    assert await town.events() == []


async def test_a_refusal_that_cannot_be_recorded_is_not_answered_either(town: Hamlet) -> None:
    with locked(town), pytest.raises(StoreUnavailable):
        await town.ask(ELSEWHERE)


async def test_an_answer_is_recorded_with_all_that_decided_it(town: Hamlet) -> None:
    call = town.call(AT_HOME)
    await town.pipeline.run(call)
    event = await last(town)
    assert (event.action, event.outcome, event.decision) == (
        EventAction.RESIDENT_READ,
        EventOutcome.OK,
        Verdict.ALLOW,
    )
    assert event.request_id == call.request_id
    assert (event.actor.account, event.actor.roles[0].role, event.actor.roles[0].scope) == (
        "lu",
        "cadre",
        (HERE,),
    )
    assert event.subjects == (town.recorder.pseudonym(AT_HOME.identity),)
    assert (event.facts.residence_region, event.facts.age_band, event.facts.person) == (HERE, "90-94", True)
    assert event.systems == {"household": "ok", "elderly": "ok", "relief": "ok"}
    assert event.rules == ("cadre:household:1", "cadre:elderly:1", "cadre:relief:1")
    assert (event.purpose, event.policy, event.session) == ("daily_service", "v1", "0123456789abcdef")


async def test_fields_are_recorded_by_how_they_left(town: Hamlet) -> None:
    await town.ask(AT_HOME)
    assert (await last(town)).fields == FieldNames(
        shown=("age", "birth_date", "care_level", "door", "name"),
        masked=("id_number", "phone"),
    )
    await town.ask(AT_HOME, action=Action.REVEAL, reveal=("phone",), purpose="visit", note="电话约时间")
    event = await last(town)
    assert event.action is EventAction.RESIDENT_REVEAL
    assert (event.fields.shown, event.fields.masked, event.fields.revealed) == ((), (), ("phone",))
    assert event.note == "电话约时间"
    await town.ask(AT_HOME, subject=reader("service"))
    event = await last(town)
    assert event.fields.shown == ("age", "care_level", "door", "name")
    assert {"id_number", "phone", "relief_benefits"} <= set(event.fields.withheld)


async def test_a_look_is_named_by_what_was_asked(town: Hamlet) -> None:
    await town.ask(AT_HOME, named_by_id=True)
    await town.ask(FindHousehold("H1"))
    await town.ask(SearchPeople("桂芳", 20))
    assert [event.action for event in await town.events()] == [
        EventAction.RESIDENT_LOOKUP,
        EventAction.HOUSEHOLD_READ,
        EventAction.RESIDENT_SEARCH,
    ]
    someone = (town.recorder.pseudonym(AT_HOME.identity),)
    assert [event.subjects for event in await town.events()] == [someone] * 3


async def test_an_unknown_person_and_one_elsewhere_leave_the_same_record(town: Hamlet) -> None:
    for query in (UNKNOWN, ELSEWHERE):
        with pytest.raises(NotFoundInScope):
            await town.ask(query, named_by_id=True)
    unknown, elsewhere = await town.events()
    assert unknown.outcome is EventOutcome.NOT_FOUND_IN_SCOPE
    assert elsewhere.subjects == (town.recorder.pseudonym(ELSEWHERE.identity),)
    same = {"id": "", "request_id": "", "subjects": ()}
    assert replace(unknown, **same) == replace(elsewhere, **same)  # type: ignore[arg-type]


async def test_a_refusal_is_recorded_with_its_rule(town: Hamlet) -> None:
    with pytest.raises(Denied):
        await town.ask(ELSEWHERE)
    event = await last(town)
    assert (event.outcome, event.decision, event.rules, event.reason) == (
        EventOutcome.DENIED,
        Verdict.DENY,
        ("default-deny",),
        "out_of_scope",
    )
    assert event.fields == FieldNames()


async def test_a_used_up_quota_is_recorded(town: Hamlet) -> None:
    for _ in range(2):
        await town.ask(AT_HOME, action=Action.REVEAL, reveal=("phone",), purpose="visit")
    with pytest.raises(QuotaUsedUp):
        await town.ask(AT_HOME, action=Action.REVEAL, reveal=("phone",), purpose="visit")
    event = await last(town)
    assert (event.outcome, event.reason, event.usage.reveals) == (EventOutcome.DENIED, "quota", 2)


async def test_an_outage_is_recorded(town: Hamlet) -> None:
    town.household.password = "changed"
    with pytest.raises(SourceUnavailable):
        await town.ask(AT_HOME)
    assert (await last(town)).outcome is EventOutcome.UNAVAILABLE


async def test_a_defect_of_ours_is_recorded(town: Hamlet) -> None:
    async def broken(_call: Call) -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await audited(broken, town.recorder)(town.call(AT_HOME))
    event = await last(town)
    assert (event.outcome, event.decision) == (EventOutcome.ERROR, None)


async def test_no_value_of_anybody_stands_in_the_store(town: Hamlet) -> None:
    await town.ask(AT_HOME, note=f"找{PHONE}的家属")
    await town.ask(AT_HOME, action=Action.REVEAL, reveal=("id_number", "phone"), purpose="visit")
    await town.ask(SearchPeople(NAME, 20))
    with pytest.raises(Denied):
        await town.ask(ELSEWHERE)
    stored = b"".join(file.read_bytes() for file in town.trail.folder.iterdir())
    assert b"daily_service" in stored
    for secret in (NAME, PHONE, AT_HOME.identity.number, ELSEWHERE.identity.number, "3-502"):
        assert secret.encode() not in stored


async def test_reasons_are_words_of_the_policy(town: Hamlet) -> None:
    async def refuse(_call: Call) -> Outcome:
        raise Denied("cadre:forbid:1", Reason.FORBIDDEN)

    with pytest.raises(Denied):
        await audited(refuse, town.recorder)(town.call(AT_HOME))
    assert ((await last(town)).rules, (await last(town)).reason) == (("cadre:forbid:1",), "forbidden")


def view(shown: str, masked: str, withheld: str, opened: str) -> Person:
    """Return a person as a reader may see them; fields are single letters."""
    as_of = datetime(2026, 11, 21, tzinfo=SHANGHAI)
    return Person(
        citizen(1),
        None,
        ResourceFacts(),
        fields={
            name: (FieldValue("x", "relief", as_of, Kind.FREE, masked=name in masked),)
            for name in shown + masked + opened
        },
        withheld=dict.fromkeys(withheld, "rule"),
        opened_s=dict.fromkeys(opened, 60),
    )


def test_of_several_people_a_field_counts_by_the_most_that_left_of_it() -> None:
    one, two = view(shown="ab", masked="cdg", withheld="ef", opened=""), view("ce", "a", "d", opened="bg")
    together = names_of([one, two, one])
    assert together == FieldNames(
        shown=("a", "c", "e"), masked=("d",), withheld=("d", "e", "f"), revealed=("b", "g")
    )
    assert names_of([one]) == FieldNames(("a", "b"), ("c", "d", "g"), ("e", "f"))
    assert names_of([]) == FieldNames()
