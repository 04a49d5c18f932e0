"""Opaque tokens that stand for people and households in URLs.

AES-SIV (RFC 5297) is deterministic: a person's token is equal for every reader and across restarts, nothing
is stored, and nobody without the key can make one, open one, or tell whose it is.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from connectors.sdk import Identity, IdentityKind
from gateway.errors import NoSuchThing

_PERSON, _HOUSEHOLD, _SEARCH = b"person", b"household", b"search"
MAX_OPENED = 8192
"""Tokens remembered with whom they stand for, in this memory only; those that are none of ours never are."""
_MAX_TOKEN = 200
_MAX_SEARCH = 800
"""A search holds up to 64 characters of four bytes, its purpose and its session."""
_KIND_CODES = {IdentityKind.CITIZEN: b"c", IdentityKind.PASSPORT: b"p", IdentityKind.LOCAL: b"l"}
_KINDS = {code: kind for kind, code in _KIND_CODES.items()}


@dataclass(frozen=True, slots=True)
class SealedSearch:
    """A search that stands in an address without its words."""

    text: str = field(repr=False)
    purpose: str | None
    session: str
    """Hash of the only session that may open it."""
    until: int
    """Unix time in seconds; whoever opens it must compare."""


class Tokens:
    """Make and open tokens under one 64-byte key."""

    def __init__(self, key: bytes) -> None:
        """Take the key: 64 bytes, for AES-256 in SIV mode."""
        self._siv = AESSIV(key)
        self._opened = lru_cache(MAX_OPENED)(self._person)

    def of_person(self, identity: Identity) -> str:
        """Return the token of a person."""
        return self._seal(_KIND_CODES[identity.kind] + identity.number.encode(), _PERSON)

    def person(self, token: str) -> Identity:
        """Return whom a token stands for; raises NoSuchThing for anything that is not one of our tokens."""
        return self._opened(token)

    def _person(self, token: str) -> Identity:
        plain = self._open(token, _PERSON)
        return Identity(_KINDS[plain[:1]], plain[1:].decode())

    def of_household(self, number: str) -> str:
        """Return the token of a household, by its number in the base register."""
        return self._seal(number.encode(), _HOUSEHOLD)

    def household(self, token: str) -> str:
        """Return the number of a household; raises NoSuchThing for anything that is not one of our tokens."""
        return self._open(token, _HOUSEHOLD).decode()

    def of_search(self, search: SealedSearch) -> str:
        """Return the token of a search; its length tells about how long the words are, nothing else does."""
        content = [search.text, search.purpose, search.session, search.until]
        return self._seal(orjson.dumps(content), _SEARCH)

    def search(self, token: str) -> SealedSearch:
        """Return the search; raises NoSuchThing for anything that is not one of our tokens.

        Whose session it is and whether its time is over is *not* looked at.
        """
        return SealedSearch(*orjson.loads(self._open(token, _SEARCH, _MAX_SEARCH)))

    def _seal(self, plain: bytes, kind: bytes) -> str:
        return urlsafe_b64encode(self._siv.encrypt(plain, [kind])).rstrip(b"=").decode()

    def _open(self, token: str, kind: bytes, longest: int = _MAX_TOKEN) -> bytes:
        if len(token) > longest:
            raise NoSuchThing
        try:
            sealed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            plain = self._siv.decrypt(sealed, [kind])
        except (InvalidTag, ValueError, UnicodeEncodeError, binascii.Error):
            raise NoSuchThing from None
        # One person, one spelling: base64 with stray bits or padding decodes to the same bytes.
        if self._seal(plain, kind) != token:
            raise NoSuchThing
        return plain
