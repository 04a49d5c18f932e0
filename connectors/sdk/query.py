"""The typed questions that a connector may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class IdentityKind(StrEnum):
    """Say which register names a person."""

    CITIZEN = "citizen"
    """Citizen number of GB 11643, always in its 18-character form."""
    LOCAL = "local"
    """A number of one system only, written ``system:number``, for people without a document."""
    PASSPORT = "passport"
    """Passport or other travel document, upper case without blanks."""


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """Name one person: (document type, number) normalised, else (local, ``system:number``).

    ``repr()`` hides the number, so that an identity in a traceback or a log line tells nothing.
    """

    kind: IdentityKind
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FindPerson:
    """Find one person by identity. A connector that cannot use that kind of identity answers no records."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class FindHousehold:
    """List the members of one household by the household system's own number."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Search:
    """Search by name within region-code prefixes (at least one), at most ``limit`` records."""

    name: str = field(repr=False)
    regions: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class ListCommittee:
    """List everybody whom the system keeps under one committee (12-digit region code)."""

    committee: str


@dataclass(frozen=True, slots=True)
class ListCohort:
    """List the people of one committee who are at least ``age_from`` years old today."""

    committee: str
    age_from: int


Query = FindPerson | FindHousehold | Search | ListCommittee | ListCohort
