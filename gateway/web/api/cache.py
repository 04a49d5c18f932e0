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

    from gateway.keys import Services
    from gateway.web.endpoint import Asked
    from gateway.web.schema import PurgeBody
    from policies.model import Decision

PURGED = "purged"
"""How a line system reads in the audit whose answers were forgotten."""


async def purge(asked: Asked[PurgeBody]) -> web.Response:
    """Forget answers about a person or a committee, or all, of one system or of all.

    The answer is the same whether anything was kept: an administrator does not learn who was looked up.
    """
    services, what = asked.services, _wanted(asked.services, asked.body)
    policy, subject = services.policy(), asked.session.subject
    decision = policy.decide(
        subject,
        Action.PURGE_CACHE,
        GATEWAY,
        ResourceFacts(),
        policy.default_purpose(subject),
        services.clock.today(),
    )
    await services.recorder.record(_ordered(asked, what, decision))
    if not decision.allow:
        raise refusal(decision)
    services.pipeline.purge(what)
    return web.Response(status=204)


def event_of(
    services: Services, actor: Actor, purges: Sequence[Purge], request_id: str, systems: Sequence[str]
) -> Event:
    """Return the event of a purge: people by pseudonym, the committee when it is one, the systems."""
    committees = {one.committee for one in purges if one.committee is not None}
    return Event(
        at=services.recorder.now(),
        request_id=request_id,
        actor=actor,
        action=EventAction.CACHE_PURGE,
        outcome=EventOutcome.OK,
        subjects=tuple(services.recorder.pseudonym(one.person) for one in purges if one.person is not None),
        facts=Facts(residence_region=committees.pop(), person=False) if len(committees) == 1 else NO_FACTS,
        systems=dict.fromkeys(systems, PURGED),
        policy=services.recorder.policy_version(),
    )


def _ordered(asked: Asked[PurgeBody], what: Purge, decision: Decision) -> Event:
    services, session = asked.services, asked.session
    systems = tuple(services.systems) if what.system is None else (what.system,)
    event = event_of(
        services,
        Actor.of(session.subject),
        (what,),
        asked.request_id,
        systems if decision.allow else (),
    )
    event.session = session.hash_prefix
    event.purpose = services.policy().default_purpose(session.subject)
    event.outcome = EventOutcome.OK if decision.allow else EventOutcome.DENIED
    event.decision = Verdict.ALLOW if decision.allow else Verdict.DENY
    event.rules, event.reason = decision.rules, decision.reason
    return event


def _wanted(services: Services, body: PurgeBody) -> Purge:
    """Return what is to be forgotten; raises InvalidInput."""
    if body.system is not None and body.system not in services.systems:
        raise InvalidInput(("system", "system"))
    if body.resident is not None:
        try:
            return Purge(body.system, person=services.tokens.person(body.resident))
        except NoSuchThing:
            raise InvalidInput(("resident", "resident")) from None
    if body.id_number is not None:
        return Purge(body.system, person=document(body.id_number))
    return Purge(body.system, committee=body.committee)
