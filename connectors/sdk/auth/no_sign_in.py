"""Ask a system that lets everybody in: in a closed network, or behind a proxy that signs in for us."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict


@dataclass(frozen=True, slots=True)
class NoSession:
    """Hold nothing."""


@dataclass(frozen=True, slots=True)
class NoSignIn(AuthScheme[NoSession]):
    """Send no credential at all. Whether the system should let everybody in is not found out."""

    def sign_in(self, credential: Credential) -> Steps[NoSession]:
        """Return at once; the credential stays at home."""
        del credential
        return NoSession()
        yield  # makes this a generator

    def apply(self, request: httpx.Request, session: NoSession) -> httpx.Request:
        """Return the request as it is."""
        del session
        return request

    def verdict(self, response: httpx.Response, session: NoSession) -> Verdict:
        """Read 401 as rejected: the system wants a credential by now, and there is none to send."""
        del session
        return Verdict.REJECTED if response.status_code == httpx.codes.UNAUTHORIZED else Verdict.OK
