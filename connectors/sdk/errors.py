"""What can go wrong with an upstream, named by what the caller does next.

No error ever quotes the upstream's text: its bytes are hostile input and may hold personal data.
"""

from __future__ import annotations


class UpstreamError(Exception):
    """Stand for every failure of an upstream system; ``str()`` is a fixed word, never the upstream's text."""

    def __init__(self, reason: str = "") -> None:
        """Take a fixed ``reason`` written by the connector's author, safe to log."""
        super().__init__(reason or type(self).__name__)


class NotFound(UpstreamError):  # named by meaning, as the field does
    """The system answered properly and knows no such person: nothing to retry."""


class AuthRejected(UpstreamError):
    """The system refused the credential: never try it again before a person changes it."""


class CaptchaRequired(UpstreamError):
    """The system wants a human at its login: hand it to the person, never bypass it."""


class SessionExpired(UpstreamError):
    """The upstream session is over: sign in again and restart the exchange."""


class Throttled(UpstreamError):
    """The system asks for fewer calls: wait ``retry_after_s`` seconds (None when it did not say)."""

    def __init__(self, retry_after_s: float | None = None) -> None:
        """Keep how long to wait, in seconds."""
        super().__init__("throttled")
        self.retry_after_s = retry_after_s


class Unavailable(UpstreamError):
    """The system is down, slow, in maintenance or refused the connection: a later try may work."""


class TimedOut(Unavailable):
    """The system took longer than it is given."""


class BadUpstreamData(UpstreamError):
    """The system answered with something that is not what it used to answer: a person must look."""
