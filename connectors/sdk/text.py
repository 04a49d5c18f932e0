"""Decode upstream text: GBK and GB2312 are read as GB18030, and lies about the charset are found."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.sdk.errors import BadUpstreamData

if TYPE_CHECKING:
    import httpx

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_\-]+)""", re.IGNORECASE)
_GB = {"gb2312", "gbk", "gb18030", "gb_2312-80", "cp936", "x-gbk"}
# Chinese text in GB18030 that also reads as UTF-8 is rare but real ("联通"); eight characters are a lie.
_LIE_AFTER = 8
_JSON = (b"{", b"[")


def charset_of(response: httpx.Response, default: str) -> str:
    """Return the charset declared in the header, else in the first 1,024 bytes; GB18030 for the GB family.

    What begins as JSON is not searched.
    """
    declared = _of_header(response.headers.get("content-type", ""))
    # JSON declares nothing in itself; what stands in it is people's words.
    if declared is None and response.content[:1] not in _JSON:
        declared = _declared(response.content[:1024])
    return declared or _known(default)


@lru_cache(maxsize=64)
def _of_header(content_type: str) -> str | None:
    return _declared(content_type.encode("ascii", "ignore"))


def _declared(head: bytes) -> str | None:
    found = _CHARSET.search(head)
    return _known(found.group(1).decode("ascii")) if found else None


def _known(name: str) -> str:
    name = name.lower()
    return "gb18030" if name in _GB else name


def decode(response: httpx.Response, default: str = "utf-8") -> str:
    """Return the body as text, strictly decoded.

    Raises BadUpstreamData for an unknown charset, for bytes that the charset does not allow, and for UTF-8
    that is declared as GB18030 (it would decode to other, wrong characters without an error). Not guaranteed:
    a short text of fewer than eight Chinese characters in the wrong charset passes.
    """
    charset = charset_of(response, default)
    text = _decoded(response.content, charset)
    if text is None:
        msg = "text does not fit its charset"
        raise BadUpstreamData(msg)
    if charset == "gb18030" and _reads_as_utf8(response.content):
        msg = "text is UTF-8 though declared as GB18030"
        raise BadUpstreamData(msg)
    return text


def _decoded(content: bytes, charset: str) -> str | None:
    """Return the text, or None.

    The error of Python holds the whole content, so it must not become a context.
    """
    try:
        return content.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None


def _reads_as_utf8(content: bytes) -> bool:
    if content.isascii():
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(not char.isascii() for char in text) >= _LIE_AFTER
