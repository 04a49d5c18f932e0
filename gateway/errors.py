"""What can go wrong with a request, named by what the caller does next.

``web/respond.py`` gives each its status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.model import Reason


class GatewayError(Exception):
    """Stand for every failure that is told to the caller; never carries personal data."""


class InvalidInput(GatewayError):
    """Correct the input and send it again."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        """Take (field, kind of fault) pairs.

        ``web/words.py`` has the sentences. The input itself is never repeated.
        """
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in problems))
        self.problems = problems


class MalformedInput(GatewayError):
    """Send a JSON object in UTF-8."""


class NotSignedIn(GatewayError):
    """Sign in first."""


class WrongPassword(GatewayError):
    """Check user name and password."""


class AccountLocked(GatewayError):
    """Wait before trying the password again."""

    def __init__(self, retry_after_s: int) -> None:
        """Keep the seconds until the next try counts."""
        super().__init__("locked")
        self.retry_after_s = retry_after_s


class NotVerified(GatewayError):
    """Sign the message anew: its signature, time or id is not as it should be, or it has come before."""


class CrossSite(GatewayError):
    """Send the request from the gateway's own pages, with the CSRF token."""


class Denied(GatewayError):
    """Ask whoever grants the right; the rule says which."""

    def __init__(self, rule: str, reason: Reason) -> None:
        """Keep the deciding rule and the reason."""
        super().__init__(rule)
        self.rule = rule
        self.reason = reason


class QuotaUsedUp(Denied):
    """Come back tomorrow."""

    def __init__(self, rule: str, reason: Reason, retry_after_s: int) -> None:
        """Keep the seconds until the quota returns."""
        super().__init__(rule, reason)
        self.retry_after_s = retry_after_s


class NotFoundInScope(GatewayError):
    """Check the number: nobody within the caller's area has it. Says nothing about anywhere else."""


class NoSuchThing(GatewayError):
    """The address or token names nothing."""


class SourceUnavailable(GatewayError):
    """Try again soon: the system that says where a person belongs does not answer."""


class StoreUnavailable(GatewayError):
    """Try again soon: the state or audit store does not answer, so nothing may be disclosed."""


class Busy(GatewayError):
    """Try again soon: too much is under way."""
