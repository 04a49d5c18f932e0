"""mask: decide again for every merged person and keep only what both decisions allow, in the shape they ask.

The only step that lets fields out. Fails closed: a field without an effect, or a person no permit matches, is
dropped.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.errors import Denied
from gateway.model import SearchPeople
from policies.masks import mask as masked
from policies.model import DEFAULT_DENY, Action, Effect, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.clock import Clock
    from gateway.model import Call, FieldValue, Outcome, Person
    from gateway.pipeline.authorize import UsageOf
    from gateway.pipeline.step import Step
    from policies.engine import Engine
    from policies.model import Decision, ResourceFacts

    Decide = Callable[[Action, str, ResourceFacts], Decision]
    Decisions = Mapping[str, Decision]
    Effects = Mapping[tuple[str, str], Effect]
    Opened = Mapping[tuple[str, str], int]
    """(field, system) -> seconds."""

ROW = frozenset({"age", "door", "gender", "name", "tags"})
"""Fields of a row of a search; the rest stays until a file is opened."""

TAILED = frozenset({"id_number", "phone"})
"""Masked fields whose tail may find a person, for a purpose that opens them; other matches must be seen."""

_WIDTH = {Effect.WITHHOLD: 0, Effect.MASK: 1, Effect.SHOW: 2}


def mask(step: Step, policy: Callable[[], Engine], usage_of: UsageOf, clock: Clock) -> Step:
    """Make the step; the limit of a search counts the rows that are let out."""

    async def disclosed(call: Call) -> Outcome:
        outcome = await step(call)
        engine, usage, today = policy(), usage_of(call), clock.today()

        def decide(action: Action, system: str, facts: ResourceFacts) -> Decision:
            return engine.decide(call.subject, action, system, facts, call.purpose, today, usage)

        views: list[Person] = []
        limit = call.query.limit if isinstance(call.query, SearchPeople) else None
        for person in outcome.people:
            view = _view(person, call, decide)
            if view is not None:
                views.append(view)
            if len(views) == limit:
                break
        return replace(outcome, people=tuple(views))

    return disclosed


def _view(person: Person, call: Call, decide: Decide) -> Person | None:
    """Return the person as this reader may see it, None when no permit covers it."""
    place = {system: decision for system, decision in call.decisions.items() if decision.allow}
    rows = {system: decide(call.action, system, person.facts) for system in place}
    if not any(row.allow for row in rows.values()):
        return None
    effects = {
        (name, system): min(place[system].fields[name], effect, key=_WIDTH.__getitem__)
        for system, row in rows.items()
        for name, effect in row.fields.items()
    }
    confirmed = _confirmed(person, effects, decide)
    if confirmed is None:
        return None
    opened = _opened(call, rows) if call.action is Action.REVEAL else {}
    fields = _fields(person, call, effects, opened)
    return replace(
        person,
        fields=fields,
        conflicts=frozenset(name for name, seen in fields.items() if _disagree(person.fields[name], seen)),
        withheld=_withheld(call.decisions, rows),
        revealable=frozenset(name for row in rows.values() for name in row.reveal_s),
        opened_s={**confirmed, **_shortest(opened)},
        matched=(),
    )


def _fields(
    person: Person, call: Call, effects: Effects, opened: Opened
) -> Mapping[str, tuple[FieldValue, ...]]:
    """Return the fields that this call is about, each value in the shape that its effect asks."""
    revealing = call.action is Action.REVEAL
    wanted = call.reveal if revealing else ROW if call.action is Action.SEARCH else person.fields
    fields: dict[str, tuple[FieldValue, ...]] = {}
    for name, values in person.fields.items():
        seen: list[FieldValue] = []
        for value in values if name in wanted else ():
            effect = effects.get((name, value.source), Effect.WITHHOLD)
            if effect is Effect.SHOW or (effect is Effect.MASK and (name, value.source) in opened):
                seen.append(value)
            elif effect is Effect.MASK and not revealing:
                # A reveal answers what it opens and nothing that is masked still.
                seen.append(_masked(value))
        if seen:
            fields[name] = tuple(seen)
    return fields


def _shortest(opened: Opened) -> Mapping[str, int]:
    """Return field -> seconds, the fewest where systems open it for different times."""
    shortest: dict[str, int] = {}
    for (name, _system), seconds in opened.items():
        shortest[name] = min(seconds, shortest.get(name, seconds))
    return shortest


def _opened(call: Call, rows: Decisions) -> Opened:
    """Return (field, system) -> seconds of what a reveal opens; raises Denied unless it opens all asked."""
    opened = {
        (name, system): min(seconds, call.decisions[system].reveal_s[name])
        for system, row in rows.items()
        for name, seconds in row.reveal_s.items()
        if name in call.reveal and name in call.decisions[system].reveal_s
    }
    if set(call.reveal) - {name for name, _system in opened}:
        raise Denied(DEFAULT_DENY, Reason.PURPOSE_CLOSED)
    return opened


def _confirmed(person: Person, effects: Effects, decide: Decide) -> Mapping[str, int] | None:
    """Return the masked fields that finding this row confirms, None when it may not be found so.

    A match on a hidden field would tell its value: each term must have matched something shown, or the tail
    of a masked number that this reader's purpose would open. The latter counts as a reveal (of 0 seconds).
    """
    confirmed: dict[str, int] = {}
    for alternatives in person.matched:
        if any(effects.get(pair) is Effect.SHOW for pair in alternatives):
            continue
        openable = [
            name
            for name, system in sorted(alternatives)
            if name in TAILED
            and effects.get((name, system)) is Effect.MASK
            and name in decide(Action.REVEAL, system, person.facts).reveal_s
        ]
        if not openable:
            return None
        confirmed[openable[0]] = 0
    return confirmed


def _masked(value: FieldValue) -> FieldValue:
    return replace(value, value=masked(value.kind, value.value), masked=True)


def _disagree(raw: Iterable[FieldValue], seen: Iterable[FieldValue]) -> bool:
    """Tell whether the systems whose values are seen give different ones.

    Lists of words (tags, programmes) add up and never disagree.
    """
    sources = {value.source for value in seen}
    values = {
        _comparable(value.value)
        for value in raw
        if value.source in sources and not isinstance(value.value, tuple)
    }
    return len(values) > 1


def _comparable(value: object) -> object:
    return "".join(unicodedata.normalize("NFKC", value).split()) if isinstance(value, str) else value


def _withheld(place: Decisions, rows: Decisions) -> Mapping[str, str]:
    """Return field -> rule for what is withheld from anyone here, whether or not a record holds it."""
    withheld: dict[str, str] = {}
    let_out: set[str] = set()
    for system, decision in place.items():
        row = rows.get(system, decision)
        for name in decision.fields:
            rule = decision.withheld_by.get(name) or row.withheld_by.get(name)
            if rule is None:
                let_out.add(name)
            else:
                # An explicit rule tells more than the default.
                withheld[name] = rule if withheld.get(name, DEFAULT_DENY) == DEFAULT_DENY else withheld[name]
    return {name: rule for name, rule in withheld.items() if name not in let_out}
