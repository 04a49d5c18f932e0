"""The transport against real servers on this machine, most of them ill-behaved."""

import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.sdk import BadUpstreamData, TimedOut, Unavailable, UpstreamError
from gateway.upstream.body import MAX_BODY, InFlight
from gateway.upstream.clients import open_transport
from gateway.upstream.transport import Transport

MEBIBYTE = 1024 * 1024
SECRET = "319999193405060011"
"""Stands in everything that servers say, and in nothing that we say."""

PUBLIC_TLS = ssl.create_default_context()
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport() as opened:
        yield opened


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    app = web.Application(client_max_size=8 * MEBIBYTE)
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@asynccontextmanager
async def saying(talk: Talk, tls: ssl.SSLContext | None = None, *, listen: bool = True) -> AsyncIterator[str]:
    """Serve by hand: ``talk`` reads and writes bytes; ``listen`` takes the request's head first."""
    talking: set[asyncio.Task[None]] = set()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            if listen:
                await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()

    server = await asyncio.start_server(once, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/"
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking)


def bytes_once(content: bytes) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return talk


def answer(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), b"Connection: close", *headers]
    return b"\r\n".join([*lines, b"", body])


async def closed_idle(transport: Transport) -> None:
    """Wait until no kept connection is fit for use."""
    async with asyncio.timeout(5):
        while any(one.usable for kept in transport._idle.values() for one in kept):
            await asyncio.sleep(0.001)


async def get(transport: Transport, url: str) -> httpx.Response:
    return await transport.handle_async_request(httpx.Request("GET", url))


async def refused(transport: Transport, url: str, kind: type[UpstreamError]) -> str:
    with pytest.raises(UpstreamError) as failed:
        await get(transport, url)
    assert type(failed.value) is kind
    said = f"{failed.value} {failed.value!r} {failed.value.__cause__!r}"
    assert SECRET not in said
    assert "127.0.0.1" not in said
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    return str(failed.value)


# ---- what passes


async def test_a_request_goes_out_and_its_answer_comes_in_whole(transport: Transport) -> None:
    async def echo(request: web.Request) -> web.Response:
        seen = {name.lower(): value for name, value in request.headers.items()}
        assert seen.keys() == {"host", "content-length", "content-type", "x-key"}, "nothing is added"
        return web.Response(
            status=207,
            body=await request.read(),
            headers={"X-Path": request.raw_path},
            content_type="text/plain",
        )

    async with serving(echo) as url:
        request = httpx.Request(
            "POST",
            f"{url}a%20b/c?x=%2F",
            content="陈桂芳".encode("gb18030"),
            headers={"X-Key": "k", "Content-Type": "text/plain; charset=gb18030"},
        )
        response = await transport.handle_async_request(request)
    assert response.status_code == 207
    assert response.content == "陈桂芳".encode("gb18030")
    assert response.headers["x-path"] == "/a%20b/c?x=%2F", "as encoded, not encoded again"
    assert response.request is request
    read = httpx.Response(
        207,
        headers=[(k, v) for k, v in response.headers.raw if k.lower() != b"content-length"],
        content=response.content,
        request=request,
    )
    assert vars(response).keys() - vars(read).keys() == set(), "httpx sets something else by now"
    assert (response.is_closed, response.is_stream_consumed) == (read.is_closed, read.is_stream_consumed)
    assert response.read() == await response.aread() == response.content
    assert response.text == read.text


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "GZIP", "identity", ""])
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
async def test_a_compressed_body_is_inflated_whole(transport: Transport, encoding: str, size: int) -> None:
    plain = bytes(number % 251 for number in range(size))
    packed = plain
    if encoding:
        packed = zlib.compress(plain) if encoding == "deflate" else gzip.compress(plain)
    if encoding == "identity":
        packed = plain
    async with saying(bytes_once(answer(packed, b"Content-Encoding: %s" % encoding.encode()))) as url:
        response = await get(transport, url)
    assert response.content == plain
    assert not {"content-encoding", "content-length"} & response.headers.keys(), "they spoke of other bytes"


async def test_an_empty_answer_with_an_encoding_is_empty(transport: Transport) -> None:
    async with saying(bytes_once(answer(b"", b"Content-Encoding: gzip"))) as url:
        assert (await get(transport, url)).content == b""


