from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, get_args

import httpx
import pytest

from connectors.sdk import (
    API_VERSION,
    AuthScheme,
    BadUpstreamData,
    Connector,
    ConnectorSettings,
    Credential,
    Exchange,
    Identity,
    IdentityKind,
    Kind,
    Manifest,
    NeedCategory,
    Query,
    Receipt,
    Record,
    RecordNeed,
    RecordVisit,
    Repeat,
    SessionExpired,
    Steps,
    Throttled,
    TimedOut,
    Unavailable,
    UnclassifiedField,
    Verdict,
    VisitOutcome,
    Write,
    Writing,
    ask,
)
from connectors.sdk.run import write
from connectors.sdk.write import LONGEST_NOTE, kinds_of
from tests.unit.connectors.said import said

WHO = Identity(IdentityKind.CITIZEN, "319999193603120017")
KEY = "k3Y_-" * 4
VISIT = RecordVisit(
    identity=WHO, on=date(2026, 11, 20), outcome=VisitOutcome.MET, note="哨兵：要轮椅", idempotency_key=KEY
)
NEED = RecordNeed(
    identity=WHO, on=date(2026, 11, 20), category=NeedCategory.MEDICAL, note="哨兵", idempotency_key=KEY
)


class Badge(AuthScheme[str]):
    """Over when the answer is 401."""

    def sign_in(self, credential: Credential) -> Steps[str]:
        response = yield httpx.Request("GET", "/")
        return response.text

    def apply(self, request: httpx.Request, session: str) -> httpx.Request:
        request.headers["X-Badge"] = session
        return request

    def verdict(self, response: httpx.Response, session: str) -> Verdict:
        return Verdict.EXPIRED if response.status_code == 401 else Verdict.OK


class Care(Connector[ConnectorSettings]):
    """Opens a form and posts a visit."""

    manifest = Manifest(name="care", title="测试", seal="测", api=API_VERSION)
    operations: ClassVar[Mapping[type[Query], type[Record]]] = {}
    writes: ClassVar[Mapping[type[Write], Repeat]] = {RecordVisit: Repeat.WITH_KEY}
    auth = Badge()

    def __init__(self) -> None:
        super().__init__("http://care.invalid", ConnectorSettings())

    def exchange(self, query: Query) -> Exchange:
        raise NotImplementedError

    def write(self, entry: Write) -> Writing:
        yield from ask(self.get("/new"))
        key = {"Idempotency-Key": entry.idempotency_key}
        answer = yield from ask(self.post("/visit", entry.note.encode(), "text/plain", key))
        said = answer.json()
        return Receipt(said["id"], said["repeated"])


class Blind(Care):
    """The system does not look at the key."""

    writes: ClassVar[Mapping[type[Write], Repeat]] = {RecordVisit: Repeat.NEVER}


@dataclass
class System:
    """Writes a key down once; ``fault`` may answer first."""

    fault: Callable[[httpx.Request], httpx.Response | None] = lambda _: None

    def __post_init__(self) -> None:
        self.written: dict[str, bytes] = {}

    async def send(self, request: httpx.Request) -> httpx.Response:
        answer = self.fault(request)
        if answer is not None:
            return answer
        if request.url.path == "/new":
            return httpx.Response(200)
        key = request.headers["Idempotency-Key"]
        repeated = key in self.written
        self.written.setdefault(key, request.content)
        return httpx.Response(200, json={"id": "V1", "repeated": repeated})


async def test_a_write_gives_a_receipt_and_a_second_one_writes_nothing() -> None:
    system = System()
    assert await write(Care(), VISIT, "s", system.send) == Receipt("V1", repeated=False)
    assert await write(Care(), VISIT, "s", system.send) == Receipt("V1", repeated=True)
    assert system.written == {KEY: VISIT.note.encode()}


def expiring_at(path: str) -> Callable[[httpx.Request], httpx.Response | None]:
    return lambda request: httpx.Response(401) if request.url.path == path else None


@pytest.mark.parametrize(
    ("connector", "path", "error"),
    [
        (Care(), "/new", SessionExpired),
        (Care(), "/visit", SessionExpired),
        (Blind(), "/new", SessionExpired),
        (Blind(), "/visit", Unavailable),
    ],
    ids=["key, first", "key, later", "no key, first", "no key, later"],
)
async def test_only_what_may_be_sent_twice_is_started_again(
    connector: Care, path: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        await write(connector, VISIT, "s", System(expiring_at(path)).send)
    assert type(caught.value) is error
    assert "哨兵" not in said(caught.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, text="哨兵"), BadUpstreamData),
        (httpx.Response(200, json={}), BadUpstreamData),
        (httpx.Response(429), Throttled),
        (httpx.Response(503), Unavailable),
    ],
)
async def test_other_errors_are_those_of_a_question(answer: httpx.Response, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        await write(Care(), VISIT, "s", System(lambda _: answer).send)
    assert "哨兵" not in said(caught.value)


async def test_what_the_way_raises_comes_through() -> None:
    async def send(request: httpx.Request) -> httpx.Response:
        raise TimedOut

    with pytest.raises(TimedOut):
        await write(Blind(), VISIT, "s", send)


async def test_a_connector_that_writes_nothing_says_so() -> None:
    class Silent(Care):
        write = Connector.write

    assert Connector.writes == {}
    with pytest.raises(NotImplementedError):
        await write(Silent(), VISIT, "s", System().send)


@pytest.mark.parametrize("entry", [VISIT, NEED], ids=["visit", "need"])
def test_neither_person_nor_words_show(entry: Write) -> None:
    shown = repr(entry)
    for secret in (WHO.number, "哨兵", "medical"):
        assert secret not in shown
    assert "V1" not in repr(Receipt("V1"))


@pytest.mark.parametrize("made", get_args(Write))
def test_every_field_says_how_sensitive_it_is(made: type[Write]) -> None:
    kinds = kinds_of(made)
    assert list(kinds) == list(made.__dataclass_fields__)
    assert (kinds["identity"], kinds["note"]) == (Kind.ID, Kind.FREE)


def test_a_field_without_a_kind_is_refused() -> None:
    @dataclass
    class Odd:
        named: Annotated[str, Kind.NAME]
        bare: str

    odd: Any = Odd
    with pytest.raises(UnclassifiedField, match=r"Odd\.bare"):
        kinds_of(odd)


@pytest.mark.parametrize("key", ["", "short", "x" * 15, "x" * 65, "哨" * 20, "a b" * 8, "x" * 20 + "\n"])
@pytest.mark.parametrize("entry", [VISIT, NEED], ids=["visit", "need"])
def test_a_key_can_be_sent_and_not_be_guessed(entry: Write, key: str) -> None:
    values = {name: getattr(entry, name) for name in entry.__slots__} | {"idempotency_key": key}
    with pytest.raises(ValueError, match="idempotency key"):
        type(entry)(**values)


def test_a_note_has_an_end() -> None:
    values = {name: getattr(VISIT, name) for name in VISIT.__slots__}
    assert len(RecordVisit(**values | {"note": "字" * LONGEST_NOTE}).note) == LONGEST_NOTE
    with pytest.raises(ValueError, match="note"):
        RecordVisit(**values | {"note": "字" * (LONGEST_NOTE + 1)})
