"""merge: ask all systems that may be asked, at once, and join their records of the same people.

Fails open, and says so: a system that does not answer leaves the others' records standing and reads as what
it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.sdk import FindPerson, UpstreamError
from gateway.pipeline.ask import ask_all, fresh_until, replies, settled, standing, status_of, worst
from gateway.pipeline.step import Found
from gateway.residents.merge import merge as joined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from connectors.sdk import Identity
    from gateway.cache.memory import Answer, MemoryCache, Question
    from gateway.clock import Clock
    from gateway.model import Person
    from gateway.pipeline.ruling import Ruling
    from gateway.pipeline.step import Ask, Find, Located
    from policies.model import ResourceFacts

    Answers = Mapping[str, Answer | UpstreamError]


@dataclass(frozen=True, slots=True)
class _Merged:
    """What one set of systems together say of one person; kept with the question about that person."""

    versions: tuple[tuple[str, int], ...]
    """Of the answers it was made from."""
    today: date
    """The day by which ages were counted."""
    placed: ResourceFacts | None
    """What places the person when the base register's answer is not among these."""
    people: tuple[Person, ...]
    """The person; nobody if no system knows them."""
    found: Found
    fresh_until: float
    """Monotonic time until which every system would give the same answer again."""


def merge(systems: Mapping[str, Ask], base: str, search: Find, cache: MemoryCache, clock: Clock) -> Find:
    """Make the step; ``systems`` stand in their configured order, ``base`` names the base register."""
    return _Merge(systems, base, search, cache, clock)


class _Merge:
    """The merge step: three small ways."""

    def __init__(
        self, systems: Mapping[str, Ask], base: str, search: Find, cache: MemoryCache, clock: Clock
    ) -> None:
        """Take what :func:`merge` takes."""
        self._systems = systems
        self._order = tuple(systems)
        self._base = base
        self._search = search
        self._cache = cache
        self._clock = clock

    async def __call__(self, located: Located, ruling: Ruling) -> Found:
        """Find whom the call asks about."""
        question = located.question
        if question is None:
            return await self._search(located, ruling)
        if isinstance(question.query, FindPerson):
            return await self._person(located, ruling, question, question.query.identity)
        return await self._household(located, ruling, question)

    async def _person(
        self, located: Located, ruling: Ruling, question: Question, identity: Identity
    ) -> Found:
        kept: _Merged | None = question.kept.get(ruling.allowed)
        if (
            kept is not None
            and self._clock.monotonic() < kept.fresh_until
            and kept.today == located.today
            and (kept.placed is None or kept.placed == located.facts)
        ):
            self._cache.counts.together[ruling.allowed] += 1
            return kept.found
        asks = {name: self._systems[name] for name in ruling.allowed}
        answers = await ask_all(asks, question, located.call.answer_by)
        about = {name: _about(answer, identity) for name, answer in answers.items()}
        kept = self._together(kept, about, ruling, located.facts, located.today)
        question.kept[ruling.allowed] = kept
        return kept.found

    async def _household(self, located: Located, ruling: Ruling, question: Question) -> Found:
        base, answer_by, today = self._base, located.call.answer_by, located.today
        watch = self._cache.watch()
        listed = await settled(self._systems[base], question, answer_by)
        members = joined(replies({base: listed}), self._order, base, today)
        others = {name: self._systems[name] for name in ruling.allowed if name != base}
        questions = [self._cache.question(FindPerson(member.identity), question.reader) for member in members]
        all_answers = await asyncio.gather(*(ask_all(others, one, answer_by) for one in questions))
        found: list[Person] = []
        for member, own, answers in zip(members, questions, all_answers, strict=True):
            about = {name: _about(answer, member.identity) for name, answer in answers.items()}
            if base in ruling.allowed:
                about[base] = _about(listed, member.identity)
            key = (question.key, ruling.allowed)
            kept = self._together(own.kept.get(key), about, ruling, member.facts, today)
            if not watch.purges:  # the list was asked for before; the question about the member maybe after
                own.kept[key] = kept
            found += (replace(one, sources=kept.found.sources) for one in kept.people)
        gravest = worst([{base: status_of(listed)}, *(one.sources for one in found)])
        return Found([(one, ()) for one in found], standing(ruling, self._order, gravest))

    def _together(
        self, kept: _Merged | None, about: Answers, ruling: Ruling, facts: ResourceFacts, today: date
    ) -> _Merged:
        """Return the one person whom these answers are about, nobody if none knows them.

        ``facts`` place the person when the base register is not among the answers: this reader may not ask
        it, or it did not answer once more. The same answers make the same person, so it is ``kept``.
        """
        said = {name: answer for name, answer in about.items() if not isinstance(answer, UpstreamError)}
        placed = None if self._base in said else facts
        versions = tuple((name, answer.version) for name, answer in said.items())
        if kept is not None and (kept.versions, kept.today, kept.placed) == (versions, today, placed):
            people = kept.people
        else:
            people = joined(replies(said), self._order, self._base, today)
            if placed is not None:
                people = tuple(replace(one, facts=placed) for one in people)
        sources = standing(ruling, self._order, {name: status_of(answer) for name, answer in about.items()})
        found = Found([(one, ()) for one in people], sources)
        return _Merged(versions, today, placed, people, found, fresh_until(about.values()))


def _about(answer: Answer | UpstreamError, identity: Identity) -> Answer | UpstreamError:
    """Return the answer without records of anybody else, which are not believed whoever sends them."""
    if isinstance(answer, UpstreamError):
        return answer
    own = tuple(record for record in answer.records if record.identity == identity)
    return answer if len(own) == len(answer.records) else replace(answer, records=own)