async def test_redirects_are_handed_back_and_not_followed(transport: Transport) -> None:
    hits: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async with serving(redirect) as url:
        response = await get(transport, f"{url}start")
    assert (response.status_code, response.headers["location"]) == (302, "/elsewhere")
    assert hits == ["/start"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_cookie_is_kept_for_whoever_asks_next(transport: Transport, host: str) -> None:
    """By host name too: cookie jars keep none for an IP address, which would hide a leak."""
    cookies: list[str | None] = []

    async def login(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "JSESSIONID=first-account; Path=/"})

    async with serving(login) as url:
        own = url.replace("127.0.0.1", host)
        first = await get(transport, own)
        second = await get(transport, own)
        mine = httpx.Request("GET", own, headers={"Cookie": "JSESSIONID=second-account"})
        await transport.handle_async_request(mine)
    assert cookies == [None, None, "JSESSIONID=second-account"]
    assert [*first.headers.get_list("set-cookie"), *second.headers.get_list("set-cookie")] == [
        "JSESSIONID=first-account; Path=/"
    ] * 2, "whoever runs the exchange sees them"


async def test_connections_are_used_again(transport: Transport) -> None:
    peers: set[object] = set()

    async def note(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response()

    async with serving(note) as url:
        for _ in range(5):
            await get(transport, url)
    assert len(peers) == 1


async def test_a_kept_connection_that_the_server_closed_is_not_used(transport: Transport) -> None:
    hangs_up = bytes_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    async with saying(hangs_up) as url:
        for _ in range(5):
            assert (await get(transport, url)).content == b"ok"
            await closed_idle(transport)


async def test_a_connection_that_the_server_gives_up_is_not_used(transport: Transport) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"ok"))
        await reader.read()

    async with saying(talk) as url:
        for _ in range(2):
            assert (await asyncio.wait_for(get(transport, url), 5)).content == b"ok"


async def test_a_connection_that_nobody_uses_is_closed() -> None:
    closed = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        with suppress(ConnectionError):
            await reader.read()
        closed.set()

    transport = Transport(PUBLIC_TLS, InFlight(), idle_s=0.02)
    async with saying(talk) as url:
        await get(transport, url)
        await asyncio.wait_for(closed.wait(), 5)
    await transport.aclose()


async def test_connections_end_with_the_transport() -> None:
    closed = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        with suppress(ConnectionError):
            await reader.read()
        closed.set()

    async with saying(talk) as url:
        async with open_transport() as transport:
            await get(transport, url)
        await asyncio.wait_for(closed.wait(), 5)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 103 Early\r\nX-A: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2", b"2"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\nX-Old: yes\nContent-Length: 3\n\nold", b"old"),
        (b"HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 1\r\n\r\n1", b"1"),
        (
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"3 \r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Late: 1\r\n\r\n"
            ),
            b"abcde",
        ),
    ],
    ids=[
        "1.0 to the end",
        "1.1 to the end",
        "interim",
        "no content",
        "bare feeds",
        "empty header",
        "trailers",
    ],
)
async def test_every_legal_framing_is_understood(transport: Transport, content: bytes, body: bytes) -> None:
    async with saying(bytes_once(content)) as url:
        response = await get(transport, url)
    assert response.content == body
    assert response.status_code in {200, 204}
    assert not {"x-a", "x-late"} & response.headers.keys()


async def test_an_answer_in_many_small_pieces_is_put_together(transport: Transport) -> None:
    async def slowly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in gzipped:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    gzipped = answer(gzip.compress(b"piece by piece"), b"Content-Encoding: gzip")
    async with saying(slowly) as url:
        assert (await get(transport, url)).content == b"piece by piece"


@pytest.mark.parametrize("when", ["at once", "later"])
async def test_an_answer_that_nobody_asked_for_is_given_to_nobody(transport: Transport, when: str) -> None:
    """Else one person's data would be taken for the next one's."""
    own = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown"
    stray = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"
    sent = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(own + stray if when == "at once" else own)
        await writer.drain()
        if when == "later":
            await asyncio.sleep(0.02)
            writer.write(stray)
        sent.set()
        await reader.read()

    async with saying(talk) as url:
        for _ in range(3):
            sent.clear()
            assert (await get(transport, url)).content == b"own"
            await asyncio.wait_for(sent.wait(), 5)
            await closed_idle(transport)


