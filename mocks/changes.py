"""A line system that tells the gateway what changed, when it is told to."""

from __future__ import annotations

import time
import uuid
from typing import Any

import aiohttp
import orjson
from pydantic import BaseModel, ConfigDict, Field

from connectors.sdk.webhook import key_of, signature

WITHIN_S = 10.0


class Change(BaseModel):
    """What to send, where to, and with which secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str = Field(pattern=r"^http://(127\.0\.0\.1|localhost):[0-9]{1,5}/[A-Za-z0-9/_-]*$")
    secret: str = Field(min_length=24, repr=False)
    message: dict[str, Any]


async def announce(change: Change) -> int:
    """Send a signed message (Standard Webhooks) and return the status of its answer.

    Raises ValueError for a secret that is none, and what aiohttp raises.
    """
    body, message_id, timestamp = orjson.dumps(change.message), uuid.uuid4().hex, str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(key_of(change.secret), message_id, timestamp, body),
    }
    timeout = aiohttp.ClientTimeout(total=WITHIN_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as client,
        client.post(change.url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status
