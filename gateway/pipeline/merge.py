"""merge: ask all systems that may be asked, at once, and join their records of the same people.

Fails open, and says so: a system that does not answer leaves the others' records standing and reads as what
it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from cachetools import TTLCache

from connectors.sdk import FindHousehold, FindPerson, UpstreamError
from gateway.model import Outcome, SearchPeople
from gateway.pipeline.ask import allowed, ask_all, replies, settled, standing, status_of, worst
from gateway.residents.merge import merge as joined
from policies.model import ResourceFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.sdk import Identity
    from gateway.clock import Clock
    from gateway.model import Call, Person, SourceStatus
    from gateway.pipeline.step import Answer, Ask, Step

    Answers = Mapping[str, Answer | UpstreamError]
    Sources = Mapping[str, SourceStatus]


MAX_KNOWN = 4096
KNOWN_S = 900.0
"""How many merged people are kept, and for how many seconds: a person is looked at several times in a row."""


def merge(  # noqa: C901  # three small ways, each read by itself
    systems: Mapping[str, Ask], base: str, search: Step, clock: Clock
) -> Step:
    """Make the step; ``systems`` stand in their configured order, ``base`` names the base register."""
    order = tuple(systems)
    known: TTLCache[tuple[object, ...], tuple[Person, ...]] = TTLCache(MAX_KNOWN, KNOWN_S, clock.monotonic)

    async def merged(call: Call) -> Outcome:
        query = call.query
        if isinstance(query, SearchPeople):
            return await search(call)
        if isinstance(query, FindPerson):
            people, sources = await person(call, query)
        else:
            people, sources = await household(call, query)
        return Outcome(call, people, sources)

    async def person(call: Call, query: FindPerson) -> tuple[tuple[Person, ...], Sources]:
        asks = {name: systems[name] for name in order if allowed(call, name)}
        answers = await ask_all(asks, query, call.answer_by)
        about = {name: _about(answer, query.identity) for name, answer in answers.items()}
        return together(call, query.identity, about, call.facts or ResourceFacts())

    async def household(call: Call, query: FindHousehold) -> tuple[tuple[Person, ...], Sources]:
        listed = await settled(systems[base], query, call.answer_by)
        members = joined(replies({base: listed}), order, base, clock.today())
        others = {name: systems[name] for name in order if name != base and allowed(call, name)}
        all_answers = await asyncio.gather(
            *(ask_all(others, FindPerson(member.identity), call.answer_by) for member in members)
        )
        found: list[Person] = []
        for member, answers in zip(members, all_answers, strict=True):
            about = {name: _about(answer, member.identity) for name, answer in answers.items()}
            if allowed(call, base):
                about[base] = _about(listed, member.identity)
            people, sources = together(call, member.identity, about, member.facts)
            found += (replace(one, sources=sources) for one in people)
        gravest = worst([{base: status_of(listed)}, *(one.sources for one in found)])
        return tuple(found), standing(call, order, gravest)

    def together(
        call: Call, identity: Identity, about: Answers, facts: ResourceFacts
    ) -> tuple[tuple[Person, ...], Sources]:
        """Return the one person whom these answers are about, nobody if none knows them.

        ``facts`` place the person when the base register is not among the answers: this reader may not ask
        it, or it did not answer once more. The same answers make the same person, so it is kept.
        """
        sources = standing(call, order, {name: status_of(answer) for name, answer in about.items()})
        said = {name: answer for name, answer in about.items() if not isinstance(answer, UpstreamError)}
        placed = None if base in said else facts
        key = (identity, clock.today(), placed, *((name, answer.version) for name, answer in said.items()))
        found = known.get(key)
        if found is None:
            found = joined(replies(said), order, base, clock.today())
            if placed is not None:
                found = tuple(replace(one, facts=placed) for one in found)
            known[key] = found
        return found, sources

    return merged


def _about(answer: Answer | UpstreamError, identity: Identity) -> Answer | UpstreamError:
    """Return the answer without records of anybody else, which are not believed whoever sends them."""
    if isinstance(answer, UpstreamError):
        return answer
    own = tuple(record for record in answer.records if record.identity == identity)
    return answer if len(own) == len(answer.records) else replace(answer, records=own)
