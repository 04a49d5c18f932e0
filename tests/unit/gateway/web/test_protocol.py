"""What reaches no handler, over a bare connection."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import orjson
import pytest
import pytest_asyncio

from tests.unit.gateway.web.site import Site, site

in_one_loop = pytest.mark.asyncio(loop_scope="module")
SECRET = "319999193405060011"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with site(tmp_path_factory.mktemp("site")) as made:
        yield made


async def sent(running: Site, raw: bytes) -> tuple[bytes, bytes]:
    """Send bytes, take what comes until the gateway hangs up; return (head, body)."""
    address = urlsplit(running.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(raw)
        async with asyncio.timeout(10):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    return head, body


@in_one_loop
@pytest.mark.parametrize(
    "raw",
    [
        f"{SECRET}\r\n\r\n",
        f"GET /{SECRET} HTTP/9.9\r\n\r\n",
        f"GET /{SECRET} HTTP/1.1\r\nA {SECRET}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\nX: {'x' * 9000}{SECRET}\r\n\r\n",
    ],
    ids=["no HTTP", "no version", "no header", "too long"],
)
async def test_a_broken_head_is_told_so_and_quoted_nowhere(running: Site, raw: str) -> None:
    head, body = await sent(running, raw.encode())
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"application/problem+json" in head
    problem = orjson.loads(body)
    line = (await running.logged())[-1]
    assert (line["method"], line["route"], line["status"]) == ("?", "none", 400)
    assert line["request_id"] == problem["request_id"]
    assert SECRET not in f"{head!r}{body!r}{line}"


@in_one_loop
async def test_requests_sent_at_once_are_answered_in_order(running: Site) -> None:
    head, body = await sent(
        running,
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body.startswith(b'{"status":"ok"}HTTP/1.1 404 ')
    assert [line["route"] for line in (await running.logged())[-2:]] == ["/healthz", "none"]


@in_one_loop
async def test_who_asks_whether_to_send_a_body_is_told(running: Site) -> None:
    """RFC 9110 section 10.1.1."""
    head, rest = await sent(
        running,
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    )
    assert head == b"HTTP/1.1 100 Continue"
    assert rest.startswith(b"HTTP/1.1 422 ")
