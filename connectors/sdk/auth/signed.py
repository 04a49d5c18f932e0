"""Sign every request with a shared secret, a timestamp and a number used once."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from connectors.sdk.auth.refusals import Refusals, check_accepted, check_request
from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.auth.signature import Seal, SigningStyle
from connectors.sdk.errors import AuthRejected, BadUpstreamData

_CLIENT: Final = re.compile(r"[\x21-\x7e]{1,200}")
# The Date header counts whole seconds and was on its way for a while.
_NOISE_S: Final = 2.0
# Whoever could make us sign for next year could use the signature then.
_MOST_SKEW_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class SignedSession:
    """Hold what requests are signed with. ``repr()`` shows the clocks' difference alone."""

    client: str = field(repr=False)
    secret: str = field(repr=False)
    skew_s: float
    """Seconds by which the system's clock is ahead of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequests(AuthScheme[SignedSession]):
    """Learn the system's clock from the Date header of one answer, then sign each request by that clock.

    The secret never travels. The first request of a sign-in is not signed, so that a clock that is off costs
    no attempt; the second is, and tells whether the secret is good. A refusal later on leads to one more
    sign-in, which sets the clock anew.
    """

    check: str
    """Path that answers GET with 2xx to whoever signs properly."""
    style: SigningStyle = field(default_factory=SigningStyle)
    refusals: Refusals = field(default_factory=Refusals)
    now: Callable[[], float] = field(default=time.time, repr=False)
    nonce: Callable[[], str] = field(default=lambda: secrets.token_hex(16), repr=False)

    def sign_in(self, credential: Credential) -> Steps[SignedSession]:
        """Look at the clock, then ask for the check path once, signed.

        Raises AuthRejected also for a client's name that a header cannot carry, BadUpstreamData for clocks
        more than a day apart.
        """
        if not _CLIENT.fullmatch(credential.username):
            raise AuthRejected("a client name that a header cannot carry")
        unsigned = yield check_request(self.check)
        session = SignedSession(credential.username, credential.secret, self._skew_s(unsigned))
        # The address as it was sent: the path is a part of what is signed.
        answer = yield self.apply(check_request(unsigned.url), session)
        check_accepted(answer, self.refusals.verdict(answer))
        return session

    def apply(self, request: httpx.Request, session: SignedSession) -> httpx.Request:
        """Set the headers; a request is signed again each time, with another nonce."""
        ticks = round((self.now() + session.skew_s) * self.style.ticks_per_s)
        seal = Seal(session.client, session.secret, str(ticks), self.nonce())
        request.headers.update(self.style.headers(request, seal))
        return request

    def verdict(self, response: httpx.Response, session: SignedSession) -> Verdict:
        """Read every refusal as expired: the clock may have moved, and the next sign-in will tell."""
        del session
        said = self.refusals.verdict(response)
        barred = said is Verdict.REJECTED or response.status_code == httpx.codes.UNAUTHORIZED
        return Verdict.EXPIRED if barred else said

    def _skew_s(self, answer: httpx.Response) -> float:
        """Return how far the system's clock is ahead; 0 when its answer does not say."""
        try:
            date = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return 0.0
        ahead = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - self.now()
        if abs(ahead) > _MOST_SKEW_S:
            raise BadUpstreamData("the clocks are more than a day apart")
        return ahead if abs(ahead) > _NOISE_S else 0.0
