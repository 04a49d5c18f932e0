"""No field leaves that no rule lets out: random policies, readers, people and outages, through all steps.

What may leave is worked out here from the cards and the engine's decisions alone, value by value; the engine
has an oracle of its own (test_engine.py). Every raw value is unlike any other, so that a leak shows wherever
it comes out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from connectors.sdk import FindHousehold, FindPerson, Identity, Kind
from gateway.audit.recorder import Recorder
from gateway.audit.usage import UsageCounters
from gateway.cache.memory import MemoryCache
from gateway.errors import Denied, NotFoundInScope, SourceUnavailable
from gateway.model import Call, Outcome, Person, SearchPeople, SourceState
from gateway.pipeline.build import build
from gateway.pipeline.mask import ROW
from gateway.residents.merge import age_on
from gateway.residents.tokens import Tokens
from gateway.tasks import Tasks
from gateway.upstream.system import fields_of
from gateway.web import respond
from policies.documents import Forbid, Grant, Purpose, Quota, Reveal, Role, Where
from policies.engine import Engine
from policies.masks import mask
from policies.model import OWN_AREA, Action, Decision, Effect, ResourceFacts, RoleInScope, Subject, Usage
from tests.unit.gateway.audit.trail import Open, Trail
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, THERE, Card, CardConnector, Cards, citizen, line

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.sdk import Value

SYSTEMS = ("household", "elderly", "relief")
BASE = "household"
FIELDS = fields_of(CardConnector("http://cards.test", CardConnector.settings_type()))
PEOPLE = range(1, 4)
REVEALED = [("phone",), ("id_number",), ("name",), ("phone", "id_number")]
PURPOSES = {
    "visit": Purpose(title="上门走访", title_en="Visit", opens={"phone": 60, "id_number": 30, "name": 60}),
    "daily_service": Purpose(title="日常服务", title_en="Daily service"),
}
LOOKS = (Action.SEARCH, Action.READ)
STREET, CITY = HERE[:9], HERE[:6]
TODAY = StillClock().today()
WIDTH = [Effect.WITHHOLD, Effect.MASK, Effect.SHOW]


# ---- random policies


def some(values: Any, at_least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(list(values)), unique=True, min_size=at_least, max_size=4).map(tuple)


EFFECTS = st.sampled_from([Effect.SHOW, Effect.MASK, Effect.SHOW, Effect.WITHHOLD, Effect.MASK, None])
# What lets people out comes often: a test of refusals alone would show nothing.
wheres = st.builds(
    Where,
    region=st.sampled_from(["own", "any", "own", "own", "residence", "registered"]),
    age_from=st.sampled_from([None, None, None, 80]),
    household=st.sampled_from([None, None, None, None, "own"]),
    children=st.sampled_from([tuple(PURPOSES), ()]),
)
grants = st.builds(
    Grant,
    system=st.sampled_from([*SYSTEMS, BASE, BASE]),
    actions=st.sampled_from([LOOKS, LOOKS, LOOKS[:1], LOOKS[1:]]),
    where=wheres,
    fields=st.lists(EFFECTS, min_size=len(FIELDS), max_size=len(FIELDS)).map(
        lambda effects: {name: one for name, one in zip(FIELDS, effects, strict=True) if one is not None}
    ),
)
forbids = st.builds(
    Forbid, actions=some([Action.READ, Action.SEARCH], 1), systems=some(SYSTEMS), fields=some(FIELDS)
)
reveals = st.builds(
    Reveal,
    fields=st.sampled_from([("phone", "id_number"), ("phone", "name"), ("id_number",)]),
    purposes=st.sampled_from([("visit",), ("visit", "daily_service")]),
    for_seconds=st.sampled_from([30, 60]),
)


def role(name: str) -> st.SearchStrategy[Role]:
    return st.builds(
        Role,
        role=st.just(name),
        title=st.just(name),
        grants=st.lists(grants, min_size=2, max_size=6).map(tuple),
        reveal=st.lists(reveals, min_size=1, max_size=3).map(tuple),
        forbid=st.sampled_from([0, 0, 0, 1]).flatmap(
            lambda count: st.lists(forbids, min_size=count, max_size=count).map(tuple)
        ),
        quota=st.builds(
            Quota,
            residents_per_day=st.sampled_from([None, None, 2]),
            reveals_per_day=st.sampled_from([None, None, 2]),
        ),
    )


subjects = st.lists(
    st.builds(
        RoleInScope,
        st.sampled_from(["a", "b"]),
        st.sampled_from([(HERE,), (HERE,), (HERE, THERE), (STREET,), (CITY,)]),
        valid_until=st.sampled_from([None, None, None, TODAY]),
    ),
    min_size=1,
    max_size=2,
).flatmap(
    lambda held: st.sampled_from([None, "H1", "H2"]).map(
        lambda household: Subject("lu", tuple(held), household=household)
    )
)


KINDS = ["search", "reveal", "read", "household", "search", "reveal", "read", "by_number"]
FAULTS = ["", "", "", "down", "garbage", "nobody", "else", "hung"]


# ---- random people: every raw value is unlike any other


def cards_of(system: int, person: int, born: date, regions: tuple[str, str]) -> Card:
    mark = f"{system}{person}"
    return Card(
        identity=citizen(person),
        local_id=f"L{mark}",
        household="H1" if person < 3 else "H2",
        residence_region=regions[0],
        registered_region=regions[1],
        name=f"姓名甲{mark}乙",
        gender=f"性别{mark}",
        birth_date=born + timedelta(days=system),
        id_number=f"{mark}9999199001011{mark}8",
        phone=f"138{mark}1234{mark}",
        door=f"{mark}-7{mark}",
        care_level=f"护理{mark}级",
        relief_benefits=f"救助{mark}元",
        tags=(f"标签{mark}", f"另签{mark}"),
    )


# By the base register the first is 80 and the last 14 from tomorrow on.
BIRTHS = (date(1946, 11, 21), date(1990, 7, 8), date(2012, 11, 21))
REGIONS = [(HERE, HERE), (HERE, HERE), (HERE, THERE), (THERE, THERE), (THERE, HERE), ("", HERE), ("", "")]


@dataclass(frozen=True)
class World:
    """One random situation."""

    roles: dict[str, Role]
    subject: Subject
    purpose: str
    cards: dict[str, list[Card]]
    faults: dict[str, str]
    kind: str
    about: int
    reveal: tuple[str, ...]
    text: str
    today: date
    usage: Usage
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        engine = Engine(self.roles, PURPOSES, dict.fromkeys(SYSTEMS, FIELDS), "random")
        object.__setattr__(self, "engine", engine)

    @property
    def action(self) -> Action:
        kinds = {"reveal": Action.REVEAL, "search": Action.SEARCH, "by_number": Action.SEARCH}
        return kinds.get(self.kind, Action.READ)

    @property
    def query(self) -> FindPerson | FindHousehold | SearchPeople:
        if self.kind == "search":
            return SearchPeople(self.text, 50)
        return FindHousehold("H1") if self.kind == "household" else FindPerson(citizen(self.about))

    def card(self, system: str, identity: Identity) -> Card | None:
        return next((one for one in self.cards[system] if one.identity == identity), None)

    def facts(self, identity: Identity) -> ResourceFacts:
        card = self.card(BASE, identity)
        if card is None:
            return ResourceFacts()
        return ResourceFacts(
            card.registered_region,
            card.residence_region,
            card.household,
            age_on(self.today, card.birth_date) if card.birth_date else None,
        )

    def decide(self, system: str, facts: ResourceFacts, action: Action | None = None) -> Decision:
        return self.engine.decide(
            self.subject, action or self.action, system, facts, self.purpose, self.today, self.usage
        )

    def place(self, system: str, identity: Identity) -> Decision:
        if self.kind == "search":
            return self.decide(system, OWN_AREA)
        if self.kind == "household":
            first = next(one for one in self.cards[BASE] if one.household == "H1").identity
            facts = self.facts(first)
            return self.decide(system, replace(facts, person=False))
        return self.decide(system, self.facts(identity))

    def effect(self, system: str, identity: Identity, name: str) -> Effect:
        """Return the narrower of both decisions."""
        both = (self.place(system, identity), self.decide(system, self.facts(identity)))
        if not all(one.allow for one in both):
            return Effect.WITHHOLD
        return min((one.fields[name] for one in both), key=WIDTH.index)

    def opened(self, system: str, identity: Identity, name: str) -> bool:
        both = (self.place(system, identity), self.decide(system, self.facts(identity)))
        return self.kind == "reveal" and name in self.reveal and all(name in one.reveal_s for one in both)

    def may_leave(self, identity: Identity, system: str, name: str) -> list[tuple[object, bool]]:
        """Return what may leave of one field of one system: (value, masked), or nothing."""
        card = self.card(system, identity)
        raw = value_of(card, name, self.today) if card else None
        if raw is None:
            return []
        effect = self.effect(system, identity, name)
        if effect is Effect.SHOW or (effect is Effect.MASK and self.opened(system, identity, name)):
            return [(raw, False)]
        if effect is Effect.MASK and self.kind != "reveal":
            kind = Card.kinds.get(name, Kind.PLAIN)
            return [(mask(kind, raw), True)]
        return []


def value_of(card: Card, name: str, today: date) -> Value | None:
    if name == "age":
        return age_on(today, card.birth_date) if card.birth_date else None
    value: Value | None = getattr(card, name)
    return value


USAGES = st.sampled_from([Usage(), Usage(), Usage(1, 1), Usage(2, 2), Usage(2, 2, already_seen=True)])


@st.composite
def mornings(draw: st.DrawFn) -> list[World]:
    """Draw several looks of two readers at the same people: what one was shown must not reach the other.

    Meanwhile midnight may pass, another policy come into force, and a quota be used up.
    """
    cards: dict[str, list[Card]] = {name: [] for name in SYSTEMS}
    for person in PEOPLE:
        regions = draw(st.sampled_from(REGIONS))
        for number, name in enumerate(SYSTEMS, start=1):
            if draw(st.sampled_from([True, True, True, False])):
                cards[name].append(cards_of(number, person, BIRTHS[person - 1], regions))
    policies = [{name: draw(role(name)) for name in ("a", "b")} for _ in range(2)]
    faults = {name: draw(st.sampled_from(FAULTS)) for name in SYSTEMS[1:]}
    system = draw(st.sampled_from([BASE, BASE, *SYSTEMS]))
    texts = [word for card in cards[system] for word in words(card)] or ["无"]
    readers = [draw(subjects), draw(subjects)]
    looks: list[World] = []
    roles, today = policies[0], TODAY
    for _ in range(draw(st.integers(1, 5))):
        if draw(st.sampled_from([False, False, False, True])):
            roles = draw(st.sampled_from(policies))
        if draw(st.sampled_from([False, False, False, True])):
            today = TODAY + timedelta(days=1)
        kind = draw(st.sampled_from(KINDS))
        look = World(
            roles=roles,
            subject=draw(st.sampled_from(readers)),
            purpose=draw(st.sampled_from(list(PURPOSES))),
            cards=cards,
            faults=faults,
            kind=kind,
            about=draw(st.sampled_from([1, 1, *PEOPLE])),
            reveal=draw(st.sampled_from(REVEALED)) if kind == "reveal" else (),
            text=draw(st.sampled_from(texts)),
            today=today,
            usage=draw(USAGES),
        )
        looks.append(look)
    return looks


def words(card: Card) -> list[str]:
    texts = [card.name, (card.phone or "")[-4:], (card.id_number or "")[-4:], card.door, *(card.tags or ())]
    return ["80+", "xm", *(text for text in texts if text)]


# ---- the pipeline under test


@pytest.fixture
async def audit(tmp_path: Path) -> AsyncIterator[Open]:
    async with Trail(tmp_path).opened() as opened:
        yield opened


def ill(cards: Cards, fault: str) -> None:
    if fault == "down":
        cards.always = httpx.Response(500)
    elif fault == "garbage":
        cards.always = httpx.Response(200, content="姓名甲99乙".encode("gb18030"))
    elif fault == "nobody":
        cards.cards.clear()
    elif fault == "else":
        cards.cards[:] = [one.model_copy(update={"identity": citizen(9)}) for one in cards.cards]
    elif fault == "hung":
        cards.open.clear()


class Used(Recorder):
    """Records as always, and says that as much is used as a test wants."""

    usage = Usage()

    def usage_of(self, call: Call) -> Usage:
        return self.usage


async def asked(looks: list[World], audit: Open) -> list[Outcome | None]:
    """Return what one pipeline lets out at each look, None where it refuses."""
    clock, tasks, world = StillClock(), Tasks(), looks[0]
    systems = {name: Cards(list(world.cards[name])) for name in SYSTEMS}
    listed = any(look.kind == "search" for look in looks)
    for name, fault in world.faults.items():
        # In a list others than were asked for are no fault.
        ill(systems[name], "nobody" if fault == "else" and listed else fault)
    # Answers outlast the change of day, so that what was made of them is looked at again.
    clock.at = clock.at.replace(hour=23, minute=59)
    lines = {
        name: line(name, cards, clock, tasks, retry=False, ttl_s=3600.0) for name, cards in systems.items()
    }
    recorder = Used(audit.writer, UsageCounters(), bytes(32), lambda: world.engine, clock)
    cache = MemoryCache(bytes(32), clock)
    pipeline = build(lines, BASE, lambda: world.engine, recorder, cache, clock, tasks)
    hung = "hung" in world.faults.values()
    outcomes: list[Outcome | None] = []
    try:
        for look in looks:
            world, recorder.usage = look, look.usage
            if look.today != clock.today():
                clock.move(minutes=1)
            call = Call(
                action=look.action,
                subject=look.subject,
                query=look.query,
                purpose=look.purpose,
                request_id="r",
                session="s",
                answer_by=clock.monotonic() + (0.05 if hung else 5),
                named_by_id=look.kind == "by_number",
                reveal=look.reveal,
            )
            try:
                outcomes.append(await pipeline.run(call))
            except (Denied, NotFoundInScope, SourceUnavailable):
                outcomes.append(None)
    finally:
        for cards in systems.values():
            cards.open.set()
        await tasks.close()
    return outcomes


def let_out(outcome: Outcome) -> Iterator[tuple[Person, str, str, object, bool]]:
    for person in outcome.people:
        for name, values in person.fields.items():
            for value in values:
                yield person, value.source, name, value.value, value.masked


@given(mornings())
@settings(
    max_examples=150,
    # One audit log serves all examples: it keeps nothing that a later one reads.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_nothing_leaves_that_no_rule_lets_out(audit: Open, looks: list[World]) -> None:
    for world, outcome in zip(looks, await asked(looks, audit), strict=True):
        event(f"{world.kind}: {'refused' if outcome is None else 'people' if outcome.people else 'nobody'}")
        if outcome is not None:
            check(world, outcome)


def check(world: World, outcome: Outcome) -> None:
    for person, system, name, value, masked in let_out(outcome):
        assert (value, masked) in world.may_leave(person.identity, system, name)
    for person in outcome.people:
        if world.action is Action.SEARCH:
            assert set(person.fields) <= ROW
        elif world.kind == "reveal":
            assert set(person.fields) <= set(world.reveal)
        else:
            complete_for(world, outcome, person)
        assert_withheld(world, person)
        assert_no_raw_value_in_json(world, person, outcome)
    if world.kind == "search":
        assert_found_by_what_is_seen(world, outcome)


def complete_for(world: World, outcome: Outcome, person: Person) -> None:
    """What the rules let out of a system that answered has left: an empty answer is no proof."""
    for system, status in (person.sources or outcome.sources).items():
        if status.status is not SourceState.OK:
            continue
        for name in FIELDS:
            found = [(one.value, one.masked) for one in person.fields.get(name, ()) if one.source == system]
            assert found == world.may_leave(person.identity, system, name)


def assert_withheld(world: World, person: Person) -> None:
    """A field counts as withheld when no system would let it out to this reader, whatever there is."""
    for name in FIELDS:
        effects = [
            decision.fields[name]
            for system in SYSTEMS
            if (decision := world.place(system, person.identity)).allow
            and (row := world.decide(system, world.facts(person.identity))).allow
            and row.fields[name] is not Effect.WITHHOLD
        ]
        assert (name in person.withheld) is all(effect is Effect.WITHHOLD for effect in effects)
        assert not (name in person.withheld and name in person.fields)


def assert_no_raw_value_in_json(world: World, person: Person, outcome: Outcome) -> None:
    text = respond.record(person, outcome.sources, Tokens(bytes(range(64)))).decode()
    for system in SYSTEMS:
        for card in world.cards[system]:
            for name in Card.kinds:
                shown = card.identity == person.identity and (
                    world.effect(system, card.identity, name) is Effect.SHOW
                    or world.opened(system, card.identity, name)
                )
                for raw in raw_texts(getattr(card, name)):
                    assert shown or raw not in text, (system, name)
    assert person.identity.number not in text


def raw_texts(value: Value | None) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value.isoformat(),) if isinstance(value, date) else (str(value),)


def assert_found_by_what_is_seen(world: World, outcome: Outcome) -> None:
    """Whoever is found matched in a field that this reader sees, or by a tail that the purpose opens."""
    for person in outcome.people:
        assert any(
            matches(world.text, name, value_of(card, name, world.today))
            and (
                world.effect(system, person.identity, name) is Effect.SHOW
                or (
                    world.effect(system, person.identity, name) is Effect.MASK
                    and name in {"phone", "id_number"}
                    and name in world.decide(system, world.facts(person.identity), Action.REVEAL).reveal_s
                )
            )
            for system in SYSTEMS
            if (card := world.card(system, person.identity)) is not None
            for name in ("name", "phone", "id_number", "door", "tags", "age")
        )


def matches(text: str, name: str, value: Value | None) -> bool:
    if name == "age":
        return text == "80+" and isinstance(value, int) and value >= 80
    if isinstance(value, tuple):
        return text in value
    if name == "name":
        return text in str(value) or text == "xm"
    return str(value).startswith(text) or str(value).endswith(text)
