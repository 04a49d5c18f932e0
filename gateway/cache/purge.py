"""What is to be forgotten, and how whoever is asking meanwhile hears of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.sdk import FindHousehold, FindPerson, ListCohort, ListCommittee, Search

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.sdk import Identity, Query, Record

Source = tuple[str, str, str]
"""Whose answer it is: system, connector version, entitlement of the upstream account."""


@dataclass(frozen=True, slots=True)
class Purge:
    """Name what is to be forgotten: of one system or all; everything, or what is about a person or committee.

    A place that is known only coarsely counts as within the committee: rather too much is forgotten.
    """

    system: str | None = None
    person: Identity | None = None
    committee: str | None = None
    """12-digit region code."""

    def covers(self, source: Source) -> bool:
        """Tell whether what this source said may have to go."""
        return self.system in {None, source[0]}

    def touches(self, query: Query) -> bool:
        """Tell whether an answer to this question may be about it, before the answer is known."""
        if self.person is not None:
            return not isinstance(query, FindPerson) or query.identity == self.person
        if isinstance(query, ListCommittee | ListCohort):
            return self._place(query.committee)
        return not isinstance(query, Search) or any(map(self._place, query.regions))

    def forgets(self, query: Query, records: Iterable[Record]) -> bool:
        """Tell whether answers to this question that hold these records are about it."""
        if not self.touches(query):
            return False
        if self.person is not None and not isinstance(query, FindPerson):
            return any(record.identity == self.person for record in records)
        if self.committee is not None and isinstance(query, FindPerson | FindHousehold):
            return any(
                self.names(one.identity, one.registered_region, one.residence_region) for one in records
            )
        return True

    def names(self, identity: Identity, *regions: str) -> bool:
        """Tell whether somebody of this identity, who belongs to these regions, is meant."""
        return identity == self.person if self.person is not None else any(map(self._place, regions))

    def _place(self, region: str) -> bool:
        committee = self.committee
        if committee is None:
            return True
        return bool(region) and (region.startswith(committee) or committee.startswith(region))


@dataclass(slots=True, weakref_slot=True, eq=False)
class Watch:
    """What is purged while somebody asks a system or makes something of answers.

    It hears of purges for as long as anybody holds it.
    """

    purges: list[Purge] = field(default_factory=list)

    def touches(self, query: Query, source: Source) -> bool:
        """Tell whether the answer under way may be about what was purged, so nobody else may wait for it."""
        return any(purge.covers(source) and purge.touches(query) for purge in self.purges)

    def forgets(self, query: Query, source: Source, records: Iterable[Record]) -> bool:
        """Tell whether the answer that came must not be kept.

        One that does not say where the person lives is not kept if any committee was purged.
        """
        return any(
            purge.covers(source)
            and (purge.touches(query) if purge.person is None else purge.forgets(query, records))
            for purge in self.purges
        )
