"""Where a person may be sent back to: paths of our own pages and nothing else."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

HOME = "/"
# An allow-list: no scheme, no host, no backslash, no control character, and nothing that signs in or out.
_OWN = re.compile(r"/(?:(?:find|p|h)/[A-Za-z0-9_-]{1,1200}|systems|audit)?(?:\?[A-Za-z0-9_.~:=&%+-]{0,800})?")


def own_path(text: str | None) -> str:
    """Return the path if it is one of our pages, else the landing page."""
    return text if text and _OWN.fullmatch(text) else HOME


def sign_in_path(back: str | None) -> str:
    """Return the sign-in page that leads back to a page of ours."""
    path = own_path(back)
    return "/login" if path == HOME else f"/login?next={quote(path, safe='/')}"


def path_of(address: str | None) -> str:
    """Return path and query of a whole address, as htmx sends it; the landing page for anything odd."""
    if not address:
        return HOME
    try:
        parts = urlsplit(address)
    except ValueError:
        return HOME
    return own_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)
