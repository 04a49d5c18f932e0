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
    """Name what is to be forgotten, of one system or of all: people, committees, or everything.

    Rather too much is forgotten: people of another register with the same number, and everybody whose place
    is known only coarsely or not at all.
    """

    system: str | None = None
    people: frozenset[str] = field(default=frozenset(), repr=False)
    """Numbers of their identities."""
    committees: tuple[str, ...] = ()
    """12-digit region codes."""

    @staticmethod
    def of(identity: Identity, system: str | None = None) -> Purge:
        """Name one person."""
        return Purge(system, frozenset({identity.number}))

    @property
    def everything(self) -> bool:
        """Tell whether nobody and no place is named."""
        return not (self.people or self.committees)

    def covers(self, source: Source) -> bool:
        """Tell whether what this source said may have to go."""
        return self.system in {None, source[0]}

    def touches(self, query: Query) -> bool:
        """Tell whether an answer to this question may be about it, before the answer is known."""
        if self.everything:
            return True
        match query:
            case FindPerson(identity):
                return bool(self.committees) or identity.number in self.people
            case FindHousehold():
                return True
            case _:
                return bool(self.people) or self._lists(query)

    def forgets(self, query: Query, records: Iterable[Record]) -> bool:
        """Tell whether answers to this question that hold these records are about it."""
        if self.everything or self._lists(query):
            return True
        if isinstance(query, FindPerson) and (query.identity.number in self.people or not self.committees):
            # Records of anybody else in such an answer are believed by nobody.
            return query.identity.number in self.people
        if not self.committees:
            return any(one.identity.number in self.people for one in records)
        placed = False
        for one in records:
            if self.names(one.identity, one.registered_region, one.residence_region):
                return True
            placed = placed or bool(one.registered_region or one.residence_region)
        # Where nothing tells the place it may be any; lists and searches were judged by what they are on.
        return not placed and isinstance(query, FindPerson | FindHousehold)

    def names(self, identity: Identity, *regions: str) -> bool:
        """Tell whether somebody of this identity, who belongs to these regions, is meant."""
        return self.everything or identity.number in self.people or self._within(regions)

    def _lists(self, query: Query) -> bool:
        """Tell whether the question is what people of these committees are on, though none be now."""
        if isinstance(query, ListCommittee | ListCohort):
            return self._within((query.committee,))
        return isinstance(query, Search) and self._within(query.regions)

    def _within(self, regions: Iterable[str]) -> bool:
        """Tell whether a region, whole or a prefix, is or may be in a committee."""
        return bool(self.committees) and any(
            region and (region.startswith(committee) or committee.startswith(region))
            for region in regions
            for committee in self.committees
        )


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
        somebody = isinstance(query, FindPerson | FindHousehold)
        return any(
            purge.covers(source) and (purge.forgets(query, records) or (somebody and bool(purge.committees)))
            for purge in self.purges
        )
