"""Sign in with OAuth 2.0 client credentials (RFC 6749 section 4.4) and send a bearer token (RFC 6750)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus

import httpx
from authlib.oauth2 import ClientAuth  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import prepare_token_request  # type: ignore[import-untyped]
from authlib.oauth2.rfc6750 import add_bearer_token  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field

from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.errors import AuthRejected, BadUpstreamData
from connectors.sdk.text import decode

_FORM: Final = "application/x-www-form-urlencoded"
# RFC 6749 section 5.2: these say that the credential is not good for this, and no retry will make it so.
_REJECTED: Final = frozenset({"access_denied", "invalid_client", "unauthorized_client"})
_NEVER: Final = 86_400


class _TokenAnswer(BaseModel):
    """What a token end point answers (RFC 6749 section 5.1)."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    # A bearer token has b64token's characters (RFC 6750 section 2.1); any other could forge a header.
    access_token: str = Field(pattern=r"^[A-Za-z0-9\-._~+/]+=*$", max_length=8192)
    token_type: str = Field(pattern=r"^[Bb]earer$")
    expires_in: int = Field(default=_NEVER, ge=1, le=366 * 86_400)


class _TokenError(BaseModel):
    """What a token end point answers when it refuses (RFC 6749 section 5.2)."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    error: str = Field(max_length=100)


@dataclass(frozen=True, slots=True)
class BearerSession:
    """Hold an access token. ``repr()`` does not show it."""

    token: str = field(repr=False)
    expires_at: float
    """Seconds since the epoch by our clock; the upstream's own word (401) counts, this is a hint."""


@dataclass(frozen=True, slots=True)
class OAuth2ClientCredentials(AuthScheme[BearerSession]):
    """Take a token by HTTP Basic, the credential's name and secret form-encoded (RFC 6749 section 2.3.1)."""

    path: str
    """The token end point, relative to the base URL."""
    scope: str = ""
    now: Callable[[], float] = field(default=time.time, repr=False)

    def sign_in(self, credential: Credential) -> Steps[BearerSession]:
        """Ask for a token once.

        Raises AuthRejected for a refused client (also a plain 401), BadUpstreamData for an answer that is no
        token.
        """
        client = ClientAuth(quote_plus(credential.username), quote_plus(credential.secret))
        body = prepare_token_request("client_credentials", scope=self.scope or None)
        url, headers, body = client.prepare(
            "POST", self.path, {"Content-Type": _FORM, "Accept": "application/json"}, body
        )
        response = yield httpx.Request("POST", url, headers=headers, content=body.encode())
        if not response.is_success:
            _refused(response)
        answer = _TokenAnswer.model_validate_json(decode(response))
        return BearerSession(answer.access_token, self.now() + answer.expires_in)

    def apply(self, request: httpx.Request, session: BearerSession) -> httpx.Request:
        """Put the token into the Authorization header (RFC 6750 section 2.1)."""
        _url, headers, _body = add_bearer_token(session.token, str(request.url), {}, None)
        request.headers.update(headers)
        return request

    def verdict(self, response: httpx.Response, session: BearerSession) -> Verdict:
        """Read 401 as expired (RFC 6750 section 3.1); a barred client learns it at its next sign-in."""
        del session
        return Verdict.EXPIRED if response.status_code == httpx.codes.UNAUTHORIZED else Verdict.OK


def _refused(response: httpx.Response) -> None:
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise AuthRejected("client refused")
    if response.status_code == httpx.codes.BAD_REQUEST:
        error = _TokenError.model_validate_json(decode(response)).error
        if error in _REJECTED:
            raise AuthRejected("client refused")
    raise BadUpstreamData("unexpected answer of the token end point")
