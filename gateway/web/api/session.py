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
    from gateway.keys import Services
    from gateway.web.endpoint import Asked
    from gateway.web.schema import SignInBody

NOBODY = Actor("")
"""The actor of a sign-in that failed: what was typed as a user name may be anything, and is not kept."""


async def sign_in(asked: Asked[SignInBody]) -> web.Response:
    """Sign in with a local account; the session that this browser had, ends."""
    secure = is_secure(asked.services)
    session_id, session = await enter(
        asked.services,
        asked.request_id,
        asked.body.username,
        asked.body.password,
        cookies.session_id(asked.request, secure=secure),
    )
    response = respond.json(
        {"user": _user(session), "csrf_token": session.csrf_token, "expires_at": session.expires_at},
        status=201,
    )
    cookies.set_session(response, session_id, secure=secure)
    return response


async def sign_out(asked: Asked[Any]) -> web.Response:
    """End the session, here and on every worker."""
    secure = is_secure(asked.services)
    session_id = cookies.session_id(asked.request, secure=secure)
    await leave(asked.services, asked.request_id, asked.session, session_id)
    response = web.Response(status=204)
    cookies.clear_session(response, secure=secure)
    return response


async def enter(
    services: Services, request_id: str, username: str, password: str, former: str | None
) -> tuple[str, Session]:
    """Sign in and write it down; return (session id, session). ``former`` is the browser's earlier session.

    Raises what :meth:`gateway.identity.sign_in.SignIn.sign_in` raises, written down as well.
    """
    try:
        session_id, session = await services.sign_in.sign_in(username, password)
    except (WrongPassword, AccountLocked) as error:
        locked = isinstance(error, AccountLocked)
        action = EventAction.SESSION_LOCKED if locked else EventAction.SESSION_FAILED
        await services.recorder.record(_event(services, request_id, NOBODY, action, EventOutcome.DENIED))
        raise
    await services.recorder.record(
        _event(
            services,
            request_id,
            Actor.of(session.subject),
            EventAction.SESSION_START,
            EventOutcome.OK,
            session.hash_prefix,
        )
    )
    services.pipeline.warm(session.subject)
    if former is not None:
        await services.sessions.end(former)
    return session_id, session


async def leave(services: Services, request_id: str, session: Session, session_id: str | None) -> None:
    """End a session, here and on every worker, and write it down."""
    if session_id is not None:
        await services.sessions.end(session_id)
        await services.leaving.left(session.username)
    await services.recorder.record(
        _event(
            services,
            request_id,
            Actor.of(session.subject),
            EventAction.SESSION_END,
            EventOutcome.OK,
            session.hash_prefix,
        )
    )


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
    services: Services,
    request_id: str,
    actor: Actor,
    action: EventAction,
    outcome: EventOutcome,
    session: str | None = None,
) -> Event:
    return Event(
        at=services.recorder.now(),
        request_id=request_id,
        actor=actor,
        action=action,
        outcome=outcome,
        session=session,
    )
