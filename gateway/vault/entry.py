"""An entry of the vault: one account on one line system, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from datetime import datetime

_PERSON = "user:"


@dataclass(frozen=True, slots=True)
class Owner:
    """A person, by the user name of the gateway's own account, or the system's service account."""

    username: str | None = None
    """None for the service account."""

    def __str__(self) -> str:
        """Return ``user:NAME`` or ``service``: no user name contains a colon."""
        return "service" if self.username is None else f"{_PERSON}{self.username}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what :meth:`__str__` wrote."""
        return cls(text.removeprefix(_PERSON) if text.startswith(_PERSON) else None)


SERVICE = Owner()


class EntryState(StrEnum):
    """How an account stands with its system, as far as signing in has shown."""

    NEEDS_ATTENTION = "needs_attention"
    """A person must look, for the reason given; a rejected password is never tried again."""
    OK = "ok"
    UNCHECKED = "unchecked"


class Why(StrEnum):
    """What needs a person's attention."""

    CAPTCHA = "captcha"
    """The system wants a human at its login."""
    LOGIN_CHANGED = "login_changed"
    """The login is not the one the connector knows."""
    REJECTED = "rejected"
    """The system refused name or password."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A credential as it is stored; ``repr()`` shows no byte of it."""

    key_id: str
    """Which key wrapped the data key."""
    wrapped_key: bytes = field(repr=False)
    content: bytes = field(repr=False)
    login_mark: bytes = field(repr=False)
    """Keyed hash of system and user name there: finds two owners of one account."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An account in the vault."""

    id: int
    system: str
    owner: Owner
    sealed: Sealed
    version: int
    """Counts the credentials this entry has had: what is learnt of an old one is not noted of a new one."""
    state: EntryState
    why: Why | None
    since: datetime
    """When it came into this state, or was last found in it."""
    changed_at: datetime
    """When user name or password were last changed."""

    @property
    def may_sign_in(self) -> bool:
        """Tell whether this password may be sent at all: a rejected one never is."""
        return self.why is not Why.REJECTED
