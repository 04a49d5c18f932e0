"""Speak SOAP 1.1 in RPC style with systems that answer one string and report errors in their own loose way.

Source: W3C Note SOAP 1.1 (2000), sections 4 and 7, as Apache Axis 1 speaks it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import httpx

from connectors.sdk.errors import (
    AuthRejected,
    BadUpstreamData,
    SessionExpired,
    Throttled,
    Unavailable,
    UpstreamError,
)
from connectors.sdk.request import whole_request
from connectors.sdk.text import decode
from connectors.sdk.xml import parse_xml

KEY_PLACE: Final = b"<key/>"
"""Where the session key goes in a request's body. No parameter can imitate it: their ``<`` is escaped."""

_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_LOOSE_ERROR: Final = re.compile(r"""\s*\{\s*["']?errorMsg["']?\s*:\s*["']?(?P<message>[^"'}]*)""")
# Control characters may stand in no XML 1.0 document, escaped or not (section 2.2); nor may lone surrogates.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """Say by which words a system's error messages mean what; a message with none of them is bad data."""

    expired: tuple[str, ...]
    rejected: tuple[str, ...]
    throttled: tuple[str, ...]
    unavailable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoapService:
    """Make calls to one SOAP service and read its answers; no I/O.

    Every method takes strings and answers ``<method>Return`` holding one string or nil. An error comes with
    HTTP 200 as loose JSON, ``{ errorMsg:"..." }``, in the place of that string.
    """

    path: str
    namespace: str
    words: ErrorWords

    def call(
        self, method: str, parameters: Mapping[str, str], *, url: httpx.URL | None = None, keyed: bool = True
    ) -> httpx.Request:
        """Return the request; ``keyed`` leaves :data:`KEY_PLACE` as the first parameter.

        Without ``url`` it goes to the service's path, relative to the base URL. Characters that XML cannot
        carry are left out of the values.
        """
        inner = "".join(
            f"<{name}>{escape(_NOT_XML.sub('', value))}</{name}>" for name, value in parameters.items()
        )
        place = KEY_PLACE.decode() if keyed else ""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}"><soapenv:Body>'
            f'<m:{method} xmlns:m="{self.namespace}">{place}{inner}</m:{method}>'
            "</soapenv:Body></soapenv:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        return whole_request("POST", url or httpx.URL(self.path), headers, body.encode())

    def answer(self, response: httpx.Response) -> str | None:
        """Return the string that the method answered, None for nil.

        Raises SessionExpired, AuthRejected, Throttled or Unavailable as the system's own error words mean,
        and BadUpstreamData for other errors and for anything that is no such envelope.
        """
        text = self._string(response)
        error = self._error(text)
        if error is not None:
            raise error
        return text

    def says_expired(self, response: httpx.Response) -> bool:
        """Tell whether the answer is the error of an expired session; cheap for answers without an error."""
        if b"errorMsg" not in response.content:
            return False
        try:
            return isinstance(self._error(self._string(response)), SessionExpired)
        except BadUpstreamData:
            return False  # whoever reads the answer will find the same and say so

    def _string(self, response: httpx.Response) -> str | None:
        body = parse_xml(decode(response, "gb18030")).find(f"{{{_ENVELOPE}}}Body")
        if body is None or len(body) != 1 or len(body[0]) != 1:
            raise BadUpstreamData("not a SOAP answer with one value")
        value = body[0][0]
        if value.get(_NIL) in {"true", "1"}:
            return None
        if len(value):
            raise BadUpstreamData("not a SOAP answer with a string")
        return value.text or ""

    def _error(self, text: str | None) -> UpstreamError | None:
        loose = _LOOSE_ERROR.match(text) if text else None
        if loose is None:
            return None
        message = loose["message"]
        meanings = (
            (self.words.rejected, AuthRejected),
            (self.words.expired, SessionExpired),
            (self.words.throttled, Throttled),
            (self.words.unavailable, Unavailable),
        )
        for words, meaning in meanings:
            if any(word in message for word in words):
                return meaning()
        return BadUpstreamData("an error of the system's own")
