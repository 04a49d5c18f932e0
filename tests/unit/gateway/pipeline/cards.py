"""A line system in this process: a box of cards, and a connector of thirty lines that asks it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any

import httpx
from pydantic import TypeAdapter

from connectors.sdk import (
    API_VERSION,
    AuthRejected,
    AuthScheme,
    CitizenId,
    Connector,
    ConnectorSettings,
    Credential,
    Exchange,
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    Kind,
    ListCommittee,
    Manifest,
    Query,
    Record,
    Search,
    Steps,
    Verdict,
    ask,
)
from gateway.store.engine import open_engine
from gateway.upstream.account import Means, UpstreamAccount
from gateway.upstream.accounts import Accounts
from gateway.upstream.breaker import Breaker
from gateway.upstream.gate import Gate
from gateway.upstream.lease import Leases
from gateway.upstream.login import GivenLogin
from gateway.upstream.repository import UpstreamRepository
from gateway.upstream.system import Limits, LineSystem
from gateway.upstream.watch import LoginWatch

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.tasks import Tasks
    from gateway.vault.entry import Owner

PASSWORD = "sesame"
HERE, THERE = "319999001002", "319999002001"
"""Two committees of two streets."""


class Card(Record):
    name: Annotated[str | None, Kind.NAME] = None
    gender: Annotated[str | None, Kind.PLAIN] = None
    birth_date: Annotated[date | None, Kind.BIRTH] = None
    id_number: Annotated[str | None, Kind.ID] = None
    phone: Annotated[str | None, Kind.PHONE] = None
    door: Annotated[str | None, Kind.ADDRESS] = None
    care_level: Annotated[str | None, Kind.HEALTH] = None
    relief_benefits: Annotated[str | None, Kind.RELIEF] = None
    tags: Annotated[tuple[str, ...] | None, Kind.PLAIN] = None


QUERIES: TypeAdapter[Query] = TypeAdapter(Query)
CARDS: TypeAdapter[list[Card]] = TypeAdapter(list[Card])


@dataclass(frozen=True, slots=True)
class Ticket(AuthScheme[str]):
    """One password for a ticket, one ticket for each request."""

    def sign_in(self, credential: Credential) -> Steps[str]:
        named = {"Account": credential.username}
        answer = yield httpx.Request("POST", "/ticket", headers=named, content=credential.secret)
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise AuthRejected
        return answer.text

    def sign_out(self, session: str) -> Steps[None]:
        yield httpx.Request("POST", "/out", content=session)

    def apply(self, request: httpx.Request, session: str) -> httpx.Request:
        request.headers["Ticket"] = session
        return request

    def verdict(self, response: httpx.Response, session: str) -> Verdict:
        verdicts = {401: Verdict.EXPIRED, 403: Verdict.REJECTED, 428: Verdict.CAPTCHA}
        return verdicts.get(response.status_code, Verdict.OK)


class CardConnector(Connector[ConnectorSettings]):
    manifest = Manifest(name="cards", title="卡片", seal="卡", api=API_VERSION)
    operations = dict.fromkeys((FindPerson, FindHousehold, Search, ListCommittee), Card)
    auth = Ticket()

    def exchange(self, query: Query) -> Exchange:
        asked = self.post(f"/{type(query).__name__}", QUERIES.dump_json(query), "application/json")
        answer = yield from ask(asked)
        return list(CARDS.validate_json(answer.content))


@dataclass(eq=False)
class Cards:
    """The system behind the connector: what it holds, what it was asked, and how ill it is."""

    cards: list[Card] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Names of the questions, signing in left out."""
    sign_ins: int = 0
    most_at_once: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Answers wait for it."""
    replies: list[httpx.Response] = field(default_factory=list)
    """Answers to the next questions, instead of proper ones."""
    always: httpx.Response | None = None
    """Answer to every question, instead of proper ones."""
    password: str = PASSWORD
    passwords: dict[str, str] = field(default_factory=dict)
    """Of accounts that have one of their own."""
    holders: dict[str, str] = field(default_factory=dict)
    """Whose a ticket is."""
    asked_by: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Who has signed out."""
    delay_s: float = 0.0
    tickets: set[str] = field(default_factory=set)
    active: int = 0

    def __post_init__(self) -> None:
        self.open.set()

    @property
    def calls(self) -> Counter[str]:
        return Counter(self.asked)

    async def send(self, request: httpx.Request) -> httpx.Response:
        return await httpx.MockTransport(self.handle).handle_async_request(request)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.active += 1
        self.most_at_once = max(self.most_at_once, self.active)
        try:
            await self.open.wait()
            await asyncio.sleep(self.delay_s)
            return self._answer(request)
        finally:
            self.active -= 1

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.strip("/")
        if name == "ticket":
            self.sign_ins += 1
            account = request.headers["Account"]
            if request.content.decode() != self.passwords.get(account, self.password):
                return httpx.Response(403)
            self.tickets.add(ticket := f"ticket {self.sign_ins}")
            self.holders[ticket] = account
            return httpx.Response(200, text=ticket)
        if name == "out":
            self.left.append(self.holders[request.content.decode()])
            self.tickets.discard(request.content.decode())
            return httpx.Response(200)
        self.asked.append(name)
        if self.replies or self.always:
            return self.replies.pop(0) if self.replies else spare(self.always)
        if request.headers.get("Ticket") not in self.tickets:
            return httpx.Response(401)
        self.asked_by.append(self.holders.get(request.headers["Ticket"], ""))
        query = QUERIES.validate_json(request.content)
        return httpx.Response(
            200, content=CARDS.dump_json([card for card in self.cards if about(card, query)])
        )


