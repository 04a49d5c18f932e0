"""The session cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs

if TYPE_CHECKING:
    from aiohttp import web

PLAIN = "session"
SECURE = "__Host-session"
"""Over HTTPS: browsers then bind it to this host, HTTPS and the whole site (RFC 6265bis section 4.1.3.2)."""


def session_id(request: web.Request, *, secure: bool) -> str | None:
    """Return the session id that the browser sent; from the raw header, as aiohttp's parser takes 35 us."""
    header = request.headers.get(hdrs.COOKIE)
    if not header:
        return None
    wanted = (SECURE if secure else PLAIN) + "="
    for pair in header.split(";"):
        # Browsers put a blank between (RFC 6265 section 4.2.1), programs not always.
        cookie = pair.lstrip()
        if cookie.startswith(wanted):
            return cookie[len(wanted) :]
    return None


def set_session(response: web.Response, value: str, *, secure: bool) -> None:
    """Set the cookie; it ends with the browser, the session's own end is kept on the server."""
    response.set_cookie(
        SECURE if secure else PLAIN, value, path="/", httponly=True, samesite="Lax", secure=secure
    )


def clear_session(response: web.Response, *, secure: bool) -> None:
    """Delete the cookie."""
    response.del_cookie(SECURE if secure else PLAIN, path="/", httponly=True, samesite="Lax", secure=secure)
