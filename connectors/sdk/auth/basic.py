"""Send name and password with every request (HTTP Basic, RFC 7617)."""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import dataclass, field

import httpx

from connectors.sdk.auth.refusals import Refusals, check_accepted, check_request
from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.errors import AuthRejected


@dataclass(frozen=True, slots=True)
class BasicSession:
    """Hold the value of the Authorization header. ``repr()`` does not show it."""

    authorization: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic(AuthScheme[BasicSession]):
    """Try the password out with one harmless request, then send it along with every other.

    Were it not tried out, a thousand lookups that wait for the same account would send a wrong one a thousand
    times, and the system would lock the account.
    """

    check: str
    """Path that answers GET with 2xx to whoever is let in and 401 to all others."""
    charset: str = "utf-8"
    """Of name and password (RFC 7617 section 2.1); old systems also take GB18030."""
    refusals: Refusals = field(default_factory=Refusals)

    def sign_in(self, credential: Credential) -> Steps[BasicSession]:
        """Ask for the check path once; raises AuthRejected also for what cannot be written as Basic."""
        session = BasicSession(_authorization(credential, self.charset))
        answer = yield self.apply(check_request(self.check), session)
        check_accepted(answer, self.verdict(answer, session))
        return session

    def apply(self, request: httpx.Request, session: BasicSession) -> httpx.Request:
        """Set the Authorization header."""
        request.headers["Authorization"] = session.authorization
        return request

    def verdict(self, response: httpx.Response, session: BasicSession) -> Verdict:
        """Read 401 as rejected: the password itself was sent, and must not be sent again."""
        del session
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return Verdict.REJECTED
        return self.refusals.verdict(response)


def _authorization(credential: Credential, charset: str) -> str:
    """Return the header's value; the colon ends the name, so a name cannot hold one (RFC 7617 section 2)."""
    text = unicodedata.normalize("NFC", f"{credential.username}:{credential.secret}")
    if ":" in credential.username or any(unicodedata.category(char) == "Cc" for char in text):
        raise AuthRejected("a name or password that Basic cannot carry")
    try:
        return f"Basic {base64.b64encode(text.encode(charset)).decode('ascii')}"
    except UnicodeEncodeError:
        pass  # raised below, outside of the handler: Python's error holds the password
    raise AuthRejected("a name or password that the charset cannot carry")
