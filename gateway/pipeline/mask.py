"""mask: decide again for every merged person and keep only what both decisions allow, in the shape they ask.

The only step that lets fields out. Fails closed: a field without an effect, or a person no permit matches, is
dropped.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from gateway.errors import Denied
from gateway.model import Outcome, SearchPeople
from policies.masks import mask as masked
from policies.model import DEFAULT_DENY, Action, Effect, Reason

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from gateway.model import Call, FieldValue, Person
    from gateway.pipeline.authorize import UsageOf
    from gateway.pipeline.lens import Decisions, Effects, Lens
    from gateway.pipeline.ruling import Ruling
    from gateway.pipeline.step import Disclose, Find, Found, Located, Matched
    from policies.model import Usage

    Opened = Mapping[tuple[str, str], int]
    """(field, system) -> seconds."""
    Seen = tuple[Person, Lens] | None
    """A view and what it was seen through; None when no permit covers the person."""

ROW = frozenset({"age", "door", "gender", "name", "tags"})
"""Fields of a row of a search; the rest stays until a file is opened."""

TAILED = frozenset({"id_number", "phone"})
"""Masked fields whose tail may find a person, for a purpose that opens them; other matches must be seen."""


def mask(step: Find, usage_of: UsageOf) -> Disclose:
    """Make the step; the limit of a search counts the rows that are let out."""

    async def disclosed(located: Located, ruling: Ruling) -> Outcome:
        found = await step(located, ruling)
        call = located.call
        if call.action is Action.REVEAL:
            people = tuple(_opened_views(call, ruling, found))
        else:
            limit = call.query.limit if isinstance(call.query, SearchPeople) else None
            people = tuple(islice(_views(call, ruling, found), limit))
        return Outcome(ruling.facts, ruling.rules, people, found.sources, found.hints)

    def _views(call: Call, ruling: Ruling, found: Found) -> Iterator[Person]:
        for person, matched in found.rows:
            seen = _seen(person, ruling)
            if seen is None:
                continue
            view, through = seen
            if view.sources is not person.sources:
                view = replace(view, sources=person.sources)
            if all(map(through.shows, matched)):
                yield view
            elif confirmed := _confirmed(person, matched, through, ruling, usage_of(call)):
                yield replace(view, opened_s=confirmed)

    return disclosed


def _seen(person: Person, ruling: Ruling) -> Seen:
    """Return the person as readers under this ruling may see them.

    That depends on the merged person and the ruling alone, so it is kept with the person.
    """
    if ruling in person.kept:
        kept: Seen = person.kept[ruling]
        return kept
    through = ruling.through(ruling.rows(person.facts))
    wanted = ROW if ruling.action is Action.SEARCH else person.fields
    seen = None if through is None else (_view(person, wanted, through, {}), through)
    if ruling.lasting:
        person.kept[ruling] = seen
    return seen


def _opened_views(call: Call, ruling: Ruling, found: Found) -> Iterator[Person]:
    """Yield what a reveal opens, of whoever a permit covers."""
    for person, _ in found.rows:
        rows = ruling.rows(person.facts)
        through = ruling.through(rows)
        if through is not None:
            yield _view(person, call.reveal, through, _opened(call, ruling, rows))


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


def _opened(call: Call, ruling: Ruling, rows: Decisions) -> Opened:
    """Return (field, system) -> seconds of what a reveal opens; raises Denied unless it opens all asked."""
    opened = {
        (name, system): min(seconds, ruling.decisions[system].reveal_s[name])
        for system, row in rows.items()
        for name, seconds in row.reveal_s.items()
        if name in call.reveal and name in ruling.decisions[system].reveal_s
    }
    if set(call.reveal) - {name for name, _system in opened}:
        raise Denied(DEFAULT_DENY, Reason.PURPOSE_CLOSED)
    return opened


def _confirmed(
    person: Person, matched: Matched, through: Lens, ruling: Ruling, usage: Usage
) -> Mapping[str, int] | None:
    """Return the masked fields that finding this row confirms, None when it may not be found so.

    A match on a hidden field would tell its value: each term must have matched something shown, or the tail
    of a masked number that this reader's purpose would open. The latter counts as a reveal (of 0 seconds).
    """
    confirmed: dict[str, int] = {}
    for alternatives in matched:
        if through.shows(alternatives):
            continue
        openable = [
            name
            for name, system in sorted(alternatives)
            if name in TAILED
            and through.effects.get((name, system)) is Effect.MASK
            and name in ruling.decide(Action.REVEAL, system, person.facts, usage).reveal_s
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
