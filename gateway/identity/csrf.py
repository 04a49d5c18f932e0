"""The CSRF token of a session: derived from its id, so nothing is stored and none outlives its session."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode

from gateway.errors import CrossSite


def token(session_id: str) -> str:
    """Return the token: HMAC-SHA256 of ``csrf`` under the session id, base64url unpadded, 43 characters.

    It says nothing of the id, so a page may hold it where scripts can read it.
    """
    digest = hmac.digest(_octets(session_id), b"csrf", "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def check(expected: str, offered: str | None) -> None:
    """Compare in constant time; raise CrossSite unless ``offered`` is the session's token, ``expected``.

    The ``Origin`` of the request is *not* looked at.
    """
    if offered is None or not hmac.compare_digest(_octets(expected), _octets(offered)):
        raise CrossSite


def _octets(text: str) -> bytes:
    # A header's undecodable bytes arrive as lone surrogates; they must fail to match, not fail to encode.
    return text.encode("utf-8", "surrogatepass")
