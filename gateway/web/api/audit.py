"""Read the record of every look; reading it is recorded too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from gateway.audit.body import encoded
from gateway.audit.event import Actor, Event, EventAction, EventOutcome, Verdict
from gateway.errors import Denied, InvalidInput, NoSuchThing
from gateway.web import respond
from gateway.web.endpoint import query_of
from gateway.web.schema import AuditQuery
from policies.model import GATEWAY, Action, ResourceFacts

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.audit.body import Recorded
    from gateway.identity.sessions import Session
    from gateway.keys import Services
    from gateway.web.endpoint import Asked
    from policies.model import Decision


async def events(asked: Asked[Any]) -> web.Response:
    """Answer a page of events, newest first, to who may read them."""
    query = query_of(asked, AuditQuery)
    page, following = await page_of(asked.services, asked.session, asked.request_id, query)
    return respond.json({"events": [orjson.Fragment(encoded(one.event)) for one in page], "next": following})


async def page_of(
    services: Services, session: Session, request_id: str, query: AuditQuery, subject: bytes | None = None
) -> tuple[tuple[Recorded, ...], str | None]:
    """Return a page of events, newest first, and the next page's cursor; the reading is written down.

    ``subject`` asks by pseudonym instead of by a resident's token. Raises Denied and InvalidInput.
    """
    person = subject or _person(services, query.resident)
    action = _action(query.action)
    for name, time in (("from", query.from_), ("to", query.to)):
        if time is not None and time.tzinfo is None:
            raise InvalidInput((name, "time"))
    policy = services.policy()
    decision = policy.decide(
        session.subject,
        Action.READ_AUDIT,
        GATEWAY,
        ResourceFacts(),
        policy.default_purpose(session.subject),
        services.clock.today(),
    )
    if not decision.allow:
        await services.recorder.record(_event(services, session, request_id, decision, person))
        raise refusal(decision)
    page = await services.audit_log.events(
        subject=person,
        actor=query.actor,
        action=action,
        since=query.from_,
        until=query.to,
        cursor=query.cursor,
        limit=query.limit,
    )
    await services.recorder.record(_event(services, session, request_id, decision, person))
    return page


def refusal(decision: Decision) -> Denied:
    """Return the error of a denied decision about the gateway itself."""
    if decision.reason is None:
        raise ValueError("an allowed decision is no refusal")
    return Denied(decision.rules[0], decision.reason)


def _person(services: Services, token: str | None) -> bytes | None:
    if token is None:
        return None
    try:
        return services.recorder.pseudonym(services.tokens.person(token))
    except NoSuchThing:
        raise InvalidInput(("resident", "resident")) from None


def _action(text: str | None) -> EventAction | None:
    try:
        return None if text is None else EventAction(text)
    except ValueError:
        raise InvalidInput(("action", "action")) from None


def _event(
    services: Services, session: Session, request_id: str, decision: Decision, person: bytes | None
) -> Event:
    return Event(
        at=services.recorder.now(),
        request_id=request_id,
        actor=Actor.of(session.subject),
        action=EventAction.AUDIT_READ,
        outcome=EventOutcome.OK if decision.allow else EventOutcome.DENIED,
        session=session.hash_prefix,
        subjects=(person,) if person else (),
        purpose=services.policy().default_purpose(session.subject),
        decision=Verdict.ALLOW if decision.allow else Verdict.DENY,
        rules=decision.rules,
        reason=decision.reason,
        policy=services.recorder.policy_version(),
    )
