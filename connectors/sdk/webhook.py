"""Signed messages from a line system, as both ends make them (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import base64
import binascii
import hmac

PREFIX = "whsec_"
"""Begins a secret that is written in base64; any other is taken as it stands."""
MIN_SECRET_BYTES = 24
"""As the specification has it."""


def key_of(secret: str) -> bytes:
    """Return the key that a written secret stands for; raises ValueError for a short or mistyped one."""
    try:
        key = (
            base64.b64decode(secret.removeprefix(PREFIX), validate=True)
            if secret.startswith(PREFIX)
            else secret.encode()
        )
    except binascii.Error:
        raise ValueError("the secret of a webhook is no base64") from None
    if len(key) < MIN_SECRET_BYTES:
        raise ValueError(f"the secret of a webhook has at least {MIN_SECRET_BYTES} bytes")
    return key


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a message: HMAC-SHA256 over its id, its time in Unix seconds and its body.

    ``message_id`` must hold no dot, or two messages could read the same.
    """
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
