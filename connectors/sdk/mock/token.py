"""A door that wants a bearer token of its own token end point (RFC 6749 section 4.4, RFC 6750)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote_plus

import httpx

from connectors.sdk.mock.credentials import matches, read_basic
from connectors.sdk.mock.door import Door, Refusal, Refused
from connectors.sdk.mock.upstream import LOGIN, MockUpstream


class TokenDoor(Door):
    """Issue tokens to clients and ask for them.

    The fault ``login_form_changed`` answers with names that are not the standard's.
    """

    def __init__(
        self,
        mock: MockUpstream,
        clients: Mapping[str, str],
        *,
        path: str = "/oauth/token",
        life_s: int = 1800,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take client -> secret, the path of the token end point and how long a token lives."""
        super().__init__(mock, clock=clock)
        self._clients = clients
        self._life_s = life_s
        self._tokens: dict[str, tuple[str, float]] = {}
        """Token -> client and end."""
        self.refuse = lambda _refusal: httpx.Response(
            401,
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            json={"code": 40100, "message": "token无效或已过期", "data": None},
        )
        mock.on_expire = self._tokens.clear
        mock.route("POST", path, operation=LOGIN)(self._issue)

    def admit(self, request: httpx.Request) -> str:
        """Find the client that the token was given to."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        client, ends = self._tokens.get(token, ("", 0.0))
        if ends <= self.now():
            raise Refused(Refusal.MISSING)
        return client

    def _issue(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"]:
            return httpx.Response(400, json={"error": "unsupported_grant_type"})
        shown = read_basic(request.headers.get("authorization", ""), "utf-8")
        client, secret = map(unquote_plus, shown or ("", ""))  # RFC 6749 section 2.3.1
        if not matches(self._clients, client, secret):
            self.mock.stats.failed_logins += 1
            challenge = {"WWW-Authenticate": f'Basic realm="{self.mock.name}"'}
            return httpx.Response(401, json={"error": "invalid_client"}, headers=challenge)
        self.mock.stats.logins += 1
        token = secrets.token_urlsafe(24)
        self._tokens[token] = client, self.now() + self._life_s
        if self.mock.faults.login_form_changed:
            return httpx.Response(200, json={"code": 0, "data": {"accessToken": token}})
        return httpx.Response(
            200,
            json={"access_token": token, "token_type": "Bearer", "expires_in": self._life_s},
            headers={"Cache-Control": "no-store"},
        )
