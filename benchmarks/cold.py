"""The cold path: everybody is asked for once, and the three systems answer at once (:mod:`benchmarks.upstream`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

import orjson

from benchmarks.cores import CannotMeasure
from benchmarks.fanout import SYSTEMS
from benchmarks.load import Load, request
from benchmarks.paths import FANOUT, Path
from benchmarks.process import Server, address_of
from benchmarks.reader import API, Reader
from connectors.sdk import CitizenId, Identity, IdentityKind
from gateway.residents.tokens import Tokens

_MOST_A_SECOND = 4000
"""More answers a second than any gateway of ours gives on one core: so many people are kept ready."""
_REGION = "319999"
_FIRST_BIRTH = date(1925, 1, 1)


def numbers() -> Iterator[str]:
    """Yield valid synthetic citizen numbers, none twice."""
    birth = _FIRST_BIRTH
    while True:
        for sequence in range(996):
            yield CitizenId.make(_REGION, birth, sequence).number
        birth += timedelta(days=1)


@dataclass(slots=True)
class Cold:
    """A gateway that has seen nobody yet, in front of the instant upstreams."""

    server: Server
    upstream: Server
    reader: Reader
    tokens: Tokens
    seconds: float
    _people: Iterator[str] = field(default_factory=numbers)

    def path(self) -> Path:
        """Return the path through the gateway."""
        return Path(
            "cold",
            "cold lookup, three instant systems: the same, and nothing known before",
            self.server,
            self._lookups,
            baseline=FANOUT,
            goal=0.65,
            action="resident:read",
        )

    def _lookups(self) -> Load:
        cookie = {"Cookie": self.reader.headers["Cookie"]}
        wanted = int((self.seconds + 1) * _MOST_A_SECOND)
        tokens = (
            self.tokens.of_person(Identity(IdentityKind.CITIZEN, number))
            for number in islice(self._people, wanted)
        )
        asked = [request("GET", f"{API}/residents/{token}", cookie) for token in tokens]
        return Load(self.server.address, asked, b'"complete":true', once=True)

    def first_look(self) -> int:
        """Look at one person; return the size of the record. Raises CannotMeasure if a system is missing in it."""
        number = next(self._people)
        token = self.tokens.of_person(Identity(IdentityKind.CITIZEN, number))
        status, body, _ = self.reader.ask("GET", f"{API}/residents/{token}")
        record = orjson.loads(body)
        answered = {name: one.get("cache") for name, one in record.get("sources", {}).items()}
        if status != 200 or set(answered) != set(SYSTEMS) or "relief_programmes" not in record["fields"]:
            raise CannotMeasure(f"the first cold lookup was answered {status} by {answered}")
        return len(body)

    def calls(self) -> dict[str, int]:
        """Return how many questions about people each upstream has answered so far."""
        address = address_of(orjson.loads(self.upstream.said)["household"])
        found: dict[str, int] = Reader(address).json("GET", "/_count")
        return found


def fanout_load(server: Server) -> Callable[[], Load]:
    """Return the load of a bare fan-out; it has no cache, so the same thousand people will do."""
    asked = [request("GET", f"/fanout/{number}") for number in islice(numbers(), 1000)]
    return lambda: Load(server.address, asked, "最低生活保障".encode())
