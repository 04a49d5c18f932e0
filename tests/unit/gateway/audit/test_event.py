import hashlib
import hmac
from datetime import UTC, date, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.query import Identity, IdentityKind
from gateway.audit.body import UnreadableBody, canonical, parse
from gateway.audit.chain import Head, following, genesis, new_chain
from gateway.audit.event import (
    Actor,
    Event,
    EventAction,
    EventOutcome,
    Facts,
    FieldNames,
    HeldRole,
    Verdict,
    age_band,
)
from gateway.audit.pseudonym import pseudonym
from gateway.clock import SHANGHAI
from gateway.store.tables import audit_event
from policies.model import ResourceFacts, RoleInScope, Subject, Usage

AT = datetime(2026, 11, 21, 8, 12, 30, 123456, SHANGHAI)
CHAIN = "20261121T001230.123Z-9f3a51c07be2"


def full_event() -> Event:
    return Event(
        id="0123456789abcdef0123456789abcdef",
        at=AT,
        request_id="r1",
        actor=Actor("cadre", (HeldRole("cadre", ("310104003012",)),), "某居委会"),
        session="abcdef012345",
        action=EventAction.RESIDENT_REVEAL,
        subjects=(b"\x01" * 16, b"\x02" * 16),
        facts=Facts("310104003012", "310104003", "90-94", own_household=False),
        systems={"relief": "stale", "household": "ok"},
        fields=FieldNames(("name",), ("phone",), ("registered_address",), ("id_number",)),
        purpose="visit",
        note="上门",
        decision=Verdict.ALLOW,
        rules=("cadre:household:1",),
        policy="p1",
        assurance="second_factor",
        usage=Usage(12, 3, already_seen=True),
        outcome=EventOutcome.OK,
    )


def test_the_canonical_bytes_are_fixed_for_ever() -> None:
    assert canonical(full_event(), CHAIN, 7).decode() == (
        '{"chain":"20261121T001230.123Z-9f3a51c07be2","event":{"action":"resident:reveal","actor":{'
        '"account":"cadre","organisation":"某居委会","roles":[{"role":"cadre","scope":["310104003012"]}]},'
        '"assurance":"second_factor","at":"2026-11-21T08:12:30.123456+08:00","decision":"allow","facts":{'
        '"age_band":"90-94","own_household":false,"person":true,"registered_region":"310104003012",'
        '"residence_region":"310104003"},"fields":{"masked":["phone"],"revealed":["id_number"],'
        '"shown":["name"],"withheld":["registered_address"]},"id":"0123456789abcdef0123456789abcdef",'
        '"note":"上门","outcome":"ok","policy":"p1","purpose":"visit","reason":null,"request_id":"r1",'
        '"rules":["cadre:household:1"],"session":"abcdef012345","subjects":['
        '"01010101010101010101010101010101","02020202020202020202020202020202"],"systems":{'
        '"household":"ok","relief":"stale"},"usage":{"already_seen":true,"residents":12,"reveals":3}},'
        '"seq":7}'
    )


def test_canonical_is_sorted_json() -> None:
    body = canonical(full_event(), CHAIN, 7)
    assert orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) == body


def test_a_body_is_read_back_whole() -> None:
    recorded = parse(canonical(full_event(), CHAIN, 7))
    assert (recorded.chain, recorded.seq) == (CHAIN, 7)
    assert recorded.event == full_event()


def test_an_opening_is_read_back_with_its_heads() -> None:
    heads = (Head("one", 3, b"\x07" * 32), Head("two", 1, b"\x08" * 32))
    event = Event(
        at=AT,
        request_id="",
        actor=Actor("system:gateway"),
        action=EventAction.CHAIN_OPENED,
        outcome=EventOutcome.OK,
        heads=heads,
    )
    assert parse(canonical(event, CHAIN, 1)).event == event


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"{}", b'"x"', b'{"chain":"c","seq":1,"event":{"at":"sentinel"}}']
)
def test_what_is_no_body(body: bytes) -> None:
    with pytest.raises(UnreadableBody) as raised:
        parse(body)
    assert "sentinel" not in str(raised.value)


def test_an_event_that_cannot_be_text_is_refused() -> None:
    event = Event(
        at=AT,
        request_id="\ud800",
        actor=Actor("cadre"),
        action=EventAction.AUDIT_READ,
        outcome=EventOutcome.OK,
    )
    with pytest.raises(TypeError):
        canonical(event, CHAIN, 1)


