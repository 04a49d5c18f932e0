"""aiohttp's connection handling, with our answer to what is not HTTP: its own quotes the client's bytes."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from gateway.web import respond
from gateway.web.words import Language

if TYPE_CHECKING:
    from aiohttp.web_request import BaseRequest

log = structlog.get_logger()


class Protocol(web.RequestHandler):
    """One connection."""

    __slots__ = ()

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that reached no handler: a broken or oversized head, or a defect of aiohttp's."""
        del message
        request_id = token_hex(8)
        error = type(exc).__name__ if exc else None
        log.info("request", method="?", route="none", status=status, request_id=request_id, error=error)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun, there can be no other")
        code = "internal" if status >= web.HTTPInternalServerError.status_code else "malformed"
        response = respond.problem(code, Language.ZH, request_id)
        response.force_close()
        return response
