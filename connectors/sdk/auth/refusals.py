"""How a system says that it does not let us in, for schemes without a login page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import httpx
import orjson

from connectors.sdk.auth.scheme import STAY, Verdict
from connectors.sdk.errors import AuthRejected, BadUpstreamData, Unavailable

# A refusal is short; an answer about people is not searched for one.
_LONGEST: Final = 4096
_BARRED: Final = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Name the values of one member of a JSON answer that mean "not you", whatever the HTTP status.

    Values are compared as text: 1 and "1" are the same. Answers of more than 4 KiB are not looked at.
    """

    member: str = "code"
    """Name of the member at the top of the answer."""
    expired: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()

    def verdict(self, response: httpx.Response) -> Verdict:
        """Tell expired and rejected from all else."""
        content = response.content
        if (self.expired or self.rejected) and content[:1] == b"{" and len(content) <= _LONGEST:
            try:
                said = str(orjson.loads(content).get(self.member))
            except orjson.JSONDecodeError:
                return Verdict.OK  # the connector will find that it cannot read it
            if said in self.rejected:
                return Verdict.REJECTED
            if said in self.expired:
                return Verdict.EXPIRED
        return Verdict.OK


def check_request(address: str | httpx.URL) -> httpx.Request:
    """Make the request that tries a credential out; a redirect of it is not followed."""
    return httpx.Request("GET", address, extensions={STAY: True})


def check_accepted(answer: httpx.Response, verdict: Verdict) -> None:
    """Raise AuthRejected unless the answer to :func:`check_request` lets us in.

    ``verdict`` is the scheme's own. Raises Unavailable when the system says expired to a credential that was
    just made, BadUpstreamData for an answer that is neither yes nor no.
    """
    if verdict is Verdict.REJECTED or answer.status_code in _BARRED:
        raise AuthRejected
    if verdict is not Verdict.OK:
        raise Unavailable("session lost while signing in")
    if not answer.is_success:
        raise BadUpstreamData("unexpected answer while signing in")
