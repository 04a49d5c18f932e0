"""What is kept of decisions is what the engine decides now: across readers, days, policies and quotas."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import event, given, settings
from hypothesis import strategies as st

from gateway.model import Call, SearchPeople
from gateway.pipeline.ruling import Ruling, Rulings
from gateway.pipeline.step import Located
from policies.model import Action, Usage
from tests.property.test_engine import (
    CATALOGUE,
    HOUSEHOLDS,
    TODAY,
    Policy,
    Request,
    people,
    policies,
    requests,
    subjects,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from policies.engine import Engine
    from policies.model import ResourceFacts

SYSTEMS = tuple(CATALOGUE)
DAYS = st.sampled_from([TODAY, TODAY, TODAY + timedelta(days=1)])
USAGES = st.builds(Usage, st.integers(0, 4), st.integers(0, 4), st.booleans())
OF_SUBJECT = st.one_of(
    st.fixed_dictionaries({"account": st.just("another"), "organisation": st.just("elsewhere")}),
    st.fixed_dictionaries({"household": st.sampled_from(HOUSEHOLDS)}),
    st.fixed_dictionaries({"second_factor": st.booleans()}),
)
OF_REQUEST = st.one_of(
    st.fixed_dictionaries({"action": st.sampled_from([Action.READ, Action.REVEAL])}),
    st.fixed_dictionaries({"facts": people}),
    st.fixed_dictionaries({"purpose": st.sampled_from(["visit", "emergency"])}),
    st.fixed_dictionaries({"subject": subjects}),
    st.fixed_dictionaries({"usage": USAGES}),
)


def located(request: Request, today: date) -> Located:
    call = Call(
        action=request.action,
        subject=request.subject,
        query=SearchPeople("陈", 20),
        purpose=request.purpose,
        request_id="r",
        session="s",
        answer_by=0,
    )
    return Located(call, request.facts, today, None)


def decided(engine: Engine, request: Request, today: date, systems: Sequence[str]) -> dict[str, object]:
    return {
        name: engine.decide(
            request.subject, request.action, name, request.facts, request.purpose, today, request.usage
        )
        for name in systems
    }


@st.composite
def runs(draw: st.DrawFn) -> list[tuple[int, Request, date]]:
    """Draw calls that have most in common, so that what is kept of one is there for the next."""
    calls = [(0, draw(requests), TODAY)]
    for _ in range(draw(st.integers(1, 6))):
        engine, request, today = draw(st.sampled_from(calls))
        changed = draw(st.sampled_from(["subject", "subject", "request", "request", "day", "policy"]))
        if changed == "subject":
            request = replace(request, subject=replace(request.subject, **draw(OF_SUBJECT)))
        elif changed == "request":
            request = replace(request, **draw(OF_REQUEST))
        elif changed == "day":
            today = draw(DAYS)
        else:
            engine = 1 - engine
        calls.append((engine, request, today))
    return calls


@given(policies, policies, runs(), st.lists(people, min_size=1, max_size=3))
@settings(max_examples=300)
def test_a_kept_ruling_says_what_the_engine_says(
    one: Policy, other: Policy, calls: list[tuple[int, Request, date]], rows: list[ResourceFacts]
) -> None:
    engines = [one.engine(), other.engine()]
    in_force = [engines[0]]
    rulings = Rulings(lambda: in_force[0], SYSTEMS)
    seen: list[Ruling] = []
    for number, request, today in calls:
        engine = in_force[0] = engines[number]
        ruling = rulings.of(located(request, today), request.usage)
        event("the same once more" if any(ruling is known for known in seen) else "made")
        seen.append(ruling)
        assert dict(ruling.decisions) == decided(engine, request, today, SYSTEMS)
        assert list(ruling.allowed) == [name for name in SYSTEMS if ruling.decisions[name].allow]
        for row in (request.facts, *rows):
            about = replace(request, facts=row)
            assert dict(ruling.rows(row)) == decided(engine, about, today, ruling.allowed)
        assert ruling.lasting or ruling not in seen[:-1]
