"""Lays a person's file out for one reader, from what the pipeline let out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import LRUCache

from gateway.model import SourceState
from gateway.portal.file import DOWN, STRIPS, Card, Choice, PersonFile, Row, Said, Standing
from gateway.portal.layout import CARDS, HEAD, MORE, PLACED, is_own
from gateway.portal.seals import Times, seals
from gateway.portal.times import advice
from gateway.portal.values import door, label, reads
from gateway.web.respond import words_of
from policies.masks import mask
from policies.model import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from gateway.keys import Services
    from gateway.model import FieldValue, Person, SourceStatus
    from gateway.portal.seals import Seal
    from policies.model import ResourceFacts, Subject


Openings = tuple[tuple[str, frozenset[str]], ...]
"""(purpose, the fields that it opens), ..."""


class Desk:
    """What all clerks share: the seals, and what each purpose opens."""

    def __init__(self, services: Services, sealed: Callable[[Seal, str, bool], Markup]) -> None:
        """Take the macro that draws a seal with its time."""
        self.services = services
        self.sealed = sealed
        self.seals = seals(services.systems)
        self._kept: LRUCache[tuple[object, ...], Openings] = LRUCache(4096)

    def openings(self, subject: Subject, facts: ResourceFacts) -> Openings:
        """Return what each purpose opens: a dozen decisions that seldom change.

        Quotas are left out: that one is used up is told when somebody asks.
        """
        policy, today = self.services.policy(), self.services.clock.today()
        key = (policy.version, today, subject, facts)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = tuple(
                (
                    code,
                    frozenset(
                        name
                        for system in self.services.systems
                        for name in policy.decide(subject, Action.REVEAL, system, facts, code, today).reveal_s
                    ),
                )
                for code, purpose in policy.purposes.items()
                if purpose.opens
            )
        return found


class Clerk:
    """Lay files out for one reader, today."""

    def __init__(self, desk: Desk, subject: Subject) -> None:
        services = desk.services
        self._desk = desk
        self._tokens = services.tokens
        self._subject = subject
        self._policy = services.policy()
        self._seals = desk.seals
        self._marks: dict[tuple[str, datetime, bool], Markup] = {}
        self._today = services.clock.today()
        self._times = Times(self._today)

    def file(
        self, person: Person, sources: Mapping[str, SourceStatus], opened: Mapping[str, Row] | None = None
    ) -> PersonFile:
        """Return a person's file; rows in ``opened`` stand in place of the masked ones."""
        tokens = self._tokens
        choices = self._choices(person) if person.revealable else {}
        rows = {
            name: self._row(name, values, person, sources, choices) for name, values in person.fields.items()
        }
        rows |= opened or {}
        return PersonFile(
            token=tokens.of_person(person.identity),
            household=tokens.of_household(person.household) if person.household else None,
            name=self._first(person, "name"),
            who=" · ".join(
                text for text in (self._first(person, "gender"), self._first(person, "age")) if text
            ),
            door=self._first(person, "door"),
            tags=tuple(words_of(person.fields.get("tags", ()))),
            cards=self._cards(person, sources, rows),
            standing=self.standing(sources),
            seals=self._known_by(person),
        )

    def line(self, person: Person) -> PersonFile:
        """Return a person as one line of a list: a file without cards."""
        return PersonFile(
            token=self._tokens.of_person(person.identity),
            household=None,
            name=self._first(person, "name"),
            who=" · ".join(
                text for text in (self._first(person, "gender"), self._first(person, "age")) if text
            ),
            door=self._first(person, "door"),
            tags=tuple(words_of(person.fields.get("tags", ()))),
            cards=(),
            standing=(),
            seals=self._known_by(person),
        )

    def opened(self, person: Person, sources: Mapping[str, SourceStatus], name: str) -> Row:
        """Return the row of a field that a reveal opened."""
        choices = self._choices(person, (name,))
        return self._row(
            name, person.fields.get(name, ()), person, sources, choices, person.opened_s.get(name, 0)
        )

    def standing(self, sources: Mapping[str, SourceStatus]) -> tuple[Standing, ...]:
        """Return how the systems stand, in their order."""
        return tuple(
            Standing(
                self._seals[name],
                status.status,
                self._times.say(status.as_of) if status.as_of is not None else "",
                advice(status.detail, status.until, self._today),
            )
            for name, status in sources.items()
            if name in self._seals
        )

    def strips(self, sources: Mapping[str, SourceStatus]) -> tuple[Standing, ...]:
        """Return the systems that did not answer, or not now."""
        return self.standing({name: one for name, one in sources.items() if one.status in STRIPS})

    def word(self, person: Person, name: str) -> str:
        """Return a field's first value in words, empty when there is none."""
        return self._first(person, name)

    def _first(self, person: Person, name: str) -> str:
        values = person.fields.get(name)
        return reads(name, values[0].value) if values else ""

    def _known_by(self, person: Person) -> tuple[Seal, ...]:
        known = {value.source for values in person.fields.values() for value in values}
        return tuple(seal for name, seal in self._seals.items() if name in known)

    def _row(
        self,
        name: str,
        values: Sequence[FieldValue],
        person: Person,
        sources: Mapping[str, SourceStatus],
        choices: Mapping[str, tuple[Choice, ...]],
        left_s: int = 0,
    ) -> Row:
        differ = name in person.conflicts
        masked = values[0].masked if values else False
        # Agreeing systems need no more than the first one's word; lists of words add up.
        shown = values if differ or (values and isinstance(values[0].value, tuple)) else values[:1]
        return Row(
            name,
            label(name),
            tuple(self._said(name, value, sources, opened=left_s > 0) for value in shown),
            differ,
            choices.get(name, ()) if masked or left_s else (),
            left_s,
        )

    def _said(
        self, name: str, value: FieldValue, sources: Mapping[str, SourceStatus], *, opened: bool
    ) -> Said:
        status = sources.get(value.source)
        return Said(
            reads(name, value.value),
            self._seals[value.source],
            self._mark(value, stale=status is not None and status.status is SourceState.STALE),
            value.masked,
            mask(value.kind, value.value) if opened else "",
        )

    def _mark(self, value: FieldValue, *, stale: bool) -> Markup:
        key = (value.source, value.as_of, stale)
        found = self._marks.get(key)
        if found is None:
            when = self._times.say(value.as_of)
            found = self._marks[key] = self._desk.sealed(self._seals[value.source], when, stale)
        return found

    def _cards(
        self, person: Person, sources: Mapping[str, SourceStatus], rows: Mapping[str, Row]
    ) -> tuple[Card, ...]:
        known = {value.source for values in person.fields.values() for value in values}
        asked = [
            name
            for name, status in sources.items()
            if status.status is not SourceState.DENIED and name in self._seals
        ]
        down = {name for name in asked if sources[name].status in DOWN}
        rest = tuple(name for name in {**person.fields, **person.withheld} if name not in PLACED)
        cards = []
        for key, names in (*CARDS, (MORE, rest)):
            own = tuple(name for name in asked if is_own(key, names, self._policy.catalogue.get(name, ())))
            shown = tuple(
                row
                for name in names
                if (row := self._place(name, person, rows, asked, known, down)) is not None
            )
            if not shown and not own:
                continue
            waiting = next((name for name in own if sources[name].status is SourceState.TIMEOUT), None)
            cards.append(
                Card(
                    key,
                    own,
                    shown,
                    (waiting, self._seals[waiting].title) if waiting else None,
                    tuple(self._seals[name].title for name in own if name in down),
                    tuple(
                        self._seals[name].title
                        for name in own
                        if sources[name].status is SourceState.NOT_FOUND
                    ),
                )
            )
        return tuple(cards)

    def _place(
        self,
        name: str,
        person: Person,
        rows: Mapping[str, Row],
        asked: Sequence[str],
        known: set[str],
        down: set[str],
    ) -> Row | None:
        """Return the row of a field, or what stands in its place; None for nothing."""
        if name in rows:
            return rows[name] if name not in HEAD or rows[name].differ else None
        if name in HEAD:
            return None
        if name in person.withheld:
            return Row(name, label(name), rule=person.withheld[name])
        feeding = [system for system in asked if name in self._policy.catalogue.get(system, ())]
        if any(system in down for system in feeding):
            return Row(name, label(name), missing=True)
        if any(system in known for system in feeding):
            return Row(name, label(name))
        return None

    def _choices(self, person: Person, names: Iterable[str] | None = None) -> dict[str, tuple[Choice, ...]]:
        """Return, for each field that some purpose opens for this person, those purposes."""
        found: dict[str, list[Choice]] = {}
        for code, opened in self._desk.openings(self._subject, person.facts):
            purpose = self._policy.purposes[code]
            for name in person.revealable if names is None else names:
                if name in opened:
                    found.setdefault(name, []).append(Choice(code, purpose.title, purpose.note_required))
        return {name: tuple(choices) for name, choices in found.items()}


def door_of(people: Iterable[Person]) -> str:
    """Return the door of a household's first member who has one."""
    doors = (values[0].value for person in people if (values := person.fields.get("door")))
    return door(str(next(doors, "")))
