"""What stands around every API handler: who calls, from our own pages, with a body as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.errors import CrossSite, InvalidInput, NotSignedIn
from gateway.identity import csrf
from gateway.web.caller import Caller, session_of
from gateway.web.limits import json_object
from gateway.web.middleware import REQUEST_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from gateway.keys import Services

BodyT = TypeVar("BodyT", bound=BaseModel)


class Access(StrEnum):
    """Who may call a route at all; everything finer is the policy's."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Asked(Caller, Generic[BodyT]):
    """One request, checked: what a handler works with."""

    maybe_body: BodyT | None

    @property
    def body(self) -> BodyT:
        """Return the validated body of a route that takes one."""
        if self.maybe_body is None:
            raise InvalidInput(("body", "missing"))
        return self.maybe_body


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the list of routes, and of the API's description."""

    method: str
    path: str
    handler: Callable[[Asked[Any]], Awaitable[web.StreamResponse]]
    summary: str
    access: Access = Access.SIGNED_IN
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    query: type[BaseModel] | None = None
    """Model of the query string, for the description; handlers read it with :func:`query_of`."""


def endpoint(route: Route, services: Services) -> Handler:
    """Return aiohttp's handler for a route."""
    secure, reads = is_secure(services), route.method in {"GET", "HEAD"}
    signed_in = route.access is Access.SIGNED_IN

    async def handle(request: web.Request) -> web.StreamResponse:
        session = await session_of(request, services, secure=secure)
        if signed_in and session is None:
            raise NotSignedIn
        if not reads:
            refuse_cross_site(request, services)
            if signed_in and session is not None:
                csrf.check(session.csrf_token, request.headers.get("X-CSRF-Token"))
        body = _validated(route.body, await json_object(request)) if route.body else None
        return await route.handler(Asked(request, services, request[REQUEST_ID], session, body))

    return handle


def is_secure(services: Services) -> bool:
    """Tell whether browsers reach us over HTTPS."""
    public = services.settings.public_url
    return public is not None and public.scheme == "https"


def query_of(asked: Asked[Any], model: type[BodyT]) -> BodyT:
    """Return the query string as a model, which is frozen; raises InvalidInput."""
    asked_for = asked.request.query_string
    return _validated(model, dict(asked.request.query)) if asked_for else _of_nothing(model)


@cache
def _of_nothing(model: type[BodyT]) -> BodyT:
    return _validated(model, {})


def _validated(model: type[BodyT], content: Any) -> BodyT:  # whatever JSON holds
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidInput(
            *((".".join(str(part) for part in one["loc"]) or "body", one["type"]) for one in problems)
        ) from None


def refuse_cross_site(request: web.Request, services: Services) -> None:
    """Refuse what another site's page sends; browsers say so, programs send neither header.

    From a page that is served with ``Referrer-Policy: no-referrer`` a plain form's origin reads ``null``
    (Fetch standard, "append a request Origin header"); the browser must then have said that the site is ours.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site not in {None, "same-origin", "none"}:
        raise CrossSite
    origin = request.headers.get("Origin")
    if origin is None or (origin == "null" and site == "same-origin"):
        return
    if origin != own_origin(request, services):
        raise CrossSite


def own_origin(request: web.Request, services: Services) -> str:
    """Return our origin (RFC 6454): of the public address, else of the Host header."""
    public = services.settings.public_url
    if public is None:
        return f"http://{request.host}"
    parts = urlsplit(str(public))
    return f"{parts.scheme}://{parts.netloc}"
