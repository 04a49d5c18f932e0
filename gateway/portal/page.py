"""What stands around every page: who calls, from where, and what a browser sees when it goes wrong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from gateway.errors import GatewayError, MalformedInput
from gateway.identity import csrf
from gateway.portal.clerk import Clerk
from gateway.portal.paths import HOME, own_path, path_of, sign_in_path
from gateway.portal.render import html
from gateway.portal.words import PROBLEMS
from gateway.web import respond
from gateway.web.caller import Caller, session_of
from gateway.web.endpoint import Access, is_secure, refuse_cross_site
from gateway.web.limits import BODY_WITHIN_S
from gateway.web.middleware import REQUEST_ID
from gateway.web.words import Language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp.typedefs import Handler

    from gateway.keys import Services
    from gateway.portal.clerk import Desk
    from gateway.portal.render import Drawing, Renderer
    from gateway.portal.shell import Shell, Shells

LARGE = "large"
"""Cookie of the preference for large letters."""
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Face:
    """What all pages share: templates and frames."""

    renderer: Renderer
    shells: Shells
    desk: Desk


@dataclass(frozen=True, slots=True)
class Visit(Caller):
    """One request for a page, checked: what a view works with."""

    face: Face
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Fields of a posted form, else empty."""

    @property
    def clerk(self) -> Clerk:
        """Return who lays files out for the caller."""
        return Clerk(self.face.desk, self.session.subject)

    @property
    def shell(self) -> Shell:
        """Return the frame of the page."""
        return self.face.shells.of(self.maybe_session, self.request.path, large=is_large(self.request))

    @property
    def part(self) -> bool:
        """Tell whether htmx asks for a part of a page."""
        return "HX-Request" in self.request.headers

    def page(self, template: str, *, status: int = 200, **model: Any) -> web.Response:
        """Return a whole page in its frame."""
        here = here_of(self.request)
        return html(self.face.renderer.page(template, self.shell, here, **model), status)

    def drawn(self, template: str, drawing: Drawing) -> web.Response:
        """Return a whole page whose body is drawn already."""
        return html(self.face.renderer.drawn(template, self.shell, here_of(self.request), drawing))

    def fragment(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **model: Any
    ) -> web.Response:
        """Return a part of a page."""
        return html(self.face.renderer.part(template, **model).encode(), status, headers)


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One line of the list of pages."""

    method: str
    path: str
    view: Callable[[Visit], Awaitable[web.StreamResponse]]
    access: Access = Access.SIGNED_IN


def page(route: PageRoute, services: Services, face: Face) -> Handler:
    """Return aiohttp's handler for a page; what goes wrong becomes a page too, in the reader's own frame."""
    secure, signed_in = is_secure(services), route.access is Access.SIGNED_IN

    async def handle(request: web.Request) -> web.StreamResponse:
        session = await session_of(request, services, secure=secure)
        visit = Visit(request, services, request[REQUEST_ID], session, face)
        try:
            if route.method == "POST":
                refuse_cross_site(request, services)
                visit = replace(visit, form=await form_of(request))
                if signed_in and session is not None:
                    csrf.check(session.csrf_token, visit.form.get("csrf_token"))
            if signed_in and session is None:
                return to_sign_in(request)
            return await route.view(visit)
        except GatewayError as error:
            plain = respond.of_error(error, Language.ZH, visit.request_id)
            return problem_page(face, request, plain, visit.shell)

    return handle


async def form_of(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a plain form, the first of each name.

    Raises MalformedInput, or aiohttp's 413 (too large) and 408 (too slow).
    """
    if request.content_type != _FORM:
        raise MalformedInput
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            posted = await request.post()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (LookupError, ValueError):
        # A charset nobody knows, or bytes that are none of its characters.
        raise MalformedInput from None
    fields: dict[str, str] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            fields.setdefault(name, value)
    return fields


def is_large(request: web.Request) -> bool:
    """Tell whether this browser prefers large letters."""
    return f"{LARGE}=1" in request.headers.get("Cookie", "").split("; ")


def see_other(path: str) -> web.Response:
    """Return a redirection to a page of ours (RFC 9110 section 15.4.4)."""
    return web.Response(status=303, headers={"Location": path})


def to_sign_in(request: web.Request) -> web.Response:
    """Send somebody whose session is over to the sign-in page and, after it, back."""
    if "HX-Request" in request.headers:
        back = path_of(request.headers.get("HX-Current-URL"))
        return web.Response(status=401, headers={"HX-Redirect": sign_in_path(back)})
    return see_other(sign_in_path(request.path_qs if request.method == "GET" else None))


def problem_page(face: Face, request: web.Request, plain: web.Response, shell: Shell) -> web.Response:
    """Return a problem (RFC 9457) as a page, or as a line for htmx; status and headers stay as they are."""
    problem = orjson.loads(plain.body if isinstance(plain.body, bytes) else b"{}")
    title, text = PROBLEMS.get(problem["code"], (problem["title"], problem["detail"]))
    kept = {name: plain.headers[name] for name in ("Allow", "Retry-After") if name in plain.headers}
    model = {"title": title, "text": text, "problem": problem}
    if "HX-Request" in request.headers:
        return html(face.renderer.part("parts/problem.html", **model).encode(), plain.status, kept)
    return html(face.renderer.page("problem.html", shell, here_of(request), **model), plain.status, kept)


def here_of(request: web.Request) -> str:
    """Return our own path of the page, to come back to."""
    return own_path(request.raw_path) if request.method == "GET" else HOME
