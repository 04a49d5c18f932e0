"""Ask the data exchange who has a disability card or is in veterans' care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import httpx
import orjson

from connectors.benefits.records import Beneficiary
from connectors.benefits.wire import PAGE_SIZE, SYSTEM, page, record
from connectors.sdk import (
    API_VERSION,
    Algorithm,
    BadUpstreamData,
    CitizenId,
    Connector,
    ConnectorSettings,
    Exchange,
    FindPerson,
    Identity,
    IdentityKind,
    Joined,
    ListCommittee,
    Manifest,
    Page,
    Part,
    Query,
    Record,
    Search,
    SignedRequests,
    SigningStyle,
    ask,
    ask_all,
    list_pages,
    unique,
)

# The manual's own: the request itself is not signed, so only the nonce keeps a signature from a second use.
_SIGNED = Joined((Part.CLIENT, Part.TIMESTAMP, Part.NONCE), joiner="")


class BenefitsSettings(ConnectorSettings):
    """Which digest the exchange wants; the national one where it has been switched over."""

    algorithm: Literal["hmac-sha256", "hmac-sm3"] = "hmac-sha256"


class BenefitsConnector(Connector[BenefitsSettings]):
    """Find people by citizen number only: a card and a claim are given to citizens."""

    manifest = Manifest(
        name=SYSTEM,
        title="残疾优抚",
        seal="优",
        api=API_VERSION,
        timeout_s=3,
        ttl_s={FindPerson: 300, Search: 300, ListCommittee: 43_200},
    )
    operations = {FindPerson: Beneficiary, Search: Beneficiary, ListCommittee: Beneficiary}
    settings_type = BenefitsSettings
    auth = SignedRequests(check="/exchange/v1/check", style=SigningStyle(canonical=_SIGNED))

    def __init__(self, base_url: str, settings: BenefitsSettings) -> None:
        """Sign as the settings say."""
        super().__init__(base_url, settings)
        self.auth = replace(
            self.auth, style=replace(self.auth.style, algorithm=Algorithm(settings.algorithm))
        )

    def exchange(self, query: Query) -> Exchange:
        """Answer one query; a search brings at most 100 people for each region."""
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
        response = yield from ask(self._post("query", {"cert_nos": _forms(identity.number)}))
        found: list[Record] = [record(row) for row in page(response).rows]
        if any(person.identity != identity for person in found):
            raise BadUpstreamData("answered with another person")
        return found

    def _search(self, name: str, regions: tuple[str, ...], limit: int) -> Exchange:
        size = min(limit, PAGE_SIZE)
        bodies = [{"name": name, "region": region, "page": 1, "size": size} for region in regions]
        responses = yield from ask_all([self._post("search", body) for body in bodies])
        return unique(record(row) for response in responses for row in page(response).rows)[:limit]

    def _list(self, committee: str) -> Exchange:
        def request(number: int) -> httpx.Request:
            return self._post("list", {"region": committee, "page": number, "size": PAGE_SIZE})

        def read(response: httpx.Response) -> Page:
            found = page(response)
            return Page([record(row) for row in found.rows], found.total)

        return (yield from list_pages(request, read, PAGE_SIZE))

    def _post(self, operation: str, body: Mapping[str, object]) -> httpx.Request:
        path = f"/exchange/v1/beneficiaries/{operation}"
        return self.post(path, orjson.dumps(body), "application/json")


def _forms(number: str) -> list[str]:
    """Return the forms under which the system may have stored a citizen number."""
    try:
        return [number, CitizenId(number).old_form]
    except ValueError:
        return [number]
