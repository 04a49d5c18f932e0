"""Sign in, sign out, who am I."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from gateway.audit.event import Actor, Event, EventAction, EventOutcome
from gateway.errors import AccountLocked, WrongPassword
from gateway.web import cookies, respond
from gateway.web.endpoint import is_secure

if TYPE_CHECKING:
    from gateway.identity.sessions import Session
    from gateway.web.endpoint import Asked
    from gateway.web.schema import SignInBody

NOBODY = Actor("")
"""The actor of a sign-in that failed: what was typed as a user name may be anything, and is not kept."""


async def sign_in(asked: Asked[SignInBody]) -> web.Response:
    """Sign in with a local account; the session that this browser had, ends."""
    services = asked.services
    try:
        session_id, session = await services.sign_in.sign_in(asked.body.username, asked.body.password)
    except (WrongPassword, AccountLocked) as error:
        locked = isinstance(error, AccountLocked)
        action = EventAction.SESSION_LOCKED if locked else EventAction.SESSION_FAILED
        await services.recorder.record(_event(asked, NOBODY, action, EventOutcome.DENIED))
        raise
    await services.recorder.record(
        _event(
            asked, Actor.of(session.subject), EventAction.SESSION_START, EventOutcome.OK, session.hash_prefix
        )
    )
    services.pipeline.warm(session.subject)
    secure = is_secure(services)
    former = cookies.session_id(asked.request, secure=secure)
    if former is not None:
        await services.sessions.end(former)
    response = respond.json(
        {"user": _user(session), "csrf_token": session.csrf_token, "expires_at": session.expires_at},
        status=201,
    )
    cookies.set_session(response, session_id, secure=secure)
    return response


async def sign_out(asked: Asked[Any]) -> web.Response:
    """End the session, here and on every worker."""
    services, session = asked.services, asked.session
    secure = is_secure(services)
    session_id = cookies.session_id(asked.request, secure=secure)
    if session_id is not None:
        await services.sessions.end(session_id)
    await services.recorder.record(
        _event(
            asked, Actor.of(session.subject), EventAction.SESSION_END, EventOutcome.OK, session.hash_prefix
        )
    )
    response = web.Response(status=204)
    cookies.clear_session(response, secure=secure)
    return response


async def me(asked: Asked[Any]) -> web.Response:
    """Answer who is signed in."""
    session = asked.session
    return respond.json({**_user(session), "csrf_token": session.csrf_token})


def _user(session: Session) -> dict[str, Any]:
    return {
        "username": session.username,
        "display_name": session.display_name,
        "roles": list(dict.fromkeys(role.role for role in session.subject.roles)),
        "scope": list(session.scope),
    }


def _event(
    asked: Asked[Any], actor: Actor, action: EventAction, outcome: EventOutcome, session: str | None = None
) -> Event:
    return Event(
        at=asked.services.recorder.now(),
        request_id=asked.request_id,
        actor=actor,
        action=action,
        outcome=outcome,
        session=session,
    )
