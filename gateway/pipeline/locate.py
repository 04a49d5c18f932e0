"""locate: find where the person or household belongs, which is what policy needs to know.

One cached call to the base register, the same for hit and miss: nothing tells from outside whether the person
exists. Fails closed: without an answer nothing can be decided.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cachetools import LRUCache

from connectors.sdk import FindHousehold, FindPerson, UpstreamError
from gateway.errors import SourceUnavailable
from gateway.residents.merge import merge
from policies.model import OWN_AREA, ResourceFacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from gateway.clock import Clock
    from gateway.model import Call, Outcome, Person
    from gateway.pipeline.step import Ask, Step


MAX_KNOWN = 16_384
"""Facts kept by the version of the answer they come from."""


def locate(step: Step, base: str, ask: Ask, clock: Clock) -> Step:
    """Make the step; ``base`` names the base register, ``ask`` asks it."""
    known: LRUCache[tuple[int, date], ResourceFacts] = LRUCache(MAX_KNOWN)

    async def located(call: Call) -> Outcome:
        if not isinstance(call.query, FindPerson | FindHousehold):
            return await step(replace(call, facts=OWN_AREA))
        try:
            answer = await ask(call.query, call.answer_by)
        except UpstreamError:
            raise SourceUnavailable from None
        today = clock.today()
        facts = known.get((answer.version, today))
        if facts is None:
            people = merge({base: (answer.records, answer.as_of)}, (base,), base, today)
            facts = known[answer.version, today] = _facts(call.query, people)
        return await step(replace(call, facts=facts))

    return located


def _facts(query: FindPerson | FindHousehold, people: Sequence[Person]) -> ResourceFacts:
    """Return the facts of the person or place that was asked about; nobody's when the register has none."""
    if isinstance(query, FindPerson):
        # A reply about somebody else places nobody.
        own = (person.facts for person in people if person.identity == query.identity)
        return next(own, ResourceFacts())
    # A household is a place; its members are decided one by one.
    return replace(people[0].facts if people else ResourceFacts(), person=False)
