"""Forget what is kept of line systems' answers: an administrator's order, written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from gateway.audit.event import NO_FACTS, Actor, Event, EventAction, EventOutcome, Facts, Verdict
from gateway.cache.purge import Purge
from gateway.errors import InvalidInput, NoSuchThing
from gateway.web.api.audit import refusal
from gateway.web.reader import document
from policies.model import GATEWAY, Action, ResourceFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.sdk import Identity
    from gateway.keys import Services
    from gateway.web.endpoint import Asked
    from gateway.web.schema import PurgeBody

PURGED = "purged"
"""How a line system reads in the audit whose answers were forgotten."""


async def purge(asked: Asked[PurgeBody]) -> web.Response:
    """Forget answers about a person or a committee, or all, of one system or of all.

    The answer is the same whether anything was kept: an administrator does not learn who was looked up.
    """
    services, session, body = asked.services, asked.session, asked.body
    if body.system is not None and body.system not in services.systems:
        raise InvalidInput(("system", "system"))
    person = _person(services, body)
    people = frozenset() if person is None else frozenset({person.number})
    what = Purge(body.system, people, () if body.committee is None else (body.committee,))
    policy, purpose = services.policy(), services.policy().default_purpose(session.subject)
    decision = policy.decide(
        session.subject, Action.PURGE_CACHE, GATEWAY, ResourceFacts(), purpose, services.clock.today()
    )
    event = event_of(services, Actor.of(session.subject), asked.request_id, what, [person] if person else [])
    event.session, event.purpose = session.hash_prefix, purpose
    event.decision, event.rules, event.reason = Verdict.ALLOW, decision.rules, decision.reason
    if not decision.allow:
        event.decision, event.outcome, event.systems = Verdict.DENY, EventOutcome.DENIED, {}
    await services.recorder.record(event)
    if not decision.allow:
        raise refusal(decision)
    services.pipeline.purge(what)
    return web.Response(status=204)


def event_of(
    services: Services, actor: Actor, request_id: str, what: Purge, people: Sequence[Identity]
) -> Event:
    """Return the event of a purge: people by pseudonym, the committee when it is one, the systems."""
    committee = what.committees[0] if len(what.committees) == 1 else None
    return Event(
        at=services.recorder.now(),
        request_id=request_id,
        actor=actor,
        action=EventAction.CACHE_PURGE,
        outcome=EventOutcome.OK,
        subjects=tuple(map(services.recorder.pseudonym, people)),
        facts=NO_FACTS if committee is None else Facts(residence_region=committee, person=False),
        systems=dict.fromkeys(services.systems if what.system is None else (what.system,), PURGED),
        policy=services.recorder.policy_version(),
    )


def _person(services: Services, body: PurgeBody) -> Identity | None:
    """Return whom an order names; raises InvalidInput."""
    if body.id_number is not None:
        return document(body.id_number)
    try:
        return None if body.resident is None else services.tokens.person(body.resident)
    except NoSuchThing:
        raise InvalidInput(("resident", "resident")) from None
