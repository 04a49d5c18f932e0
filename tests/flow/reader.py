"""Somebody who reads through the API: cookies, a CSRF token, and a memory of all that was said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.flow.running import PASSWORD

API = "/api/v1"


@dataclass(slots=True)
class Reader:
    """A client with its own cookies; `heard` keeps every answer."""

    http: httpx.AsyncClient
    heard: list[httpx.Response] = field(default_factory=list)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request and return the answer, whatever it is."""
        answer = await self.http.request(method, path, **more)
        self.heard.append(answer)
        return answer

    async def sign_in(self, username: str, password: str = PASSWORD) -> httpx.Response:
        """Sign in; the CSRF token goes with every later call."""
        answer = await self.ask("POST", f"{API}/session", json={"username": username, "password": password})
        if answer.status_code == 201:
            self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return answer

    async def search(self, query: str, **more: object) -> httpx.Response:
        """Search the reader's area."""
        return await self.ask("POST", f"{API}/residents/search", json={"query": query, **more})

    async def lookup(self, number: str, **more: object) -> httpx.Response:
        """Look a person up by document number."""
        return await self.ask("POST", f"{API}/residents/lookup", json={"id_number": number, **more})

    async def resident(self, token: str, **query: str) -> httpx.Response:
        """Open a person's record."""
        return await self.ask("GET", f"{API}/residents/{token}", params=query)

    async def household(self, token: str, **query: str) -> httpx.Response:
        """Open a household."""
        return await self.ask("GET", f"{API}/households/{token}", params=query)

    async def reveal(self, token: str, *fields: str, **more: object) -> httpx.Response:
        """Open masked fields."""
        return await self.ask("POST", f"{API}/residents/{token}/reveal", json={"fields": fields, **more})

    async def events(self, **query: str) -> list[dict[str, Any]]:
        """Read all pages of the audit, newest first; at most 100 of them."""
        events: list[dict[str, Any]] = []
        for _ in range(100):
            answer = await self.ask("GET", f"{API}/audit", params={"limit": "200", **query})
            assert answer.status_code == 200, answer.text
            events += answer.json()["events"]
            if not answer.json()["next"]:
                return events
            query["cursor"] = answer.json()["next"]
        raise AssertionError("the audit has no last page")

    async def event_of(self, answer: httpx.Response) -> dict[str, Any]:
        """Return the one event of an answer given just now to anybody."""
        page = await self.ask("GET", f"{API}/audit", params={"limit": "100"})
        request_id = answer.headers["X-Request-Id"]
        events = [event for event in page.json()["events"] if event["request_id"] == request_id]
        assert len(events) == 1, f"{len(events)} events of {request_id}"
        return dict(events[0])


@asynccontextmanager
async def visiting(base_url: str) -> AsyncIterator[Reader]:
    """Open a client that is not signed in."""
    limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
    async with httpx.AsyncClient(base_url=base_url, timeout=30, limits=limits, trust_env=False) as http:
        yield Reader(http)


@asynccontextmanager
async def signed_in(base_url: str, username: str, password: str = PASSWORD) -> AsyncIterator[Reader]:
    """Open a client and sign in."""
    async with visiting(base_url) as reader:
        answer = await reader.sign_in(username, password)
        assert answer.status_code == 201, answer.text
        yield reader


def statuses(record: dict[str, Any]) -> dict[str, str]:
    """Return how each source stands in an answer."""
    return {name: source["status"] for name, source in record["sources"].items()}


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """Return the bare values of a record's fields."""
    return {name: field["value"] for name, field in record["fields"].items()}


def masked_number(number: str) -> str:
    """Return a citizen ID as it may be shown before a purpose is given."""
    return f"{number[0]}{'*' * 16}{number[-1]}"
