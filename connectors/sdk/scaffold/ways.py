"""The ways to sign in that a new connector may begin with: the scheme, and the door its mock has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Way:
    """What the templates say about signing in, as source text."""

    scheme: str
    """Of the connector."""
    doors: str
    """What the mock imports from ``connectors.sdk.mock``."""
    door: str
    """What stands before the mock's handlers."""
    words: str
    """What the author is told."""
    imports: str = ""
    """What else the mock imports, a line."""
    exempt: Mapping[str, str] | None = None


WAYS: Final[Mapping[str, Way]] = {
    "api_key": Way(
        scheme='sdk.ApiKey(check="/api/ping")',
        doors="KeyDoor, MockUpstream",
        door='KeyDoor(mock, accounts, check="/api/ping")',
        words="It signs in with a key in the header `X-Api-Key`, tried out once at `/api/ping`.",
    ),
    "basic": Way(
        scheme='sdk.Basic(check="/api/ping")',
        doors="BasicDoor, MockUpstream",
        door='BasicDoor(mock, accounts, check="/api/ping")',
        words="It sends name and password with every request (HTTP Basic), tried out once at `/api/ping`.",
    ),
    "oauth2": Way(
        scheme='sdk.OAuth2ClientCredentials("/oauth/token")',
        doors="MockUpstream, TokenDoor",
        door='TokenDoor(mock, accounts, path="/oauth/token")',
        words="It takes a token at `/oauth/token` with a client's name and secret (OAuth 2.0).",
    ),
    "form_login": Way(
        scheme=(
            "sdk.FormLogin(\n"
            '        page="/login", action="/login", username_field="username", password_field="password", '
            'landing="/main"\n    )'
        ),
        doors="FormDoor, MockUpstream",
        door='FormDoor(mock, accounts, page="/login", landing="/main")',
        words="It signs in at the login page `/login` as a browser does, and keeps the session's cookies.",
    ),
    "signed": Way(
        scheme='sdk.SignedRequests(check="/api/ping", style=sdk.SigningStyle())',
        doors="MockUpstream, SignatureDoor",
        door='SignatureDoor(mock, SigningStyle(), accounts, check="/api/ping")',
        imports="from connectors.sdk import SigningStyle\n",
        words=(
            "It signs every request with a shared secret (HMAC-SHA256). How exactly stands in\n"
            "`SigningStyle`, the same in connector and mock."
        ),
    ),
    "cas": Way(
        scheme='sdk.Cas(server="/cas", entry="/")',
        doors="CasDoor, MockUpstream",
        door='CasDoor(mock, accounts, server="/cas", entry="/")',
        words=(
            "It signs in at a CAS server below the same address (`/cas`). A server elsewhere is a setting:\n"
            "`docs/connectors.md` of the gateway shows how."
        ),
    ),
    "none": Way(
        scheme="sdk.NoSignIn()",
        doors="MockUpstream",
        door="mock  # the system lets everybody in",
        words="The system asks for no credential. Be sure of that before it goes into production.",
        exempt={"test_wrong_credentials": "the system asks for no credential"},
    ),
}
