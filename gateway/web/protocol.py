"""aiohttp's connection handling, with our answer to what is not HTTP: its own quotes the client's bytes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from gateway.web import respond
from gateway.web.limits import HEAD_WITHIN_S
from gateway.web.middleware import new_request_id
from gateway.web.words import Language

if TYPE_CHECKING:
    from aiohttp.web_request import BaseRequest

    from gateway.logs import RequestLog


class Protocol(web.RequestHandler):
    """One connection."""

    __slots__ = ("_log",)

    def __init__(self, server: web.Server, log: RequestLog) -> None:
        # aiohttp's own access log is off, as it would hold raw paths; its type says that it cannot be.
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=HEAD_WITHIN_S,
            access_log=None,  # type: ignore[arg-type]
        )
        self._log = log

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that reached no handler: a broken or oversized head, or a defect of aiohttp's."""
        del message
        request_id = new_request_id()
        self._log.add("?", "none", status, None, request_id, type(exc).__name__ if exc else None)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun, there can be no other")
        code = "internal" if status >= web.HTTPInternalServerError.status_code else "malformed"
        response = respond.problem(code, Language.ZH, request_id)
        response.force_close()
        return response
