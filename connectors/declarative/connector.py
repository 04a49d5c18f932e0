"""Ask a system that a description tells of: a connector like any other, driven by the same ``run``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from connectors.declarative import pages
from connectors.declarative.answer import Told, read
from connectors.declarative.records import record
from connectors.declarative.request import request_for
from connectors.declarative.template import Unaskable
from connectors.sdk import (
    BadUpstreamData,
    CitizenId,
    Connector,
    ConnectorSettings,
    Exchange,
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCohort,
    ListCommittee,
    Query,
    Record,
    Search,
    ask,
    ask_all,
    unique,
)

if TYPE_CHECKING:
    import httpx

    from connectors.declarative.shape import Description, Endpoint
    from connectors.declarative.template import Value

OPERATIONS: Final[Mapping[str, type[Query]]] = {
    "find": FindPerson,
    "find_by_passport": FindPerson,
    "find_by_local_id": FindPerson,
    "household": FindHousehold,
    "search": Search,
    "list": ListCommittee,
    "cohort": ListCohort,
}
"""Endpoint -> the question that it answers."""


class DescribedConnector(Connector[ConnectorSettings]):
    """What the classes that ``load_description`` makes have in common."""

    description: ClassVar[Description]
    endpoints: ClassVar[Mapping[str, Endpoint]]
    """Each with the answer that counts for it."""
    record: ClassVar[type[Record]]

    def exchange(self, query: Query) -> Exchange:
        """Answer one query; nobody where the system cannot be asked for a value that was given."""
        try:
            return (yield from self._answered(query))
        except Unaskable:
            return []

    def _answered(self, query: Query) -> Exchange:
        match query:
            case FindPerson(identity):
                return (yield from self._find(identity))
            case Search(name, regions, limit):
                return (yield from self._search(name, regions, limit))
            case ListCommittee(committee):
                return (yield from self._whole("list", {"query.committee": committee}))
            case ListCohort(committee, age_from):
                asked: dict[str, Value] = {"query.committee": committee, "query.age_from": age_from}
                return (yield from self._whole("cohort", asked))
            case FindHousehold(number):
                return (yield from self._once("household", {"query.household": number}))
            case _:
                raise NotImplementedError(type(query).__name__)

    def _find(self, identity: Identity) -> Exchange:
        name, values = _named(identity, self.manifest.name)
        if name not in self.endpoints:
            return []
        found = yield from self._once(name, values)
        local = values.get("query.local_id")
        if any(person.identity != identity and person.local_id != local for person in found):
            raise BadUpstreamData("answered with another person")
        return found

    def _search(self, name: str, regions: tuple[str, ...], limit: int) -> Exchange:
        endpoint = self.endpoints["search"]
        size = min(limit, endpoint.most or limit)
        asked = [
            self._request(endpoint, {"query.name": name, "query.region": region, "query.limit": size})
            for region in regions
        ]
        answers = yield from ask_all(asked)
        return unique(person for answer in answers for person in self._read(endpoint, answer))[:limit]

    def _once(self, name: str, values: Mapping[str, Value]) -> Exchange:
        endpoint = self.endpoints[name]
        return self._read(endpoint, (yield from ask(self._request(endpoint, values))))

    def _whole(self, name: str, values: Mapping[str, Value]) -> Exchange:
        endpoint = self.endpoints[name]
        return (
            yield from pages.whole(
                endpoint,
                lambda page: self._request(endpoint, {**values, **page}),
                lambda response: self._told(endpoint, response),
                self._people,
            )
        )

    def _request(self, endpoint: Endpoint, values: Mapping[str, Value]) -> httpx.Request:
        return request_for(endpoint, self.base_url, values, self.description.charset)

    def _read(self, endpoint: Endpoint, response: httpx.Response) -> list[Record]:
        return self._people(self._told(endpoint, response))

    def _told(self, endpoint: Endpoint, response: httpx.Response) -> Told:
        following = endpoint.pages.next if endpoint.pages else None
        if endpoint.answer is None:
            raise NotImplementedError("an endpoint without an answer")  # the loader refuses it
        return read(endpoint.answer, response, self.description.charset, following)

    def _people(self, told: Told) -> list[Record]:
        return [record(self.description, self.record, row) for row in told.rows]


def _named(identity: Identity, system: str) -> tuple[str, dict[str, Value]]:
    """Return the endpoint for a kind of identity, and what to ask it."""
    match identity.kind:
        case IdentityKind.CITIZEN:
            forms = _forms(identity.number)
            return "find", {"query.citizen_id": identity.number, "query.citizen_ids": forms}
        case IdentityKind.PASSPORT:
            return "find_by_passport", {"query.passport": identity.number}
        case IdentityKind.LOCAL:
            owner, _, local_id = identity.number.partition(":")
            return ("find_by_local_id" if owner == system else ""), {"query.local_id": local_id}


def _forms(number: str) -> list[str]:
    """Return the forms under which the system may have stored a citizen number."""
    try:
        return [number, CitizenId(number).old_form]
    except ValueError:
        return [number]
