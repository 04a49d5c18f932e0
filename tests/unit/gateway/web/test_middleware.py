"""The edge: whatever happens behind it, the answer has its headers, its id and its line in the log."""

import asyncio
import io
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.errors import NotFoundInScope
from gateway.logs import RequestLog
from gateway.web.middleware import HEADERS, edge, new_request_id

SECRET = "319999193405060011"


async def through(
    result: web.Response | BaseException, **headers: str
) -> tuple[web.Response, dict[str, Any]]:
    """Send one request through the edge to a handler that answers or raises this; return the log line too."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        if isinstance(result, BaseException):
            raise result
        return result

    app = web.Application()
    app.router.add_get("/api/v1/residents/{resident}", handler)
    request = make_mocked_request("GET", f"/api/v1/residents/{SECRET}", headers=headers, app=app)
    request._match_info = await app.router.resolve(request)
    request._match_info.add_app(app)
    stream = io.BytesIO()
    response = await edge(RequestLog(stream))(request, handler)
    assert isinstance(response, web.Response)
    await asyncio.sleep(0)  # lines go out when the loop has turned
    line: dict[str, Any] = orjson.loads(stream.getvalue())
    return response, line


@pytest.mark.parametrize(
    "result",
    [web.json_response({}), NotFoundInScope(), web.HTTPNotFound(), ZeroDivisionError()],
    ids=["answer", "refusal", "unknown", "defect"],
)
async def test_every_answer_has_its_headers_and_its_line(result: web.Response | BaseException) -> None:
    response, line = await through(result)
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert response.headers["X-Request-Id"] == line["request_id"]
    assert (line["method"], line["status"]) == ("GET", response.status)
    assert line["route"] == "/api/v1/residents/{resident}"
    assert isinstance(line["duration_ms"], float)


async def test_an_answer_may_say_otherwise() -> None:
    response, _ = await through(web.Response(headers={"Cache-Control": "max-age=60"}))
    assert response.headers["Cache-Control"] == "max-age=60"


async def test_a_defect_tells_nobody_anything() -> None:
    error = ValueError(f"no such person {SECRET}")
    error.__cause__ = KeyError(SECRET)
    response, line = await through(error)
    assert isinstance(response.body, bytes)
    body = orjson.loads(response.body)
    assert (response.status, body["code"]) == (500, "internal")
    assert body["request_id"] == line["request_id"]
    assert SECRET not in response.body.decode()
    assert line["error"].startswith("ValueError at test_middleware.py:")
    assert SECRET not in str(line)


async def test_two_requests_have_two_ids() -> None:
    first, second = (await through(web.Response()))[1], (await through(web.Response()))[1]
    assert first["request_id"] != second["request_id"]


def test_an_id_is_sixteen_hexadecimal_digits_and_new() -> None:
    ids = {new_request_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in ids)


async def test_who_hangs_up_is_no_defect() -> None:
    with pytest.raises(asyncio.CancelledError):
        await through(asyncio.CancelledError())
