"""How a mock damages a good answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from random import Random
from typing import Final

import httpx

from connectors.sdk.mock.faults import Faults
from connectors.sdk.text import charset_of

DRIP_BYTES: Final = 4
DRIP_PAUSE_S: Final = 0.5

_NO_CHARSET: Final = b"\xff"
"""A byte that stands in no text, neither of UTF-8 nor of GB18030."""
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")


def spoilt(response: httpx.Response, faults: Faults, noise: Random, *, whole: bool) -> httpx.Response:
    """Return the response as the switched-on faults damage its body; the same one when none does.

    ``whole=False`` leaves a body alone that would only be replaced by a large one.
    """
    content = response.content
    charset = charset_of(response, "utf-8")
    if faults.rewrite:
        content = _rewritten(content, faults.rewrite, charset)
    if faults.charset:
        content = content.decode(charset, "replace").encode(faults.charset, "replace")
    if faults.mojibake:
        content = _broken(content)
    if faults.garbage:
        content = noise.randbytes(512)
    if faults.oversize_mb and whole:
        content = b" " * (faults.oversize_mb * 1024 * 1024)
    if faults.truncate:
        content = content[: len(content) // 2]
    if content is response.content:
        return response
    kept = [(name, value) for name, value in response.headers.multi_items() if name != "content-length"]
    return httpx.Response(response.status_code, headers=kept, content=content)


def _rewritten(content: bytes, words: Mapping[str, str], charset: str) -> bytes:
    text = content.decode(charset, "replace")
    for old, new in words.items():
        text = text.replace(old, new)
    return text.encode(charset, "replace")


def _broken(content: bytes) -> bytes:
    """Return the content with its first byte that is not ASCII, else the middle one, gone wrong."""
    found = _NOT_ASCII.search(content)
    place = found.start() if found else len(content) // 2
    return content[:place] + _NO_CHARSET + content[place + 1 :]


def drip(response: httpx.Response, sleep: Callable[[float], Awaitable[None]]) -> httpx.Response:
    """Return the response with a body that comes a few bytes at a time, ``sleep`` between them."""
    return httpx.Response(
        response.status_code, headers=response.headers, stream=_Drip(response.content, sleep)
    )


class _Drip(httpx.AsyncByteStream):
    def __init__(self, content: bytes, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._content = content
        self._sleep = sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), DRIP_BYTES):
            await self._sleep(DRIP_PAUSE_S)
            yield self._content[start : start + DRIP_BYTES]
