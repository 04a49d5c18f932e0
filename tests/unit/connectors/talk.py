"""Speak with a mock through the SDK's own runner, as the gateway does, without a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from connectors.sdk import AuthScheme, Credential, Steps
from connectors.sdk.mock import MockUpstream
from connectors.sdk.run import converse

S = TypeVar("S")
T = TypeVar("T")


@dataclass
class Talk:
    """Keep what was sent to a mock at a base URL."""

    mock: MockUpstream
    base: httpx.URL = field(default_factory=lambda: httpx.URL("http://line.example:8080/"))
    seen: list[httpx.Request] = field(default_factory=list)

    async def send(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        # As over a wire: the other side gets no extension of ours.
        arrived = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        return await self.mock.handle(arrived)

    async def run(self, steps: Steps[T]) -> T:
        return await converse(steps, self.send, self.base)

    async def sign_in(self, scheme: AuthScheme[S], username: str, secret: str) -> S:
        return await self.run(scheme.sign_in(Credential(username, secret)))

    async def ask(
        self, scheme: AuthScheme[Any], session: object, path: str, *, content: bytes | None = None
    ) -> httpx.Response:
        method = "GET" if content is None else "POST"
        request = httpx.Request(method, self.base.join(path.lstrip("/")), content=content)
        return await self.send(scheme.apply(request, session))
