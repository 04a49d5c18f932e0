"""Send a key in a header of every request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import httpx

from connectors.sdk.auth.refusals import Refusals, check_accepted, check_request
from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.errors import AuthRejected

# What a header can carry unharmed (RFC 9110 section 5.5); a line break would forge another header.
_CARRIED: Final = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")


@dataclass(frozen=True, slots=True)
class ApiKeySession:
    """Hold the headers to send. ``repr()`` does not show them."""

    headers: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey(AuthScheme[ApiKeySession]):
    """Try the key out with one harmless request, then send it along with every other.

    In a header only: a key in a URL stands in the access logs, proxies and traces of everybody on the way. A
    system that takes it nowhere else needs a proxy of its own before it.
    """

    check: str
    """Path that answers GET with 2xx to whoever is let in and 401 or 403 to all others."""
    header: str = "X-Api-Key"
    prefix: str = ""
    """Stands before the key in the header, e.g. ``"Bearer "``."""
    name_header: str | None = None
    """Header for the account's name, where the system wants one (``X-App-Id``)."""
    refusals: Refusals = field(default_factory=Refusals)

    def sign_in(self, credential: Credential) -> Steps[ApiKeySession]:
        """Ask for the check path once; raises AuthRejected also for what a header cannot carry."""
        headers = {self.header: f"{self.prefix}{credential.secret}"}
        if self.name_header:
            headers[self.name_header] = credential.username
        if not all(_CARRIED.fullmatch(value) for value in headers.values()):
            raise AuthRejected("a key that a header cannot carry")
        session = ApiKeySession(headers)
        answer = yield self.apply(check_request(self.check), session)
        check_accepted(answer, self.verdict(answer, session))
        return session

    def apply(self, request: httpx.Request, session: ApiKeySession) -> httpx.Request:
        """Set the headers."""
        request.headers.update(session.headers)
        return request

    def verdict(self, response: httpx.Response, session: ApiKeySession) -> Verdict:
        """Read 401 as rejected: a new sign-in would send the same key."""
        del session
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return Verdict.REJECTED
        return self.refusals.verdict(response)
