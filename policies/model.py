"""What a decision is made of, and what it is: plain frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

DEFAULT_DENY = "default-deny"
"""The rule that decides where no other does."""

GATEWAY = "gateway"
"""The gateway itself as a system: its audit log and its line systems' state are granted like any other."""

CHILD_BELOW = 14
"""Age in years below which a person is a child in the sense of PIPL article 31."""


class Action(StrEnum):
    """What a person may be allowed to do."""

    LIST = "list"
    PURGE_CACHE = "purge_cache"
    READ = "read"
    READ_AUDIT = "read_audit"
    READ_SYSTEMS = "read_systems"
    REVEAL = "reveal"
    SEARCH = "search"


class Effect(StrEnum):
    """What happens to one field."""

    MASK = "mask"
    SHOW = "show"
    WITHHOLD = "withhold"


class Reason(StrEnum):
    """Why a request was denied; :mod:`policies.reasons` has the sentences."""

    FORBIDDEN = "forbidden"
    NO_GRANT = "no_grant"
    OUT_OF_SCOPE = "out_of_scope"
    PURPOSE_CLOSED = "purpose_closed"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class RoleInScope:
    """A role held in a set of region-code prefixes, from and until a day (both inclusive, None is open)."""

    role: str
    scope: tuple[str, ...]
    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, today: date) -> bool:
        """Tell whether the role is held on that day."""
        return (self.valid_from is None or self.valid_from <= today) and (
            self.valid_until is None or today <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks."""

    account: str
    roles: tuple[RoleInScope, ...]
    organisation: str = ""
    second_factor: bool = False
    household: str | None = field(default=None, repr=False)
    """The subject's own household, for residents who read about themselves."""


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """Whom or where is asked about.

    With ``person`` false the question is about a place before its people are known: conditions on a person
    (age, own household, children) then count as met, and the decision is taken again for every row.
    """

    registered_region: str = ""
    residence_region: str = ""
    household: str | None = field(default=None, repr=False)
    age: int | None = None
    person: bool = True
    own_area: bool = False
    """The place is the reader's own area; only :data:`OWN_AREA` says so, never a place nobody found."""


OWN_AREA = ResourceFacts(person=False, own_area=True)
"""The reader's own area, wherever that is: a search asks about it, and each row found is decided again."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Where the reader's daily quotas stand."""

    residents: int = 0
    reveals: int = 0
    already_seen: bool = False
    """This person is among ``residents`` already and costs no more."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the engine decided for one system."""

    allow: bool
    fields: Mapping[str, Effect]
    """Effect of every field that the system may have."""
    withheld_by: Mapping[str, str]
    """Rule that withholds, for every field whose effect is withhold."""
    reveal_s: Mapping[str, int]
    """Seconds by field: for ``reveal`` what this request opens, else the masked ones some purpose would."""
    rules: tuple[str, ...]
    """Rules that decided: all permits that matched, or the one that denied."""
    reason: Reason | None
    digest: str
    """Names all of the above; equal digests mean equal decisions under one policy version."""
