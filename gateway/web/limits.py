"""How much and how long a client may send."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from gateway.errors import MalformedInput

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY = 64 * 1024
"""Bytes of a request body."""
BODY_WITHIN_S = 10.0
"""How long a body may take to arrive."""
HEAD_WITHIN_S = 15.0
"""How long a connection may wait for a whole request head, idle between requests or sending by drops."""


async def json_object(request: web.Request, within_s: float = BODY_WITHIN_S) -> Mapping[str, Any]:
    """Return the body as a JSON object.

    Raises MalformedInput, or aiohttp's 413 (too large), 415 (not JSON) and 408 (not there ``within_s``).
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    if request.content.is_eof():
        # All of it has come with the head, as most do: there is nothing to wait for.
        raw = await request.read()
    else:
        try:
            async with asyncio.timeout(within_s):
                raw = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedInput from None
    if not isinstance(content, dict):
        raise MalformedInput
    return content
