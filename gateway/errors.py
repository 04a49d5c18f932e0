"""What can go wrong with a request, named by what the caller does next. ``web/respond.py`` gives each its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.model import Reason


class GatewayError(Exception):
    """Stand for every failure that is told to the caller; never carries personal data."""


class InvalidInput(GatewayError):  # noqa: N818  # named by meaning, as the field does
    """Correct the input and send it again."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        """Take (field, message) pairs; the messages say what to do and never repeat the input."""
        super().__init__("; ".join(f"{name}: {message}" for name, message in problems))
        self.problems = problems


class NotSignedIn(GatewayError):  # noqa: N818
    """Sign in first."""


class WrongPassword(GatewayError):  # noqa: N818
    """Check user name and password."""


class AccountLocked(GatewayError):  # noqa: N818
    """Wait before trying the password again."""

    def __init__(self, retry_after_s: int) -> None:
        """Keep the seconds until the next try counts."""
        super().__init__("locked")
        self.retry_after_s = retry_after_s


class CrossSite(GatewayError):  # noqa: N818
    """Send the request from the gateway's own pages, with the CSRF token."""


class Denied(GatewayError):  # noqa: N818
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


class NotFoundInScope(GatewayError):  # noqa: N818
    """Check the number: nobody within the caller's area has it. Says nothing about anywhere else."""


class NoSuchThing(GatewayError):  # noqa: N818
    """The address or token names nothing."""


class SourceUnavailable(GatewayError):  # noqa: N818
    """Try again soon: the system that says where a person belongs does not answer."""


class StoreUnavailable(GatewayError):  # noqa: N818
    """Try again soon: the state or audit store does not answer, so nothing may be disclosed."""


class Busy(GatewayError):  # noqa: N818
    """Try again soon: too much is under way."""
