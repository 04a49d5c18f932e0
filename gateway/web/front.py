"""The quick way in: find a request's route in a dictionary, before the application searches for it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web

from gateway.web.limits import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http import RawRequestMessage
    from aiohttp.streams import StreamReader
    from aiohttp.web_request import BaseRequest

_PARAMETER = r"(?P<{name}>[^{{}}/]+)"
"""What aiohttp makes of a parameter that has no pattern of its own."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")


class Request(web.Request):
    """A request whose route may be known before the application looks for it."""

    def found(self, match: web.UrlMappingMatchInfo) -> None:
        """Set the route."""
        self._match_info = match


@dataclass(frozen=True, slots=True)
class _LastPart:
    """A route whose one parameter is the last part of its path."""

    route: web.AbstractRoute
    name: str


class Front:
    """Stand before an application: same routes, same handlers, same edge, less searching.

    It knows the application's own routes that are plain or end in their one parameter. Whatever else a
    request may be (another path or method, a query, an escape, an ``Expect`` header) goes to the application,
    which answers as it would without us.
    """

    def __init__(self, app: web.Application, server: web.Server) -> None:
        """Stand before a set-up application's server."""
        self._app = app
        (self._edge,) = app.middlewares
        self._rest: Callable[[BaseRequest], Awaitable[web.StreamResponse]] = server.request_handler
        self._loop = asyncio.get_running_loop()
        self._plain: dict[tuple[str, str], web.UrlMappingMatchInfo] = {}
        self._last: dict[tuple[str, str], _LastPart] = {}
        for route in app.router.routes():
            self._learn(route)
        server.request_handler = self.handle
        server.request_factory = self.request

    def _learn(self, route: web.AbstractRoute) -> None:
        if route.resource is None:
            return
        info: dict[str, Any] = dict(route.resource.get_info())
        if "path" in info:
            self._plain.setdefault((route.method, info["path"]), self._match(route))
        elif "pattern" in info:
            before, _, name = info["formatter"].removesuffix("}").rpartition("/{")
            if info["pattern"].pattern == re.escape(f"{before}/") + _PARAMETER.format(name=name):
                self._last.setdefault((route.method, before), _LastPart(route, name))

    def request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> Request:
        """Make a request object, with the limits that the application has."""
        return Request(message, payload, protocol, writer, task, self._loop, client_max_size=MAX_BODY)

    async def handle(self, request: BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        if isinstance(request, Request):
            match = self.match(request)
            if match is not None and hdrs.EXPECT not in request.headers:
                request.found(match)
                return await self._edge(request, match.handler)
        return await self._rest(request)

    def match(self, request: Request) -> web.UrlMappingMatchInfo | None:
        """Return where a request goes, None if the application has to say."""
        method, path = request.method, request.raw_path
        plain = self._plain.get((method, path))
        if plain is not None:
            return plain
        before, _, value = path.rpartition("/")
        last = self._last.get((method, before))
        if last is None or not _TOKEN.fullmatch(value):
            return None
        return self._match(last.route, {last.name: value})

    def _match(
        self, route: web.AbstractRoute, parameters: dict[str, str] | None = None
    ) -> web.UrlMappingMatchInfo:
        match = web.UrlMappingMatchInfo(parameters or {}, route)
        match.add_app(self._app)
        match.freeze()
        return match
