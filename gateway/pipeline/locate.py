"""locate: find where the person or household belongs, which is what policy needs to know.

One cached call to the base register, the same for hit and miss: nothing tells from outside whether the person
exists. Fails closed: without an answer nothing can be decided.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.sdk import FindPerson, UpstreamError
from gateway.errors import SourceUnavailable
from gateway.model import SearchPeople
from gateway.pipeline.step import Located
from gateway.residents.merge import merge
from policies.model import OWN_AREA, ResourceFacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from connectors.sdk import FindHousehold
    from gateway.cache.memory import Answer, MemoryCache, Question
    from gateway.clock import Clock
    from gateway.model import Call, Outcome, Person
    from gateway.pipeline.step import Ask, Authorize, ReaderOf, Step


_FACTS = "facts"


def locate(
    step: Authorize, base: str, ask: Ask, cache: MemoryCache, clock: Clock, reader_of: ReaderOf
) -> Step:
    """Make the step; ``base`` names the base register, ``ask`` asks it."""

    async def located(call: Call) -> Outcome:
        query, today = call.query, clock.today()
        if isinstance(query, SearchPeople):
            return await step(Located(call, OWN_AREA, today, None))
        question = cache.question(query, reader_of(call.subject))
        answer = ask.fresh(question)
        if answer is None:
            try:
                answer = await ask(question, call.answer_by)
            except UpstreamError:
                raise SourceUnavailable from None
        return await step(Located(call, facts_of(query, question, answer, today), today, question))

    def facts_of(
        query: FindPerson | FindHousehold, question: Question, answer: Answer, today: date
    ) -> ResourceFacts:
        kept: tuple[int, date, ResourceFacts] | None = question.kept.get(_FACTS)
        if kept is not None and kept[0] == answer.version and kept[1] == today:
            return kept[2]
        people = merge({base: (answer.records, answer.as_of)}, (base,), base, today)
        facts = _facts(query, people)
        question.kept[_FACTS] = (answer.version, today, facts)
        return facts

    return located


def _facts(query: FindPerson | FindHousehold, people: Sequence[Person]) -> ResourceFacts:
    """Return the facts of the person or place that was asked about; nobody's when the register has none."""
    if isinstance(query, FindPerson):
        # A reply about somebody else places nobody.
        own = (person.facts for person in people if person.identity == query.identity)
        return next(own, ResourceFacts())
    # A household is a place; its members are decided one by one.
    return replace(people[0].facts if people else ResourceFacts(), person=False)
