"""The one middleware: request id, errors to problems, headers, one log line. It decides nothing."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

from aiohttp import web
from multidict import CIMultiDict

from gateway.errors import GatewayError
from gateway.keys import PROBLEM_PAGE
from gateway.telemetry import Requests
from gateway.web import respond
from gateway.web.words import language_of

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

    from gateway.logs import RequestLog

REQUEST_ID = web.RequestKey("request_id", str)

HEADERS = CIMultiDict(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Server": "community-cloud",
        "X-Content-Type-Options": "nosniff",
    }
)
"""Of every answer that does not say otherwise; almost all of them are personal."""

_random_bits = Random().getrandbits  # noqa: S311  # names a request in the logs, protects nothing


def new_request_id() -> str:
    """Return 64 random bits in hexadecimal. They are no secret and may be guessed."""
    return f"{_random_bits(64):016x}"


def edge(log: RequestLog, requests: Requests | None = None) -> Middleware:
    """Return the middleware that answers every request with headers and an id, logs it and counts it.

    It turns errors into problems. A defect of ours becomes a plain 500 whose words tell nothing; the log gets
    the type and place, never the text.
    """
    counted = requests or Requests()

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        request_id = request[REQUEST_ID] = new_request_id()
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
        headers = response.headers
        headers.merge(HEADERS)
        headers["X-Request-Id"] = request_id
        resource = request.match_info.route.resource
        route, duration_s = "none" if resource is None else resource.canonical, time.perf_counter() - started
        # What names no route of ours may have any method, and each would be counted apart.
        counted.add("any" if resource is None else request.method, route, response.status, duration_s)
        log.add(request.method, route, response.status, duration_s, request_id, error_type)
        return response

    return around


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
