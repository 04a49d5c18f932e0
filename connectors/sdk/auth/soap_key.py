"""Sign in to a SOAP service that hands out a key, to be sent along as a parameter of every call."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

import httpx

from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.errors import BadUpstreamData
from connectors.sdk.request import WholeRequest
from connectors.sdk.soap import KEY_PLACE, SoapService

_KEY: Final = re.compile(r"[A-Za-z0-9+/=._-]{8,512}")


@dataclass(frozen=True, slots=True)
class KeySession:
    """Hold the key of one sign-in. ``repr()`` does not show it."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SoapKey(AuthScheme[KeySession]):
    """Get a key by one method of the service and put it where :data:`KEY_PLACE` stands in a request's body.

    NOT guaranteed: when the key expires; the system does not say, we learn it from an answer.
    """

    service: SoapService
    method: str = "getKey"
    username_parameter: str = "user"
    password_parameter: str = "password"  # noqa: S105  # a parameter's name

    def sign_in(self, credential: Credential) -> Steps[KeySession]:
        """Ask for a key.

        Raises as :meth:`SoapService.answer` does, and BadUpstreamData when the answer is no key.
        """
        parameters = {
            self.username_parameter: credential.username,
            self.password_parameter: credential.secret,
        }
        response = yield self.service.call(self.method, parameters, keyed=False)
        if not response.is_success:
            raise BadUpstreamData("unexpected status while signing in")
        key = self.service.answer(response)
        if key is None or not _KEY.fullmatch(key):
            raise BadUpstreamData("not a key")
        return KeySession(key)

    def apply(self, request: httpx.Request, session: KeySession) -> httpx.Request:
        """Return a new request with the key in its place; raises RuntimeError when the place is missing."""
        before, place, after = request.content.partition(KEY_PLACE)
        if not place:
            raise RuntimeError("a request to a SOAP service without a place for its key")
        content = b"%s<key>%s</key>%s" % (before, escape(session.key).encode(), after)
        headers = request.headers.copy()
        headers["Content-Length"] = str(len(content))
        keyed = WholeRequest(request.method, request.url, headers, content)
        keyed.extensions = request.extensions
        return keyed

    def verdict(self, response: httpx.Response, session: KeySession) -> Verdict:
        """Tell an expired key from all else; what other errors mean is said by :meth:`SoapService.answer`."""
        del session
        return Verdict.EXPIRED if self.service.says_expired(response) else Verdict.OK
