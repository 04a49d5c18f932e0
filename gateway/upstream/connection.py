"""One HTTP/1.1 connection to a line system (RFC 9112, read by llhttp): one request at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final, cast

import httptools

from connectors.sdk import BadUpstreamData, Unavailable, UpstreamError
from gateway.upstream.body import Body, InFlight

MAX_HEAD = 64 * 1024
"""Bytes of an answer's status line and headers."""

_WIRE_OVER_BODY: Final = 8
"""How many times longer than its body an answer may be: chunks of one byte are legal, padding is not."""
_FINAL: Final = 200
_BODILESS: Final = {204, 304}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; its body is decoded, so no header speaks of length or encoding any more."""

    status: int
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    content: bytes = field(repr=False)


class Connection(asyncio.Protocol):
    """Exchange requests for answers, one after the other.

    Bytes that nobody asked for end the connection, lest they be taken for the next answer. HEAD and CONNECT,
    whose answers are framed differently, are not spoken.
    """

    def __init__(self, in_flight: InFlight, max_body: int) -> None:
        """Take the limits in bytes; the event loop connects it."""
        self.usable = True
        """Whether another request may be sent; false for ever once it is."""
        self.idle_since = 0.0
        """Monotonic seconds; kept by the transport."""
        self._in_flight = in_flight
        self._max_body = max_body
        self._parser = httptools.HttpResponseParser(self)
        # Line feeds alone and blanks after a chunk's size are what old servers send; no harm can come of them
        # on a connection that nobody shares.
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self._transport: asyncio.Transport | None = None
        self._start()
        self._answered.cancel()  # nothing has been asked yet

    def _start(self) -> None:
        self._answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._body = Body(self._in_flight, self._max_body)
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._encoding = b""
        self._framed = False
        self._wire = 0
        self._head = 0
        self._in_body = False
        self._complete = False
        self._fault: UpstreamError | None = None

    async def exchange(self, request: bytes) -> Answer:
        """Send a whole request and return its answer.

        Raises Unavailable when the connection is lost or the process holds too much, BadUpstreamData for what
        is not HTTP or too large. A failed or cancelled exchange ends the connection.
        """
        if self._transport is None or not self.usable:
            raise Unavailable("connection lost")
        self._start()
        self._transport.write(request)
        try:
            return await self._answered
        except BaseException:
            self._body.give_back()
            self.abort()
            raise

    def abort(self) -> None:
        """End the connection at once."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    # ---- what the event loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        # uvloop's transports bear no relation to asyncio's classes but the name.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what is under way: well only where the answer was to end with the connection."""
        self.usable = False
        if not self._answered.done():
            to_its_end = self._in_body and not self._framed and exc is None
            self._end(None if to_its_end else Unavailable("connection lost"))

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._answered.done():
            self.abort()
            return
        self._wire += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            # Behind a whole answer it is the connection's fault and not the answer's.
            self.usable = False
            if not self._complete:
                self._fault = self._fault or BadUpstreamData("not proper HTTP")
        if self._head > MAX_HEAD or (self._wire > MAX_HEAD and not self._in_body):
            self._fault = self._fault or BadUpstreamData("not proper HTTP")
        if self._wire > MAX_HEAD + _WIRE_OVER_BODY * self._max_body:
            self._fault = self._fault or BadUpstreamData("answer too large")
        if self._fault is not None or self._complete:
            self._end(self._fault)

    def _end(self, fault: UpstreamError | None) -> None:
        """Give the caller the answer, or what went wrong, and the room back before others need it."""
        answer: Answer | None = None
        if fault is None:
            try:
                answer = Answer(self._status, self._headers, self._body.whole())
            except UpstreamError as broken:
                fault = broken
        self._body.give_back()
        if fault is not None or not self.usable:
            self.abort()
        if answer is not None:
            self._answered.set_result(answer)
        elif fault is not None:
            self._answered.set_exception(fault)

    # ---- what the parser tells

    def on_message_begin(self) -> None:
        """Notice an answer that nobody asked for."""
        if self._complete:
            self.usable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; what follows the body is let be."""
        if self._in_body or self._complete:
            return
        self._head += len(name) + len(value)
        match name.lower():
            case b"content-length":
                self._framed = True
            case b"content-encoding":
                self._encoding += value if not self._encoding else b"," + value
            case key:
                self._framed = self._framed or key == b"transfer-encoding"
                self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Learn how the body is encoded; an answer that can have none is framed by that."""
        if self._complete:
            return
        self._status = self._parser.get_status_code()
        if self._status < _FINAL:
            return
        self._in_body = True
        self._framed = self._framed or self._status in _BODILESS
        if self._encoding:
            try:
                self._body.encoded(self._encoding)
            except UpstreamError as fault:
                self._fault = fault

    def on_body(self, chunk: bytes) -> None:
        """Take a piece of the body; its objection is kept, as the parser has no way to raise it."""
        if self._complete or self._fault is not None:
            return
        try:
            self._body.add(chunk)
        except UpstreamError as fault:
            self._fault = fault

    def on_message_complete(self) -> None:
        """Notice the end; an interim answer (RFC 9110 section 15.2) is passed over."""
        if self._complete:
            return
        if self._in_body:
            self._complete = True
            self.usable = self.usable and self._parser.should_keep_alive()
        else:
            self._headers = []
            self._encoding = b""
            self._framed = False
