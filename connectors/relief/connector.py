"""Ask the relief system who has a relief case. That somebody has none is its common answer."""

from __future__ import annotations

import httpx

from connectors.relief.records import ReliefPerson
from connectors.relief.wire import PAGE_SIZE, SERVICE, SYSTEM, page, record
from connectors.sdk import (
    API_VERSION,
    BadUpstreamData,
    Connector,
    ConnectorSettings,
    Exchange,
    FindPerson,
    Identity,
    IdentityKind,
    ListCommittee,
    Manifest,
    Query,
    Record,
    Search,
    ask,
    ask_all,
)
from connectors.sdk.auth.soap_key import SoapKey
from connectors.sdk.paging import Page, list_pages, unique


class ReliefConnector(Connector[ConnectorSettings]):
    """Find people by citizen number only: the system has no search by passport or by its own number."""

    manifest = Manifest(
        name=SYSTEM,
        title="社会救助",
        seal="救",
        api=API_VERSION,
        timeout_s=5,
        ttl_s={FindPerson: 300, Search: 300, ListCommittee: 43_200},
    )
    operations = {FindPerson: ReliefPerson, Search: ReliefPerson, ListCommittee: ReliefPerson}
    auth = SoapKey(SERVICE)

    def exchange(self, query: Query) -> Exchange:
        """Answer one query; a search brings at most 50 people for each region."""
        match query:
            case FindPerson(identity):
                return (yield from self._find(identity))
            case Search(name, regions, limit):
                return (yield from self._search(name, regions, limit))
            case ListCommittee(committee):
                return (yield from self._list(committee))
            case _:
                raise NotImplementedError(type(query).__name__)

    def _find(self, identity: Identity) -> Exchange:
        if identity.kind is not IdentityKind.CITIZEN:
            return []
        response = yield from ask(self._call("queryPerson", sfzh=identity.number))
        found: list[Record] = [record(row) for row in page(response).rows]
        if any(person.identity != identity for person in found):
            raise BadUpstreamData("answered with another person")
        return found

    def _search(self, name: str, regions: tuple[str, ...], limit: int) -> Exchange:
        requests = [self._call("querySearch", xm=name, qhdm=region) for region in regions]
        responses = yield from ask_all(requests)
        return unique(record(row) for response in responses for row in page(response).rows)[:limit]

    def _list(self, committee: str) -> Exchange:
        def request(number: int) -> httpx.Request:
            return self._call("queryList", jwhdm=committee, page=str(number))

        def read(response: httpx.Response) -> Page:
            found = page(response)
            return Page([record(row) for row in found.rows], found.total)

        return (yield from list_pages(request, read, PAGE_SIZE))

    def _call(self, method: str, **parameters: str) -> httpx.Request:
        return SERVICE.call(method, parameters, url=self.url(SERVICE.path))
