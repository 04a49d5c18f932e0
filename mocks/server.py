"""Serve mock line systems over real HTTP on 127.0.0.1, one port each, with their switches beside them.

Under ``/_mock/`` stands what no real system has: the counts, the fault switches and the truth of the city.
None of it asks who is calling, so nothing here may ever listen on another address than loopback.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import httpx
import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.sdk.mock import Faults
from connectors.sdk.mock.spoil import DRIP_BYTES, DRIP_PAUSE_S
from mocks.changes import Change, announce

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.sdk.mock import MockUpstream

HOST = "127.0.0.1"
Truth = Callable[[str, int], Sequence[Mapping[str, object]]]
"""What the city knows of the residents of one committee who are at least so many years old."""

_CHUNK = b" " * 65_536
# A hanging answer must not hold up the end of the process.
_SHUTDOWN_S = 0.5
# aiohttp counts the body itself, or frames it anew.
_FRAMING = {"connection", "content-encoding", "content-length", "transfer-encoding"}


class _TruthQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    committee: str = Field(pattern=r"^[0-9]{12}$")
    age_from: int = Field(default=0, ge=0, le=200)


def application(truth: Truth, mock: MockUpstream | None = None) -> web.Application:
    """Make the application of one port: a mock with its switches, or, without one, the city's truth alone."""
    app = web.Application()

    async def show_truth(request: web.Request) -> web.Response:
        try:
            query = _TruthQuery.model_validate(dict(request.query))
        except ValidationError as error:
            return _refusal(error)
        return _json(truth(query.committee, query.age_from))

    app.router.add_get("/_mock/truth", show_truth)
    if mock is not None:
        _add_mock(app, mock)
    return app


def _add_mock(app: web.Application, mock: MockUpstream) -> None:
    async def show_stats(_request: web.Request) -> web.Response:
        return _json(mock.stats.as_json())

    async def show_faults(_request: web.Request) -> web.Response:
        return _json(mock.faults.model_dump())

    async def put_faults(request: web.Request) -> web.Response:
        try:
            faults = Faults.model_validate_json(await request.read())
        except ValidationError as error:
            return _refusal(error)
        mock.set_faults(faults)
        return _json(faults.model_dump())

    async def post_changes(request: web.Request) -> web.Response:
        try:
            change = Change.model_validate_json(await request.read())
        except ValidationError as error:
            return _refusal(error)
        return _json({"status": await announce(change)})

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            asked = httpx.Request(
                request.method,
                httpx.URL(scheme="http", host=HOST, raw_path=request.raw_path.encode("ascii")),
                headers=list(request.raw_headers),
                content=await request.read(),
            )
        except (httpx.InvalidURL, UnicodeEncodeError):
            return web.Response(status=400)
        return await _send(request, await mock.handle(asked, whole=False), mock.faults)

    app.router.add_get("/_mock/stats", show_stats)
    app.router.add_get("/_mock/faults", show_faults)
    app.router.add_put("/_mock/faults", put_faults)
    app.router.add_post("/_mock/changes", post_changes)
    app.router.add_route("*", "/{path:.*}", answer)


async def _send(request: web.Request, answer: httpx.Response, faults: Faults) -> web.StreamResponse:
    """Send the mock's answer, oversized or by drops where the faults say so, a chunk in memory at a time."""
    headers = [pair for pair in answer.headers.multi_items() if pair[0] not in _FRAMING]
    if not (faults.oversize_mb or faults.drip):
        return web.Response(status=answer.status_code, headers=headers, body=answer.content)
    response = web.StreamResponse(status=answer.status_code, headers=headers)
    response.content_length = faults.oversize_mb * 1024 * 1024 or len(answer.content)
    await response.prepare(request)
    step = DRIP_BYTES if faults.drip else len(_CHUNK)
    with suppress(ConnectionResetError):  # the client had enough and hung up
        for start in range(0, response.content_length, step):
            if faults.drip:
                await asyncio.sleep(DRIP_PAUSE_S)
            end = min(start + step, response.content_length)
            await response.write(_CHUNK[: end - start] if faults.oversize_mb else answer.content[start:end])
    return response


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")


def _refusal(error: ValidationError) -> web.Response:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    errors = [{"field": ".".join(map(str, fault["loc"])), "message": fault["msg"]} for fault in faults]
    return _json({"errors": errors}, status=422)


@asynccontextmanager
async def serving(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serve an application on a loopback port (0: any free one) and yield its base URL, no slash at the end.

    Raises OSError when the port is taken. A client that hangs up frees its handler at once.
    """
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
