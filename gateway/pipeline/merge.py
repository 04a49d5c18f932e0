"""merge: ask all systems that may be asked, at once, and join their records of the same people.

Fails open, and says so: a system that does not answer leaves the others' records standing and reads as what
it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.sdk import FindHousehold, FindPerson
from gateway.model import Outcome, SearchPeople
from gateway.pipeline.ask import allowed, ask_all, replies, settled, standing, status_of, worst
from gateway.residents.merge import merge as joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.clock import Clock
    from gateway.model import Call, Person, SourceStatus
    from gateway.pipeline.step import Ask, Step


def merge(systems: Mapping[str, Ask], base: str, search: Step, clock: Clock) -> Step:
    """Make the step; ``systems`` stand in their configured order, ``base`` names the base register."""
    order = tuple(systems)

    async def merged(call: Call) -> Outcome:
        query = call.query
        if isinstance(query, SearchPeople):
            return await search(call)
        if isinstance(query, FindPerson):
            people, sources = await person(call, query)
        else:
            people, sources = await household(call, query)
        return Outcome(call, people, sources)

    async def person(call: Call, query: FindPerson) -> tuple[tuple[Person, ...], dict[str, SourceStatus]]:
        answers = await ask_all(
            {name: systems[name] for name in order if allowed(call, name)}, query, call.answer_by
        )
        sources = standing(call, order, {name: status_of(answer) for name, answer in answers.items()})
        # A reply about somebody else is not believed, whichever system sends it.
        return tuple(
            replace(found, sources=sources)
            for found in joined(replies(answers), order, base, clock.today())
            if found.identity == query.identity
        ), sources

    async def household(
        call: Call, query: FindHousehold
    ) -> tuple[tuple[Person, ...], dict[str, SourceStatus]]:
        answer = await settled(systems[base], query, call.answer_by)
        members = joined(replies({base: answer}), order, base, clock.today())
        others = {name: systems[name] for name in order if name != base and allowed(call, name)}
        found: list[Person] = []
        about = [FindPerson(member.identity) for member in members]
        all_answers = await asyncio.gather(*(ask_all(others, one, call.answer_by) for one in about))
        for member, answers in zip(members, all_answers, strict=True):
            everything = {base: answer, **answers} if allowed(call, base) else answers
            sources = standing(call, order, {name: status_of(said) for name, said in everything.items()})
            found += [
                replace(one, sources=sources)
                for one in joined(replies(everything), order, base, clock.today())
                if one.identity == member.identity
            ]
        gravest = worst([{base: status_of(answer)}, *(one.sources for one in found)])
        return tuple(found), standing(call, order, gravest)

    return merged