def minimal(**other: object) -> Event:
    given_: dict[str, object] = {
        "at": AT,
        "request_id": "r",
        "actor": Actor("a"),
        "action": EventAction.AUDIT_READ,
        "outcome": EventOutcome.OK,
    }
    return Event(**(given_ | other))  # type: ignore[arg-type]


def test_an_event_checks_what_would_spoil_a_group() -> None:
    with pytest.raises(ValueError, match="zone"):
        minimal(at=AT.replace(tzinfo=None))
    with pytest.raises(ValueError, match="16 bytes"):
        minimal(subjects=(b"short",))
    with pytest.raises(ValueError, match="at most 64"):
        Actor("x" * 65)


def test_a_person_stands_in_an_event_once() -> None:
    one, two = b"1" * 16, b"2" * 16
    assert minimal(subjects=(two, one, two)).subjects == (two, one)


def test_ids_differ() -> None:
    assert len({minimal().id for _ in range(100)}) == 100


def test_a_note_is_scrubbed_when_the_event_is_made_and_never_shown() -> None:
    event = minimal(note="电话13800001234 确认")
    assert event.note == "电话[number] 确认"
    assert "确认" not in repr(event)


def test_what_is_taken_of_a_policy_subject() -> None:
    role = RoleInScope("cadre", ("310104003012", "310104003013"), date(2026, 1, 1))
    subject = Subject("u1", (role,), "居委", second_factor=True, household="H1")
    assert Actor.of(subject) == Actor("u1", (HeldRole("cadre", ("310104003012", "310104003013")),), "居委")
    facts = ResourceFacts("310104003012", "310105", household="H1", age=91)
    assert Facts.of(facts, subject) == Facts("310104003012", "310105", "90-94", own_household=True)
    assert Facts.of(ResourceFacts(person=False), subject) == Facts(person=False)
    stranger = Subject("u2", (role,))
    assert Facts.of(ResourceFacts(), stranger).own_household is False


def test_no_number_of_a_household_is_taken() -> None:
    facts = Facts.of(ResourceFacts(household="H-sentinel"), Subject("u", (), household="H-sentinel"))
    assert b"sentinel" not in canonical(minimal(facts=facts), CHAIN, 1)


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (None, ""),
        (0, "0-13"),
        (13, "0-13"),
        (14, "14-17"),
        (17, "14-17"),
        (18, "18-59"),
        (59, "18-59"),
        (60, "60-64"),
        (79, "75-79"),
        (80, "80-84"),
        (89, "85-89"),
        (90, "90-94"),
        (99, "95-99"),
        (100, "100+"),
        (113, "100+"),
    ],
)
def test_age_bands(age: int | None, band: str) -> None:
    assert age_band(age) == band


def test_actions_are_alphabetical_and_fit_the_index() -> None:
    values = [action.value for action in EventAction]
    assert values == sorted(values)
    assert max(map(len, values)) <= audit_event.c.action.type.length  # type: ignore[attr-defined]


# --- chain and pseudonym


def test_a_hash_is_what_its_docstring_says() -> None:
    first = following(genesis(CHAIN), b"one")
    assert first.seq == 1
    assert (
        first.hash == hashlib.sha256(bytes(32) + CHAIN.encode() + b"\0" + bytes(7) + b"\1" + b"one").digest()
    )
    second = following(first, b"two")
    assert second == Head(
        CHAIN, 2, hashlib.sha256(first.hash + CHAIN.encode() + b"\0" + bytes(7) + b"\2" + b"two").digest()
    )


def test_names_of_chains_sort_by_time_and_fit_the_table() -> None:
    name = new_chain(AT)
    assert name.startswith("20261121T001230.123Z-")
    assert len(name) <= audit_event.c.chain.type.length  # type: ignore[attr-defined]
    assert new_chain(AT) != name
    assert name < new_chain(datetime(2026, 11, 21, 0, 12, 30, 124000, UTC))


def test_a_pseudonym_is_what_its_docstring_says() -> None:
    identity = Identity(IdentityKind.CITIZEN, "319999195001011234")
    expected = hmac.new(b"key", b"citizen\x00319999195001011234", "sha256").digest()[:16]
    assert pseudonym(b"key", identity) == expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_kind_and_number_never_run_together(one: str, two: str) -> None:
    numbers = [Identity(kind, number) for kind in IdentityKind for number in {one, two}]
    assert len({pseudonym(b"key", identity) for identity in numbers}) == len(numbers)
    assert pseudonym(b"key", numbers[0]) != pseudonym(b"other", numbers[0])
