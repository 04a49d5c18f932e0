"""Doors that want a credential with every request: HTTP Basic, or a key in a header."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

import httpx

from connectors.sdk.mock.door import Door, Refusal, Refused
from connectors.sdk.mock.upstream import MockUpstream


class BasicDoor(Door):
    """Want name and password in the Authorization header (RFC 7617)."""

    def __init__(
        self, mock: MockUpstream, accounts: Mapping[str, str], *, check: str, charset: str = "utf-8"
    ) -> None:
        """Take name -> password, the path to try them out at, and their charset."""
        super().__init__(mock)
        self._accounts = accounts
        self._charset = charset
        self.refuse = lambda refusal: httpx.Response(
            401,
            headers={"WWW-Authenticate": f'Basic realm="{mock.name}", charset="UTF-8"'},
            json={"code": "401", "message": refusal.value},
        )
        self.check(check)

    def admit(self, request: httpx.Request) -> str:
        """Compare name and password."""
        header = request.headers.get("authorization", "")
        if not header.lower().startswith("basic "):
            raise Refused(Refusal.MISSING)
        name, password = read_basic(header, self._charset) or ("", "")
        if not matches(self._accounts, name, password):
            raise Refused(Refusal.CREDENTIAL)
        return name


class KeyDoor(Door):
    """Want a key in a header."""

    def __init__(
        self,
        mock: MockUpstream,
        accounts: Mapping[str, str],
        *,
        check: str,
        header: str = "X-Api-Key",
        prefix: str = "",
    ) -> None:
        """Take account -> key, the path to try them out at, and where the key stands."""
        super().__init__(mock)
        self._accounts = accounts
        self._header = header
        self._prefix = prefix
        self.check(check)

    def admit(self, request: httpx.Request) -> str:
        """Find the account with this key."""
        shown = request.headers.get(self._header)
        if shown is None:
            raise Refused(Refusal.MISSING)
        key = shown.removeprefix(self._prefix)
        for name in self._accounts:
            if matches(self._accounts, name, key):
                return name
        raise Refused(Refusal.CREDENTIAL)


def read_basic(header: str, charset: str) -> tuple[str, str] | None:
    """Return name and password of HTTP Basic; None for nonsense."""
    try:
        text = base64.b64decode(header.partition(" ")[2], validate=True).decode(charset)
    except ValueError:  # neither Base64 nor text
        return None
    name, _, password = text.partition(":")
    return name, password


def matches(accounts: Mapping[str, str], name: str, secret: str) -> bool:
    """Tell whether the secret is the account's own."""
    return name in accounts and hmac.compare_digest(accounts[name].encode(), secret.encode())