@pytest.mark.parametrize("forged", ["a\r\nX-Forged: 1", "a\nb", "a\rb", "a\0b"])
async def test_a_header_that_would_forge_another_is_not_sent(transport: Transport, forged: str) -> None:
    async def nothing(_request: web.Request) -> web.Response:
        raise AssertionError("nothing may arrive")

    async with serving(nothing) as url:
        request = httpx.Request("GET", url, headers={"Cookie": forged})
        with pytest.raises(BadUpstreamData, match=r"^not proper HTTP$"):
            await transport.handle_async_request(request)


# ---- too much


@pytest.mark.parametrize("piece", [b"X-More: again\r\n", b"x" * 1000], ids=["headers", "one header"])
async def test_an_endless_head_is_cut_off(transport: Transport, piece: bytes) -> None:
    async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(piece)
            await writer.drain()

    async with saying(endless) as url:
        assert await refused(transport, url, BadUpstreamData) == "not proper HTTP"


async def test_endless_trailers_are_cut_off() -> None:
    async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        while True:
            writer.write(b"X-More: again\r\n" * 1000)
            await writer.drain()

    transport = Transport(PUBLIC_TLS, InFlight(), max_body=MEBIBYTE // 8)
    async with saying(endless) as url:
        assert await refused(transport, url, BadUpstreamData) == "answer too large"


async def test_a_gzip_bomb_meets_the_limit_early() -> None:
    bomb = gzip.compress(bytes(64 * MEBIBYTE))
    assert len(bomb) < 100_000
    counted: list[int] = []

    class Counting(InFlight):
        def take(self, size: int) -> None:
            super().take(size)
            counted.append(size)

    transport = Transport(PUBLIC_TLS, Counting())
    async with saying(bytes_once(answer(bomb, b"Content-Encoding: gzip"))) as url:
        assert await refused(transport, url, BadUpstreamData) == "answer too large"
    assert sum(counted) <= MAX_BODY + 65_536
    assert max(counted) <= 65_536


@pytest.mark.parametrize("chunked", [True, False])
async def test_an_oversized_body_is_cut_off(transport: Transport, chunked: bool) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        response.content_length = None if chunked else 10 * MEBIBYTE
        await response.prepare(request)
        for _ in range(10 * 16):
            await response.write(bytes(65_536))
            sent += 65_536
        return response

    async with serving(flood) as url:
        assert await refused(transport, url, BadUpstreamData) == "answer too large"
        await asyncio.sleep(0.05)
    assert sent < 10 * MEBIBYTE, "the connection was closed"


async def test_a_body_as_large_as_the_limit_passes(transport: Transport) -> None:
    async with saying(bytes_once(answer(bytes(MAX_BODY)))) as url:
        assert len((await get(transport, url)).content) == MAX_BODY
    async with saying(bytes_once(answer(bytes(MAX_BODY + 1)))) as url:
        await refused(transport, url, BadUpstreamData)


async def test_many_large_answers_at_once_stay_within_bounds() -> None:
    limit, size, most = 4 * MEBIBYTE, MEBIBYTE, 0

    class Watched(InFlight):
        def take(self, size: int) -> None:
            nonlocal most
            super().take(size)
            most = max(most, self._held)

    gate = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(size)})
        await response.prepare(request)
        await response.write(bytes(size - 1))
        await gate.wait()
        await response.write(b".")
        return response

    in_flight = Watched(limit)
    transport = Transport(PUBLIC_TLS, in_flight)
    async with serving(slow) as url:
        calls = [asyncio.ensure_future(get(transport, url)) for _ in range(100)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_EXCEPTION)
        gate.set()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        await transport.aclose()
    refusals = [error for error in ended if isinstance(error, BaseException)]
    assert {type(error) for error in refusals} == {Unavailable}
    assert len(refusals) < len(calls), "who came first was served"
    assert most <= limit
    assert in_flight._held == 0, "all is given back"
    async with serving(slow) as url:
        assert len((await get(transport, url)).content) == size
        await transport.aclose()


# ---- broken


