"""One account on the system under test, kept as the gateway keeps it.

The SDK must not know the gateway (an import contract says so, and a connector's author has no use for its
inner parts), so this is its own small driver: single-flight sign-in, no password tried twice, an exchange
restarted after an expiry, limits on time and size. The gateway's own account has tests of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final

import httpx

from connectors.sdk.auth.scheme import Credential
from connectors.sdk.connector import Connector
from connectors.sdk.errors import (
    AuthRejected,
    BadUpstreamData,
    NotFound,
    SessionExpired,
    TimedOut,
    Unavailable,
)
from connectors.sdk.query import ListCohort, ListCommittee, Query
from connectors.sdk.record import Record
from connectors.sdk.run import Send, converse, fetch
from connectors.sdk.testing.site import Site

MAX_BODY: Final = 2 * 1024 * 1024
SESSIONS_TRIED: Final = 3


class Account:
    """Ask under one upstream session, renewed once for however many callers."""

    def __init__(self, connector: Connector[Any], credential: Credential, site: Site) -> None:
        """Take what signing in needs; nothing is sent before a question is asked."""
        self.sent: list[httpx.Request] = []
        """Every request that went out, in order."""
        self.after_each: Callable[[], Awaitable[None]] | None = None
        """Awaited after each answer to a question, to make trouble in the middle of an exchange."""
        self._connector = connector
        self._credential = credential
        self._site = site
        self._turn = asyncio.Lock()
        self._session: object | None = None
        self._rejected = False

    async def ask(self, query: Query) -> list[Record]:
        """Ask, signing in again where the session is over; an unknown person is an empty list.

        Raises what :func:`connectors.sdk.run.fetch` does, but for SessionExpired and NotFound.
        """
        expired: object | None = None
        for _ in range(SESSIONS_TRIED):
            session = await self.session(expired)
            try:
                return await self._fetch(query, session)
            except SessionExpired:
                expired = session
            except NotFound:
                return []
            except AuthRejected:
                self._rejected = True
                raise
        raise Unavailable("the upstream session keeps expiring")

    async def once(self, query: Query) -> list[Record]:
        """Ask under the present session only; raises whatever :func:`connectors.sdk.run.fetch` does."""
        return await self._fetch(query, await self.session())

    async def session(self, expired: object | None = None) -> object:
        """Return a session other than ``expired``; the first of many callers signs in."""
        async with self._turn:
            if self._rejected:
                raise AuthRejected("not tried again")
            if self._session is None or self._session is expired:
                try:
                    self._session = await self._sign_in(expired)
                except AuthRejected:
                    self._rejected = True
                    raise
            return self._session

    async def sign_out(self) -> None:
        """End the session at the system."""
        steps = self._connector.auth.sign_out(await self.session())
        await converse(steps, self._sender(self._connector.manifest.timeout_s), self._connector.base_url)
        self._session = None

    async def _sign_in(self, expired: object | None) -> object:
        seconds = self._connector.manifest.timeout_s
        auth = self._connector.auth
        steps = auth.sign_in(self._credential) if expired is None else auth.renew(self._credential, expired)
        try:
            async with asyncio.timeout(seconds):
                return await converse(steps, self._sender(seconds), self._connector.base_url)
        except TimeoutError:
            raise Unavailable("sign-in took too long") from None

    async def _fetch(self, query: Query, session: object) -> list[Record]:
        manifest = self._connector.manifest
        a_list = isinstance(query, ListCommittee | ListCohort)
        seconds = manifest.list_timeout_s if a_list else manifest.timeout_s
        send = self._sender(seconds)

        async def interrupted(request: httpx.Request) -> httpx.Response:
            response = await send(request)
            if self.after_each:
                await self.after_each()
            return response

        try:
            async with asyncio.timeout(seconds):
                return await fetch(self._connector, query, session, interrupted)
        except TimeoutError:
            raise TimedOut("no answer in time") from None

    def _sender(self, seconds: float) -> Send:
        """Return a way to send within a deadline and a size; a whole body, as the gateway gives it."""
        ends = self._site.monotonic() + seconds

        async def send(request: httpx.Request) -> httpx.Response:
            self.sent.append(request)
            try:
                response = await self._site.transport.handle_async_request(request)
                async with aclosing(_stream(response)) as stream:
                    body = await self._read(stream, ends)
            except httpx.TransportError:
                raise Unavailable("connection lost") from None
            headers = response.headers
            return httpx.Response(response.status_code, headers=headers, content=body, request=request)

        return send

    async def _read(self, stream: httpx.AsyncByteStream, ends: float) -> bytes:
        body = bytearray()
        async for chunk in stream:
            body += chunk
            if len(body) > MAX_BODY:
                raise BadUpstreamData("answer too large")
            if self._site.monotonic() > ends:
                raise TimedOut("no answer in time")
        return bytes(body)


def _stream(response: httpx.Response) -> httpx.AsyncByteStream:
    """Return the body as it arrives; a mock's is whole already and may be read again."""
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError("a transport without an asynchronous body")
    return response.stream
