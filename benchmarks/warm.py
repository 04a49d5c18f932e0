"""The paths that a warm gateway answers from memory, on the product's own mocks and their synthetic city."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import orjson

from benchmarks.cores import CannotMeasure
from benchmarks.load import Load, request
from benchmarks.paths import Absent, Path
from benchmarks.process import Server
from benchmarks.reader import API, Reader
from gateway.residents.names import spellings

RESIDENTS = 100
"""Files that are asked for in turn, so that the figure is not one entry's."""
TYPED_BY_NAME = 4
"""People whose surname, name, initials and door are searched for."""
SEARCHES = ("90+", "80+ 独居", "独居", "纯老家庭")
_DIRECTORY_S = 60.0
_AT_ONCE = 16
_SPARE = 1.2


@dataclass(frozen=True, slots=True)
class Warm:
    """A reader before a gateway that has everything in memory."""

    server: Server
    reader: Reader
    residents: Sequence[str] = field(repr=False)
    """Tokens of people all of whose systems answer from the cache."""
    queries: Sequence[str] = field(repr=False)
    """Searches that all find somebody."""

    @classmethod
    def up(cls, server: Server, reader: Reader) -> Warm:
        """Load the directory and the files; takes some seconds, as the relief mock has its natural latency."""
        found = {hit["resident"]: hit for hit in _directory(reader, "60+")}
        for query in ("90+", "80+", "独居", "1-", "2-"):
            if len(found) < _SPARE * RESIDENTS:
                found |= {hit["resident"]: hit for hit in reader.search(query)["results"]}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in range(2):
                records = list(pool.map(lambda token: _read(reader, token), found))
        whole = [str(record["resident"]) for record in records if _is_warm(record)]
        if len(whole) < RESIDENTS:
            raise CannotMeasure(f"only {len(whole)} files could be warmed")
        named = [hit for hit in found.values() if hit["name"] and hit["door"]][:TYPED_BY_NAME]
        queries = [query for hit in named for query in _typed(hit["name"], hit["door"])]
        queries += SEARCHES
        empty = [query for query in queries if not reader.search(query)["results"]]
        if empty:
            raise CannotMeasure(f"{len(empty)} of {len(queries)} searches find nobody")
        return cls(server, reader, whole[:RESIDENTS], queries)

    def paths(self) -> tuple[list[Path], list[Absent]]:
        """Return what can be measured here, and what is not built yet."""
        found = [
            Path("healthz", "healthz: the floor of our own stack", self.server, self._healthz),
            Path(
                "cached",
                "cached lookup: session, policy, masks, durable audit",
                self.server,
                self._cached,
                goal=0.60,
                action="resident:read",
            ),
            Path(
                "search",
                "search in a committee's directory, cached",
                self.server,
                self._search,
                goal=0.35,
                action="resident:search",
            ),
        ]
        absent: list[Absent] = []
        status, body, kind = self.reader.ask("GET", f"/p/{self.residents[0]}")
        if status == 200 and kind.startswith("text/html") and b"</html>" in body:
            found.append(
                Path(
                    "page",
                    "portal file page (HTML), cached",
                    self.server,
                    self._page,
                    goal=0.15,
                    action="resident:read",
                )
            )
        else:
            absent.append(Absent("portal file page (HTML), cached", "not built yet"))
        status, body, _ = self.reader.ask("GET", f"{API}/rosters/elderly-90-milk")
        if status == 200 and b'"rows":[{' in body:
            found.append(
                Path(
                    "roster",
                    "roster 90+ of a committee, cached",
                    self.server,
                    self._roster,
                    goal=0.30,
                    action="resident:list",
                )
            )
        else:
            absent.append(Absent("roster 90+ of a committee, cached", "not built yet"))
        return found, absent

    def record_bytes(self) -> int:
        """Return the mean size of the records that are asked for."""
        sizes = [
            len(self.reader.ask("GET", f"{API}/residents/{token}")[1]) for token in self.residents[:_AT_ONCE]
        ]
        return sum(sizes) // len(sizes)

    def _healthz(self) -> Load:
        return Load(self.server.address, [request("GET", "/healthz")], b'"ok"')

    def _cached(self) -> Load:
        return self._get((f"{API}/residents/{token}" for token in self.residents), b'"complete":true')

    def _page(self) -> Load:
        return self._get((f"/p/{token}" for token in self.residents), b"</html>")

    def _roster(self) -> Load:
        return self._get([f"{API}/rosters/elderly-90-milk"], b'"rows":[{')

    def _get(self, paths: Iterable[str], expect: bytes) -> Load:
        cookie = {"Cookie": self.reader.headers["Cookie"]}
        return Load(self.server.address, [request("GET", path, cookie) for path in paths], expect)

    def _search(self) -> Load:
        headers = {**self.reader.headers, "Content-Type": "application/json"}
        bodies = [orjson.dumps({"query": query}) for query in self.queries]
        asked = [request("POST", f"{API}/residents/search", headers, body) for body in bodies]
        return Load(self.server.address, asked, b'"results":[{"resident"')


def _typed(name: str, door: str) -> tuple[str, ...]:
    """Return what somebody types who looks for this person."""
    forms = sorted(spellings(name), key=len)
    return name[0], name, forms[0], forms[-1][:4], door


def _directory(reader: Reader, query: str) -> list[dict[str, str]]:
    """Search until the committee's directory is loaded."""
    give_up = time.monotonic() + _DIRECTORY_S
    while time.monotonic() < give_up:
        status, body, _ = reader.ask("POST", f"{API}/residents/search", {"query": query, "limit": 50})
        found = orjson.loads(body)
        if status == 200 and found["complete"] and found["results"]:
            results: list[dict[str, str]] = found["results"]
            return results
        time.sleep(0.2)
    raise CannotMeasure("the committee's directory did not load")


def _read(reader: Reader, token: str) -> dict[str, object]:
    record: dict[str, object] = reader.json("GET", f"{API}/residents/{token}")
    return record


def _is_warm(record: dict[str, object]) -> bool:
    sources = record["sources"]
    assert isinstance(sources, dict)
    return bool(record["complete"]) and all(one.get("cache") == "hit" for one in sources.values())
