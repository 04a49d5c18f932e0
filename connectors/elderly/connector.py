"""Ask the elderly-care system about people of 60 and older."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import orjson

from connectors.elderly.records import ElderlyPerson
from connectors.elderly.wire import PAGE_SIZE, SYSTEM, answers, named, page, record
from connectors.sdk import (
    API_VERSION,
    BadUpstreamData,
    Connector,
    ConnectorSettings,
    Exchange,
    FindPerson,
    Identity,
    ListCohort,
    ListCommittee,
    Manifest,
    Query,
    Record,
    Search,
    ask,
    ask_all,
)
from connectors.sdk.auth.oauth2 import OAuth2ClientCredentials
from connectors.sdk.paging import Page, list_pages, unique


class ElderlyConnector(Connector[ConnectorSettings]):
    """Every question is a POST, so that no number and no name stands in a URL."""

    manifest = Manifest(
        name=SYSTEM,
        title="养老服务",
        seal="老",
        api=API_VERSION,
        timeout_s=3,
        ttl_s={FindPerson: 300, Search: 300, ListCommittee: 43_200, ListCohort: 43_200},
    )
    operations = {
        FindPerson: ElderlyPerson,
        Search: ElderlyPerson,
        ListCommittee: ElderlyPerson,
        ListCohort: ElderlyPerson,
    }
    auth = OAuth2ClientCredentials("/oauth/token")

    def exchange(self, query: Query) -> Exchange:
        """Answer one query; a limit above 200 is cut to 200 for each region of a search."""
        match query:
            case FindPerson(identity):
                return (yield from self._find(identity))
            case Search(name, regions, limit):
                return (yield from self._search(name, regions, limit))
            case ListCommittee(committee):
                return (yield from self._list({"committeeCode": committee}))
            case ListCohort(committee, age_from):
                return (yield from self._list({"committeeCode": committee, "ageFrom": age_from}))
            case _:
                raise NotImplementedError(type(query).__name__)

    def _find(self, identity: Identity) -> Exchange:
        number = named(identity)
        if number is None:
            return []
        response = yield from ask(self._post("query", number))
        found: list[Record] = [record(row) for row in page(response).rows]
        if not all(answers(person, identity) for person in found):
            raise BadUpstreamData("answered with another person")
        return found

    def _search(self, name: str, regions: tuple[str, ...], limit: int) -> Exchange:
        size = min(limit, PAGE_SIZE)
        bodies = [{"name": name, "regionPrefix": region, "pageNo": 1, "pageSize": size} for region in regions]
        responses = yield from ask_all([self._post("search", body) for body in bodies])
        return unique(record(row) for response in responses for row in page(response).rows)[:limit]

    def _list(self, body: dict[str, str | int]) -> Exchange:
        def request(number: int) -> httpx.Request:
            return self._post("list", {**body, "pageNo": number, "pageSize": PAGE_SIZE})

        def read(response: httpx.Response) -> Page:
            found = page(response)
            return Page([record(row) for row in found.rows], found.total)

        return (yield from list_pages(request, read, PAGE_SIZE))

    def _post(self, operation: str, body: Mapping[str, object]) -> httpx.Request:
        return self.post(f"/api/v1/elders/{operation}", orjson.dumps(body), "application/json")
