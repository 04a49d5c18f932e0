"""What people are called in the audit trail."""

from __future__ import annotations

import hmac

from connectors.sdk.query import Identity

_BYTES = 16


def pseudonym(key: bytes, identity: Identity) -> bytes:
    """Return the 16 bytes that stand for a person in every audit record.

    HMAC-SHA256 under the audit key over ``kind``, a zero byte and the number (UTF-8), cut to 16 bytes. Equal
    for equal identities for as long as the key lives, so that a person's accesses can be found; without the
    key nobody can try numbers against it. The number must be in its normal form already.
    """
    return hmac.digest(key, identity.kind.encode() + b"\0" + identity.number.encode(), "sha256")[:_BYTES]