async def test_nobody_listening_is_unavailable(transport: Transport) -> None:
    assert await refused(transport, f"http://127.0.0.1:{unused_port()}/", Unavailable) == "connection refused"


async def test_an_unknown_name_is_unavailable(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_names(*_asked: object, **_more: object) -> None:
        raise socket.gaierror(f"no address for {SECRET}")

    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    assert await refused(transport, "http://line.test/", Unavailable) == "name not resolved"


async def test_a_reset_before_the_answer_is_unavailable(transport: Transport) -> None:
    async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with saying(reset) as url:
        assert await refused(transport, url, Unavailable) == "connection lost"


@pytest.mark.parametrize("how", ["abort", "close"])
@pytest.mark.parametrize("framing", [b"Content-Length: 1000", b"Transfer-Encoding: chunked"])
async def test_a_connection_lost_in_the_body_is_unavailable(
    transport: Transport, how: str, framing: bytes
) -> None:
    async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n%s\r\n\r\n" % framing + b"3e8\r\n" + SECRET.encode())
        await writer.drain()
        await asyncio.sleep(0.02)
        if how == "abort":
            writer.transport.abort()

    async with saying(cut) as url:
        assert await refused(transport, url, Unavailable) == "connection lost"


@pytest.mark.parametrize(
    "content",
    [
        f"{SECRET} is not HTTP\r\n\r\n".encode(),
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + SECRET.encode(),
        b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"HTTP/1.1 200 OK\r\nNo colon " + SECRET.encode() + b"\r\n\r\n",
    ],
    ids=[
        "no http",
        "no status",
        "no length",
        "long header",
        "no chunk",
        "upgrade",
        "two framings",
        "two lengths",
        "no header",
    ],
)
async def test_what_is_not_http_is_bad_data(transport: Transport, content: bytes) -> None:
    async with saying(bytes_once(content)) as url:
        assert await refused(transport, url, BadUpstreamData) == "not proper HTTP"


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        (b"gzip", SECRET.encode(), "broken compression"),
        (b"deflate", SECRET.encode(), "broken compression"),
        (b"gzip", gzip.compress(SECRET.encode() * 100)[:-12], "broken compression"),
        (b"gzip", gzip.compress(b"a") + gzip.compress(b"b"), "broken compression"),
        (b"gzip", gzip.compress(b"a") + b"rest", "broken compression"),
        (b"br", SECRET.encode(), "unknown content encoding"),
        (b"gzip, gzip", gzip.compress(b"a"), "unknown content encoding"),
    ],
    ids=["no gzip", "no deflate", "cut", "two members", "trailing", "brotli", "twice"],
)
async def test_a_wrong_content_encoding_is_bad_data(
    transport: Transport, encoding: bytes, body: bytes, reason: str
) -> None:
    async with saying(bytes_once(answer(body, b"Content-Encoding: " + encoding))) as url:
        assert await refused(transport, url, BadUpstreamData) == reason


async def test_a_certificate_that_nobody_vouches_for_is_refused(transport: Transport, tmp_path: Path) -> None:
    async with saying(bytes_once(answer(b"")), self_signed(tmp_path)) as url:
        assert await refused(transport, url, Unavailable) == "TLS failed"


async def test_plain_http_where_tls_is_expected_is_refused(transport: Transport) -> None:
    async with saying(bytes_once(answer(SECRET.encode())), listen=False) as url:
        assert await refused(transport, url.replace("http:", "https:"), Unavailable) == "TLS failed"


async def test_a_server_that_never_finishes_its_greeting_is_unavailable() -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with saying(silent, listen=False) as url:
        transport = Transport(PUBLIC_TLS, InFlight(), connect_timeout_s=0.1)
        https = url.replace("http:", "https:")
        assert await refused(transport, https, Unavailable) == "no connection in time"


async def test_a_drip_ends_when_the_caller_has_had_enough(transport: Transport) -> None:
    closed = asyncio.Event()

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            for _ in range(1000):
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            closed.set()

    async with saying(drip) as url:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await get(transport, url)
        await asyncio.wait_for(closed.wait(), 2)
    assert transport._in_flight._held == 0


def test_a_timeout_is_told_from_a_fault() -> None:
    assert issubclass(TimedOut, Unavailable), "the guard says it, not the transport"


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
