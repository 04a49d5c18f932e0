"""The contract of every way to sign in: decisions as generators, no I/O, no waiting."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Final, Generic, TypeVar, cast, get_args

import httpx
from pydantic import TypeAdapter, ValidationError

S = TypeVar("S")
T = TypeVar("T")

SERVER: Final = "sign_in_server"
"""Extension of a request to a sign-in server with an address of its own: the httpx.URL it must stay below."""
STAY: Final = "stay"
"""Extension of a sign-in's request whose redirect is to be handed over instead of followed."""

Steps = Generator[httpx.Request, httpx.Response, T]
"""A conversation.

Yields a request, is sent its response, returns a T. URLs may be relative to the base URL.
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """What an account signs in with. ``repr()`` shows neither name nor secret."""

    username: str = field(repr=False)
    secret: str = field(repr=False)


class Verdict(StrEnum):
    """What a response says about our upstream session."""

    CAPTCHA = "captcha"
    EXPIRED = "expired"
    OK = "ok"
    REJECTED = "rejected"


class AuthScheme(ABC, Generic[S]):
    """Sign in, sign out, mark requests, and tell from a response whether the upstream session still stands.

    S is the upstream session: a frozen dataclass of plain values, so that it can be stored, with secrets out
    of its ``repr()``. Only ``gateway.upstream`` runs ``sign_in``, once at a time for an account; a scheme
    itself holds no state and never decides to sign in again. Whether a credential is good is found out in
    ``sign_in`` alone, by one request for all who wait, so that a wrong one is sent once.
    """

    @abstractmethod
    def sign_in(self, credential: Credential) -> Steps[S]:
        """Sign in once.

        Raises AuthRejected when the credential is refused, CaptchaRequired when a human is wanted,
        BadUpstreamData when the login form is not the one we know, Throttled or Unavailable when a later try
        may work. Redirects are followed, within the base URL, before the response is sent in.
        """

    def renew(self, credential: Credential, expired: S) -> Steps[S]:
        """Sign in again after a session ended; a scheme may save the password by what is left of it."""
        del expired
        return self.sign_in(credential)

    def look(self) -> Steps[str]:
        """Look at the login without sending a credential and return its fingerprint.

        Empty for a scheme without a login page. Another fingerprint than yesterday's means that the login
        has drifted. Raises as :meth:`sign_in` does, but never AuthRejected.
        """
        return ""
        yield  # makes this a generator

    def sign_out(self, session: S) -> Steps[None]:
        """End the session at the upstream; does nothing unless the scheme overrides it."""
        del session
        return
        yield  # makes this a generator

    @abstractmethod
    def apply(self, request: httpx.Request, session: S) -> httpx.Request:
        """Return the request, the same or a new one, with the session's cookie, header or key on it."""

    @abstractmethod
    def verdict(self, response: httpx.Response, session: S) -> Verdict:
        """Tell what the response says about the session, before the connector reads it."""

    def dump(self, session: S) -> Any:
        """Return the session as plain values for JSON. They are secret: encrypt them before they are kept."""
        return _adapter(self._session_type()).dump_python(session, mode="json")

    def load(self, stored: object) -> S:
        """Return the session that :meth:`dump` gave; raises ValueError, quoting nothing, for all else."""
        try:
            return cast("S", _adapter(self._session_type()).validate_python(stored))
        except ValidationError:
            pass  # raised below, outside of the handler: pydantic's error holds the values
        raise ValueError("not a stored session of this scheme")

    @classmethod
    def _session_type(cls) -> Any:
        """Return S, as the class statement of the scheme names it."""
        for base in cls.__mro__:
            for generic in base.__dict__.get("__orig_bases__", ()):
                found = get_args(generic)
                if found and not isinstance(found[0], TypeVar):
                    return found[0]
        raise TypeError("a scheme names its session: class Mine(AuthScheme[MySession])")


@cache
def _adapter(session_type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(session_type)
