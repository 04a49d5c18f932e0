"""A small good connector, its mock and its contract: each wrong one spoils one thing about it."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar

import httpx

from connectors import sdk
from connectors.sdk import FindPerson, Identity, IdentityKind, Kind, ListCommittee, Verdict, ask
from connectors.sdk.mock import MockUpstream
from connectors.sdk.mock.upstream import LOGIN
from connectors.sdk.testing import ConnectorContract, Samples

COMMITTEE = "310109010003"
NUMBERS = [sdk.CitizenId.make("319999", date(1940, 1, day), 4).number for day in (1, 2, 3)]
# An even number of Chinese characters: their UTF-8 reads as GB18030 without an error, as other characters.
NAMES = ("欧阳建国", "陈桂芳", "李小妹")
ADDRESS = "玉田路三弄五号楼"
PAGE = 2


class Person(sdk.Record):
    name: Annotated[str | None, Kind.NAME] = None
    id_number: Annotated[str | None, Kind.ID] = None
    address: Annotated[str | None, Kind.ADDRESS] = None


@dataclass(frozen=True, slots=True)
class Badge:
    token: str = field(repr=False)


class BadgeLogin(sdk.AuthScheme[Badge]):
    """A token for a name and a password; the system says `expired`, with status 200, when it is over."""

    def sign_in(self, credential: sdk.Credential) -> sdk.Steps[Badge]:
        answer = yield self.login(credential)
        return Badge(self.token(answer))

    def login(self, credential: sdk.Credential) -> httpx.Request:
        return httpx.Request("POST", "/login", json=[credential.username, credential.secret])

    def token(self, answer: httpx.Response) -> str:
        said = json.loads(sdk.decode(answer))
        if said.get("code") == "password":
            raise sdk.AuthRejected
        return str(said["token"])

    def sign_out(self, session: Badge) -> sdk.Steps[None]:
        yield self.apply(httpx.Request("POST", "/logout"), session)

    def apply(self, request: httpx.Request, session: Badge) -> httpx.Request:
        request.headers["X-Badge"] = session.token
        return request

    def verdict(self, response: httpx.Response, session: Badge) -> Verdict:
        return Verdict.EXPIRED if b'"expired"' in response.content else Verdict.OK


class Right(sdk.Connector[sdk.ConnectorSettings]):
    """Every part of the conversation is a method, so that a wrong connector can spoil it alone."""

    manifest = sdk.Manifest(name="right", title="试点系统", seal="试", api=sdk.API_VERSION)
    operations: ClassVar[Any] = {FindPerson: Person, ListCommittee: Person}
    auth: sdk.AuthScheme[Any] = BadgeLogin()

    def exchange(self, query: sdk.Query) -> sdk.Exchange:
        match query:
            case FindPerson(identity):
                return (yield from self.find(identity))
            case ListCommittee(committee):
                return (yield from self.committee(committee))
        raise NotImplementedError

    def find(self, identity: Identity) -> sdk.Exchange:
        return self.records((yield from self.asked({"number": identity.number})))

    def committee(self, committee: str) -> sdk.Exchange:
        people: list[sdk.Record] = []
        for page in (1, 2):
            people += self.records((yield from self.asked({"committee": committee, "page": page})))
        return people

    def asked(self, body: dict[str, Any]) -> Generator[Any, Any, httpx.Response]:
        return (yield from ask(self.post("/people", json.dumps(body).encode(), "application/json")))

    def records(self, answer: httpx.Response) -> list[sdk.Record]:
        return [self.record(row) for row in self.rows(self.parsed(self.text(answer)))]

    def text(self, answer: httpx.Response) -> str:
        return sdk.decode(answer, "gb18030")

    def parsed(self, text: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(text)
        return said

    def rows(self, said: dict[str, Any]) -> list[dict[str, str]]:
        if said.get("code") == "quota":
            raise sdk.Throttled
        if not said["success"]:
            raise sdk.BadUpstreamData("refused")
        return list(said["rows"])

    def record(self, row: dict[str, str]) -> sdk.Record:
        return Person(**self.fields(row))

    def fields(self, row: dict[str, str]) -> dict[str, Any]:
        number = sdk.CitizenId.parse(row["number"]).number
        return {
            "identity": Identity(IdentityKind.CITIZEN, number),
            "local_id": row["id"],
            "name": row["name"],
            "id_number": number,
            "address": row["address"],
        }


class ListsOnly(Right):
    """Right as well, of a system that cannot be asked for one person."""

    operations: ClassVar[Any] = {ListCommittee: Person}


def build(username: str, password: str) -> MockUpstream:
    mock = MockUpstream("right")
    badges: set[str] = set()
    mock.on_expire = badges.clear
    mock.over_quota = lambda _request: _said(success=False, code="quota", rows=[])

    @mock.route("POST", "/login", operation=LOGIN)
    def login(request: httpx.Request) -> httpx.Response:
        if json.loads(request.content) != [username, password]:
            mock.stats.failed_logins += 1
            return _said(success=False, code="password")
        mock.stats.logins += 1
        badge = f"badge-{mock.stats.logins}"
        badges.add(badge)
        return _said(success=True, token=badge)

    @mock.route("POST", "/logout", operation=LOGIN)
    def logout(request: httpx.Request) -> httpx.Response:
        badges.discard(request.headers["X-Badge"])
        return _said(success=True)

    @mock.route("POST", "/people", operation="people")
    def people(request: httpx.Request) -> httpx.Response:
        if request.headers.get("X-Badge") not in badges:
            return _said(success=False, code="expired")
        rows = list(_rows(json.loads(request.content)))
        if mock.faults.duplicate:
            rows += [row | {"id": f"{row['id']}2"} for row in rows]
        return _said(success=True, rows=rows, time=time.time() + mock.faults.clock_skew_s)

    return mock


def _rows(asked: dict[str, Any]) -> Iterator[dict[str, str]]:
    first = (asked.get("page", 1) - 1) * PAGE
    for index, (number, name) in enumerate(zip(NUMBERS, NAMES, strict=True)):
        listed = asked.get("committee") == COMMITTEE and first <= index < first + PAGE
        if listed or asked.get("number") == number:
            yield {"id": f"P{index}", "name": name, "number": number, "address": ADDRESS}


def _said(**what: object) -> httpx.Response:
    body = json.dumps(what, ensure_ascii=False).encode("gb18030")
    return httpx.Response(200, content=body, headers={"Content-Type": "application/json;charset=GBK"})


class RightContract(ConnectorContract):
    connector = Right
    samples = Samples(known=Identity(IdentityKind.CITIZEN, NUMBERS[0]), committee=COMMITTEE)

    def make_mock(self) -> MockUpstream:
        return build(self.credential.username, self.credential.secret)
