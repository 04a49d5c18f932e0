"""audited: write down who asked what, why, and which fields leave, durably, before the answer leaves.

The outermost step. Fails closed: when the record cannot be written, nothing is disclosed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.sdk import FindHousehold, FindPerson
from gateway.audit.event import Actor, Event, EventAction, EventOutcome, Facts, FieldNames, Verdict
from gateway.errors import Denied, GatewayError, NotFoundInScope
from policies.model import DEFAULT_DENY, Action, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.audit.recorder import Recorder
    from gateway.model import Call, Outcome, Person
    from gateway.pipeline.step import Step

_KEPT = 1024
"""Combinations of views in one answer whose field names are kept."""


def audited(step: Step, recorder: Recorder) -> Step:
    """Make the step; a refusal is recorded as well, and also that we broke."""

    async def recorded(call: Call) -> Outcome:
        try:
            outcome = await step(call)
        except Denied as error:
            await recorder.record(refused(call, recorder, EventOutcome.DENIED, error.rule, error.reason))
            raise
        except NotFoundInScope:
            await recorder.record(
                refused(call, recorder, EventOutcome.NOT_FOUND_IN_SCOPE, DEFAULT_DENY, Reason.OUT_OF_SCOPE)
            )
            raise
        except GatewayError:
            await recorder.record(refused(call, recorder, EventOutcome.UNAVAILABLE))
            raise
        except Exception:
            await recorder.record(refused(call, recorder, EventOutcome.ERROR))
            raise
        await recorder.record(answered(call, outcome, recorder))
        return outcome

    return recorded


def answered(call: Call, outcome: Outcome, recorder: Recorder) -> Event:
    """Return the event of an answer that is about to leave."""
    return Event(
        at=recorder.now(),
        request_id=call.request_id,
        actor=Actor.of(call.subject),
        action=action_of(call),
        outcome=EventOutcome.OK,
        session=call.session,
        subjects=tuple(recorder.pseudonym(person.identity) for person in outcome.people),
        facts=Facts.of(outcome.facts, call.subject),
        systems={name: status.status for name, status in outcome.sources.items()},
        fields=names_of(outcome.people),
        purpose=call.purpose,
        note=call.note,
        decision=Verdict.ALLOW,
        rules=outcome.rules,
        policy=recorder.policy_version(),
        usage=recorder.usage_of(call),
    )


def names_of(people: Sequence[Person]) -> FieldNames:
    """Return the names of the fields that leave, by how they leave; kept with each view."""
    each = [_names(person) for person in people]
    return each[0] if len(each) == 1 else _together(frozenset(each))


def _names(person: Person) -> FieldNames:
    key = ("names", *person.opened_s)
    kept: FieldNames | None = person.kept.get(key)
    if kept is None:
        revealed = person.opened_s.keys()
        masked = {name for name, values in person.fields.items() if all(value.masked for value in values)}
        shown = person.fields.keys() - masked - revealed
        kept = person.kept[key] = _sorted(shown, masked, person.withheld.keys(), revealed)
    return kept


@lru_cache(_KEPT)
def _together(each: frozenset[FieldNames]) -> FieldNames:
    """Return what of several people left: a field that anybody's view opened or showed is not masked."""
    revealed = {name for one in each for name in one.revealed}
    shown = {name for one in each for name in one.shown} - revealed
    masked = {name for one in each for name in one.masked} - shown - revealed
    withheld = {name for one in each for name in one.withheld}
    return _sorted(shown, masked, withheld, revealed)


def _sorted(*names: Iterable[str]) -> FieldNames:
    return FieldNames(*(tuple(sorted(some)) for some in names))


def refused(
    call: Call,
    recorder: Recorder,
    outcome: EventOutcome,
    rule: str | None = None,
    reason: Reason | None = None,
) -> Event:
    """Return the event of a call that discloses nothing.

    It names the person who was asked about, known or not, so that both read the same.
    """
    query = call.query
    return Event(
        at=recorder.now(),
        request_id=call.request_id,
        actor=Actor.of(call.subject),
        action=action_of(call),
        outcome=outcome,
        session=call.session,
        subjects=(recorder.pseudonym(query.identity),) if isinstance(query, FindPerson) else (),
        purpose=call.purpose,
        note=call.note,
        decision=Verdict.DENY if rule else None,
        rules=(rule,) if rule else (),
        reason=reason,
        policy=recorder.policy_version(),
        usage=recorder.usage_of(call),
    )


def action_of(call: Call) -> EventAction:
    """Return the name of a call in the audit."""
    if isinstance(call.query, FindHousehold):
        return EventAction.HOUSEHOLD_READ
    if call.action is Action.READ and call.named_by_id:
        return EventAction.RESIDENT_LOOKUP
    return _ACTIONS[call.action]


_ACTIONS = {
    Action.LIST: EventAction.RESIDENT_LIST,
    Action.READ: EventAction.RESIDENT_READ,
    Action.REVEAL: EventAction.RESIDENT_REVEAL,
    Action.SEARCH: EventAction.RESIDENT_SEARCH,
}
