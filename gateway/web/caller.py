"""Who calls: one request with the session behind it, for the API and the portal alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.errors import NotSignedIn
from gateway.web import cookies
from gateway.web.reader import Reader

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.identity.sessions import Session
    from gateway.keys import Services


@dataclass(frozen=True, slots=True)
class Caller:
    """One request and who makes it."""

    request: web.Request = field(repr=False)
    services: Services
    request_id: str
    maybe_session: Session | None

    @property
    def session(self) -> Session:
        """Return the caller's session; there always is one on a route for the signed-in."""
        if self.maybe_session is None:
            raise NotSignedIn
        return self.maybe_session

    @property
    def reader(self) -> Reader:
        """Return the caller as a reader of people."""
        return Reader(self.services, self.session, self.request_id)


async def session_of(request: web.Request, services: Services, *, secure: bool) -> Session | None:
    """Return the session that the request's cookie names; raises StoreUnavailable.

    That the request comes from a page of ours is *not* looked at.
    """
    session_id = cookies.session_id(request, secure=secure)
    return await services.sessions.get(session_id) if session_id else None
