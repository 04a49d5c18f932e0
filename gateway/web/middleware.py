"""The one middleware: request id, errors to problems, headers, one log line. It decides nothing."""

from __future__ import annotations

import time
from secrets import token_hex
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from gateway.errors import GatewayError
from gateway.keys import PROBLEM_PAGE
from gateway.web import respond
from gateway.web.words import language_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)

log = structlog.get_logger()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "community-cloud",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer that does not say otherwise; almost all of them are personal."""


@web.middleware
async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every request with headers, an id and a line in the log; turn errors into problems.

    A defect of ours becomes a plain 500 whose words tell nothing; the log gets the type and place, never the
    text.
    """
    started = time.perf_counter()
    request_id = request[REQUEST_ID] = token_hex(8)
    error_type = None
    try:
        response = await handler(request)
    except GatewayError as error:
        response = _shown(request, respond.of_error(error, language_of(request), request_id))
    except web.HTTPException as error:
        response = _shown(request, respond.of_http_error(error, language_of(request), request_id))
    except Exception as error:  # noqa: BLE001  # the outermost step: fails closed, nothing of it leaves
        error_type = _place(error)
        response = _shown(request, respond.problem("internal", language_of(request), request_id))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id
    resource = request.match_info.route.resource
    log.info(
        "request",
        method=request.method,
        route=resource.canonical if resource else "none",
        status=response.status,
        duration_ms=round((time.perf_counter() - started) * 1000, 2),
        request_id=request_id,
        error=error_type,
    )
    return response


def _shown(request: web.Request, problem: web.Response) -> web.Response:
    """Return the problem as this client can read it: where there is a portal, it makes pages for browsers."""
    page = request.app.get(PROBLEM_PAGE)
    return problem if page is None else page(request, problem)


def _place(error: Exception) -> str:
    """Return type, file and line of an error; its text may hold personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"
