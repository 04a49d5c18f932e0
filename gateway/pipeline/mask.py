"""mask: decide again for every merged person and keep only what both decisions allow, in the shape they ask.

The only step that lets fields out. Fails closed: a field without an effect, or a person no permit matches, is
dropped.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from cachetools import LRUCache

from gateway.errors import Denied
from gateway.model import SearchPeople
from gateway.pipeline.lens import Lens, lens
from policies.masks import mask as masked
from policies.model import DEFAULT_DENY, Action, Effect, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from datetime import date

    from gateway.clock import Clock
    from gateway.model import Call, FieldValue, Outcome, Person
    from gateway.pipeline.authorize import UsageOf
    from gateway.pipeline.lens import Decisions, Effects
    from gateway.pipeline.step import Step
    from policies.engine import Engine
    from policies.model import Decision, ResourceFacts, Usage

    Decide = Callable[[Action, str, ResourceFacts], Decision]
    Lenses = LRUCache[tuple[str, ...], Lens | None]
    Opened = Mapping[tuple[str, str], int]
    """(field, system) -> seconds."""

ROW = frozenset({"age", "door", "gender", "name", "tags"})
"""Fields of a row of a search; the rest stays until a file is opened."""

TAILED = frozenset({"id_number", "phone"})
"""Masked fields whose tail may find a person, for a purpose that opens them; other matches must be seen."""

MAX_LENSES = 4096
"""Combinations of decisions kept; a policy has some dozens."""


def mask(step: Step, policy: Callable[[], Engine], usage_of: UsageOf, clock: Clock) -> Step:
    """Make the step; the limit of a search counts the rows that are let out."""
    lenses: Lenses = LRUCache(MAX_LENSES)

    async def disclosed(call: Call) -> Outcome:
        outcome = await step(call)
        look = _Look(call, policy(), usage_of(call), clock.today(), lenses)
        limit = call.query.limit if isinstance(call.query, SearchPeople) else None
        views = filter(None, map(look.view, outcome.people))
        return replace(outcome, people=tuple(islice(views, limit)))

    return disclosed


@dataclass(frozen=True, slots=True)
class _Look:
    """One call looking at people.

    A view depends on the merged person and on decisions alone, so it is kept with the person under their
    digests.
    """

    call: Call
    engine: Engine
    usage: Usage
    today: date
    lenses: Lenses

    def view(self, person: Person) -> Person | None:
        """Return the person as this reader may see it, None when no permit covers it."""
        place = {name: decision for name, decision in self.call.decisions.items() if decision.allow}
        rows = place
        if person.facts != self.call.facts:
            rows = {name: self.decide(self.call.action, name, person.facts) for name in place}
        key, through = self.through(rows)
        if through is None:
            return None
        if self.call.action is Action.REVEAL:
            return _view(person, self.call.reveal, through, _opened(self.call, rows))
        confirmed = _confirmed(person, through.effects, self.decide)
        if confirmed is None:
            return None
        wanted = ROW if self.call.action is Action.SEARCH else person.fields
        seen: Person | None = person.kept.get((wanted is ROW, key))
        if seen is None:
            seen = person.kept[wanted is ROW, key] = _view(person, wanted, through, {})
        if confirmed or seen.sources is not person.sources:
            return replace(seen, opened_s=confirmed, sources=person.sources)
        return seen

    def through(self, rows: Decisions) -> tuple[tuple[str, ...], Lens | None]:
        """Return the lens of the call's decisions and the row's, and what names it."""
        decisions = self.call.decisions
        digests = (decision.digest for decision in (*decisions.values(), *rows.values()))
        key = (self.engine.version, *digests)
        if key not in self.lenses:
            self.lenses[key] = lens(decisions, rows)
        return key, self.lenses[key]

    def decide(self, action: Action, system: str, facts: ResourceFacts) -> Decision:
        """Decide about a row."""
        call = self.call
        return self.engine.decide(call.subject, action, system, facts, call.purpose, self.today, self.usage)


def _view(person: Person, wanted: Container[str], through: Lens, opened: Opened) -> Person:
    """Return the person as this lens shows it."""
    fields = _fields(person, wanted, through.effects, opened)
    return replace(
        person,
        fields=fields,
        conflicts=frozenset(name for name, seen in fields.items() if _disagree(person.fields[name], seen)),
        withheld=through.withheld,
        revealable=through.revealable,
        opened_s=_shortest(opened),
        matched=(),
        kept={},
    )


def _fields(
    person: Person, wanted: Container[str], effects: Effects, opened: Opened
) -> Mapping[str, tuple[FieldValue, ...]]:
    """Return the wanted fields, each value in the shape that its effect asks.

    What a reveal opens is shown, and then nothing else: what is masked still is no part of its answer.
    """
    fields: dict[str, tuple[FieldValue, ...]] = {}
    for name, values in person.fields.items():
        seen: list[FieldValue] = []
        for value in values if name in wanted else ():
            effect = effects.get((name, value.source), Effect.WITHHOLD)
            if effect is Effect.SHOW or (effect is Effect.MASK and (name, value.source) in opened):
                seen.append(value)
            elif effect is Effect.MASK and not opened:
                seen.append(_masked(value))
        if seen:
            # A value that is seen goes before masked ones: it is what the reader came for.
            fields[name] = tuple(sorted(seen, key=_is_masked))
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


def _is_masked(value: FieldValue) -> bool:
    return value.masked


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
