"""Why a system was not asked at all: reasons of our own, beside what the SDK says of a system's answers.

``detail`` is the fixed word by which an answer and the portal say it; what the person can do stands there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from connectors.sdk import AuthRejected, Unavailable, UpstreamError

if TYPE_CHECKING:
    from datetime import datetime


class NotAsked(UpstreamError):
    """Nothing was sent: it says nothing of how the system is doing."""

    detail: ClassVar[str]


class NeedsAttention(NotAsked, AuthRejected):
    """Change the password in the vault: the system has rejected the one that is there."""

    detail = "needs_attention"


class NoAccount(NotAsked, AuthRejected):
    """Put an account into the vault: there is none for this reader, or it cannot be opened."""

    detail = "no_account"


class InUseElsewhere(NotAsked, Unavailable):
    """Sign out of the system in the other place: its account is signed in there, again and again."""

    detail = "in_use_elsewhere"


class Crowded(NotAsked, Unavailable):
    """Come back later: as many questions as this system may be asked are under way, or used up."""

    detail = "busy"


class OwnerLeft(NotAsked, Unavailable):
    """Sign in to the gateway again: whose account this is had no session here any more."""

    detail = Crowded.detail


class InMaintenance(NotAsked, Unavailable):
    """Come back when the system's maintenance window ends."""

    detail = "maintenance"

    def __init__(self, until: datetime) -> None:
        """Keep when that is."""
        super().__init__("in maintenance")
        self.until = until
