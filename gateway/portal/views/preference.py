"""What a browser prefers, and the mark of who looks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aiohttp import web

from gateway.portal.page import LARGE, see_other
from gateway.portal.paths import own_path
from gateway.portal.times import spoken
from gateway.web.endpoint import is_secure

if TYPE_CHECKING:
    from gateway.portal.page import Visit

_YEAR_S = 365 * 86_400

_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%"><defs>'
    '<pattern id="p" width="340" height="190" patternUnits="userSpaceOnUse" patternTransform="rotate(-18)">'
    '<text x="8" y="60" font-size="14" font-family="sans-serif" fill="#1a2421" fill-opacity="0.07">'
    "{text}</text>"
    '</pattern></defs><rect width="100%" height="100%" fill="url(#p)"/></svg>'
)


async def large(visit: Visit) -> web.StreamResponse:
    """Keep the preference for large letters in this browser; says nothing of a person, needs no session."""
    response = see_other(own_path(visit.form.get("next")))
    response.set_cookie(
        LARGE,
        "1" if visit.form.get("on") == "1" else "0",
        max_age=_YEAR_S,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=is_secure(visit.services),
    )
    return response


async def watermark(visit: Visit) -> web.StreamResponse:
    """Draw who looks, and when, over the page and its print."""
    session, clock = visit.session, visit.services.clock
    text = f"{session.display_name} · {session.username} · {spoken(clock.now(), clock.today())}"
    return web.Response(body=_MARK.format(text=escape(text)).encode(), content_type="image/svg+xml")