def spare(response: httpx.Response | None) -> httpx.Response:
    assert response is not None
    return httpx.Response(response.status_code, headers=response.headers, content=response.content)


def about(card: Card, query: Query) -> bool:
    match query:
        case FindPerson(identity):
            return card.identity == identity
        case FindHousehold(number):
            return card.household == number
        case Search(name, regions, _limit):
            return name in (card.name or "") and card.residence_region.startswith(regions)
        case ListCommittee(committee):
            return committee in {card.residence_region, card.registered_region}
    raise NotImplementedError(type(query).__name__)


@cache
def unused() -> UpstreamRepository:
    """Return a store that nobody asks: these systems have no login page."""
    return UpstreamRepository(open_engine("sqlite+aiosqlite:////nowhere/state.db"))


def line(
    name: str,
    cards: Cards,
    clock: Clock,
    tasks: Tasks,
    made: type[CardConnector] = CardConnector,
    **limits: Any,
) -> LineSystem:
    connector = made("http://cards.test", ConnectorSettings())
    gate = Gate(cards.send, clock, limits.pop("windows", ()), limits.pop("pace", None))
    breaker = Breaker(limits.pop("failures", 5), limits.pop("open_s", 5.0), clock)
    given: dict[str, Any] = {
        "timeout_s": 5.0,
        "list_timeout_s": 5.0,
        "concurrency": 16,
        "queue": 256,
        "retry": True,
        "ttl_s": 300.0,
        "stale_s": 86_400.0,
    }
    means = Means(gate.send, tasks, clock, Leases())

    def account(owner: Owner) -> UpstreamAccount:
        login = GivenLogin(Credential(owner.username or "gateway", PASSWORD), str(owner))
        return UpstreamAccount(name, connector.auth, login, connector.base_url, means, timeout_s=5.0)

    accounts = Accounts(account, personal=limits.pop("personal", False), equal=limits.pop("equal", None))
    watch = LoginWatch(name, connector, means, unused(), accounts)
    return LineSystem(name, connector, accounts, gate.send, watch, gate, breaker, Limits(**(given | limits)))


_locals = count(1)


def citizen(number: int, born: date = date(1934, 5, 6)) -> Identity:
    """Return the identity of a person who never was."""
    return Identity(IdentityKind.CITIZEN, CitizenId.make("319999", born, number).number)


def card(number: int, **given: Any) -> Card:
    """Return a card of a person by number: born in 1934 and living here, unless said otherwise."""
    born = given.setdefault("birth_date", date(1934, 5, 6))
    identity = given.pop("identity", None) or citizen(number, born or date(1934, 5, 6))
    usual: dict[str, Any] = {
        "identity": identity,
        "local_id": f"L{next(_locals):06}",
        "household": f"H{number}",
        "residence_region": HERE,
        "registered_region": HERE,
        "name": f"陈{number}",
        "id_number": identity.number,
    }
    return Card(**(usual | given))
