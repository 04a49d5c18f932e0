"""Sign in, sign out, who am I."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from gateway.web import cookies, respond
from gateway.web.endpoint import is_secure

if TYPE_CHECKING:
    from gateway.identity.sessions import Session
    from gateway.web.endpoint import Asked
    from gateway.web.schema import SignInBody


async def sign_in(asked: Asked[SignInBody]) -> web.Response:
    """Sign in with a local account; a session that the browser already has ends."""


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
