"""Whom to ask about: the people and places that the system under test is known to hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from connectors.sdk.citizen_id import CitizenId
from connectors.sdk.query import (
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCohort,
    ListCommittee,
    Query,
    Search,
)

# 319999 is a region that no office has: nobody bears this number.
NOBODY: Final = Identity(IdentityKind.CITIZEN, CitizenId.make("319999", date(1900, 1, 1), 1).number)


@dataclass(frozen=True, slots=True)
class Samples:
    """Name what each supported operation is asked for; ``repr()`` shows nobody.

    Every question asked with these must find somebody, but for ``unknown``.
    """

    known: Identity | None = None
    unknown: Identity = NOBODY
    duplicate: Identity | None = None
    """Somebody whom the system lists twice; without it the mock's fault ``duplicate`` makes one."""
    name: str = field(default="", repr=False)
    """A name, or a part of one, that a search finds below ``region``."""
    region: str = ""
    committee: str = ""
    """12-digit region code."""
    age_from: int = 60
    household: str = field(default="", repr=False)

    def query(self, operation: type[Query]) -> Query | None:
        """Return the question to ask by an operation, None where the samples lack what it needs."""
        made: dict[type[Query], Query | None] = {
            FindPerson: FindPerson(self.known) if self.known else None,
            Search: Search(self.name, (self.region,), 20) if self.name and self.region else None,
            ListCommittee: ListCommittee(self.committee) if self.committee else None,
            ListCohort: ListCohort(self.committee, self.age_from) if self.committee else None,
            FindHousehold: FindHousehold(self.household) if self.household else None,
        }
        return made.get(operation)


READS: Final = (FindPerson, Search, ListCommittee, ListCohort, FindHousehold)
"""The operations that the contract asks, the plainest first."""
