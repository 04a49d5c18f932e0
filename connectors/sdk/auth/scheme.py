"""The contract of every way to sign in: decisions as generators, no I/O, no waiting."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

import httpx

S = TypeVar("S")
T = TypeVar("T")

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
    itself holds no state and never decides to sign in again.
    """

    @abstractmethod
    def sign_in(self, credential: Credential) -> Steps[S]:
        """Sign in once.

        Raises AuthRejected when the credential is refused, CaptchaRequired when a human is wanted,
        BadUpstreamData when the login form is not the one we know, Throttled or Unavailable when a later try
        may work. Redirects are followed, within the base URL, before the response is sent in.
        """

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
