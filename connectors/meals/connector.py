"""Ask the meals system to whom it brings meals and milk."""

from __future__ import annotations

import httpx

from connectors.meals.records import Diner
from connectors.meals.wire import PAGE_SIZE, SYSTEM, answers, named, record, rows
from connectors.sdk import (
    API_VERSION,
    BadUpstreamData,
    Cas,
    Connector,
    ConnectorSettings,
    Exchange,
    FindPerson,
    Identity,
    ListCommittee,
    Manifest,
    Page,
    Query,
    Record,
    Search,
    ask,
    ask_all,
    list_pages,
    unique,
)


class MealsConnector(Connector[ConnectorSettings]):
    """Every question is a form that is posted, so that no number and no name stands in a URL."""

    manifest = Manifest(
        name=SYSTEM,
        title="助餐送奶",
        seal="餐",
        api=API_VERSION,
        timeout_s=3,
        ttl_s={FindPerson: 300, Search: 300, ListCommittee: 43_200},
    )
    operations = {FindPerson: Diner, Search: Diner, ListCommittee: Diner}
    auth = Cas(server="/cas", entry="/meals/index")

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
        number = named(identity)
        if number is None:
            return []
        response = yield from ask(self._orders("find", number))
        found: list[Record] = [record(row) for row in rows(response)[0]]
        if not all(answers(person, identity) for person in found):
            raise BadUpstreamData("answered with another person")
        return found

    def _search(self, name: str, regions: tuple[str, ...], limit: int) -> Exchange:
        requests = [self._orders("search", {"name": name, "region": region}) for region in regions]
        responses = yield from ask_all(requests)
        return unique(record(row) for response in responses for row in rows(response)[0])[:limit]

    def _list(self, committee: str) -> Exchange:
        def request(number: int) -> httpx.Request:
            return self._orders("list", {"committee": committee, "page": str(number)})

        def read(response: httpx.Response) -> Page:
            found, total = rows(response)
            return Page([record(row) for row in found], total)

        return (yield from list_pages(request, read, PAGE_SIZE))

    def _orders(self, operation: str, fields: dict[str, str]) -> httpx.Request:
        return self.post_form(f"/meals/orders/{operation}.json", fields)
