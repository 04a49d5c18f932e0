"""The mock of disability and veterans' benefits (残疾, 优抚) behind a data-exchange gateway.

REST in JSON with snake_case names. Every request is signed over client, timestamp and nonce; a nonce is good
for one use and a timestamp for ten minutes. Whoever asks gets the fields that they were granted: of the
others the codes are left out and the texts and sums read ``***``, as two generations of such gateways do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

import httpx
import orjson

from connectors.sdk.auth.signature import Algorithm, Joined, Part, SigningStyle
from connectors.sdk.mock import Faults, MockUpstream, Refusal, SignatureDoor, account_of
from mocks.city import City
from mocks.city.benefits import Subsidy, Veteran
from mocks.city.views import BenefitsEntry

WINDOW_S: Final = 600
LARGEST_PAGE: Final = 100
HIDDEN: Final = "***"

_SUBSIDIES: Final = {Subsidy.LIVING: "A1", Subsidy.CARE: "A2"}
_VETERANS: Final = {
    Veteran.DISABLED: "Y01",
    Veteran.DEMOBILISED: "Y02",
    Veteran.ILL: "Y03",
    Veteran.FOUGHT: "Y04",
    Veteran.KIN: "Y05",
}
_REFUSALS: Final = {
    Refusal.CLOCK: ("TIMESTAMP_OUT_OF_WINDOW", "时间戳超出有效期"),
    Refusal.CREDENTIAL: ("CLIENT_UNKNOWN", "应用未登记"),
    Refusal.MISSING: ("SIGN_MISSING", "缺少签名"),
    Refusal.REPLAY: ("NONCE_REPLAYED", "请求重复"),
    Refusal.SIGNATURE: ("SIGN_INVALID", "签名错误"),
}
_CODES: Final = ("disability_category", "disability_grade", "veteran_type")
_MOST_FORMS: Final = 5

Body = Mapping[str, Any]
Row = dict[str, object]


class _BadParameterError(ValueError):
    """The request's body is not what the gateway's manual says."""


def build(
    city: City,
    accounts: Mapping[str, str],
    *,
    seed: int = 1,
    clock: Callable[[], float] = time.time,
    algorithm: Algorithm = Algorithm.HMAC_SHA256,
    barred: Mapping[str, Collection[str]] | None = None,
) -> MockUpstream:
    """Return the mock with its clients (id -> secret).

    ``barred`` names, by client, the fields that it was not granted; a client that is not there has all.
    """
    mock = MockUpstream("benefits", seed=seed)
    parts = (Part.CLIENT, Part.TIMESTAMP, Part.NONCE)
    style = SigningStyle(algorithm=algorithm, canonical=Joined(parts, joiner=""))
    door = SignatureDoor(mock, style, accounts, check="/exchange/v1/check", window_s=WINDOW_S, clock=clock)
    door.refuse = lambda why: _answer(*_REFUSALS[why], status=401)
    mock.maintenance_page = _maintenance
    mock.over_quota = lambda _request: _answer("FLOW_LIMITED", "调用次数超过限额")
    mock.refusal = lambda request: _answer("SYSTEM_ERROR", f"后端服务异常：{request.content.decode()}")
    files = _Files(city, lambda: mock.faults)
    for operation, answer in (("query", files.query), ("search", files.search), ("list", files.committee)):
        handler = _handler(answer, barred or {})
        door.route("POST", f"/exchange/v1/beneficiaries/{operation}", operation=operation)(handler)
    return mock


def _handler(
    answer: Callable[[Body], tuple[int, list[Row]]], barred: Mapping[str, Collection[str]]
) -> Callable[[httpx.Request], httpx.Response]:
    def handle(request: httpx.Request) -> httpx.Response:
        try:
            total, rows = answer(_body(request))
        except _BadParameterError:
            return _answer("PARAM_INVALID", "参数错误")
        hidden = barred.get(account_of(request), ())
        return _answer("OK", "", {"total": total, "list": [_filtered(row, hidden) for row in rows]})

    return handle


def _filtered(row: Row, hidden: Collection[str]) -> Row:
    """Leave codes out and hide everything else that the client was not granted."""
    shown = {name: value for name, value in row.items() if not (name in hidden and name in _CODES)}
    return shown | {name: HIDDEN for name in shown if name in hidden}


class _Files:
    """Look into the files of those who get something."""

    def __init__(self, city: City, faults: Callable[[], Faults]) -> None:
        self._city = city
        self._faults = faults

    def query(self, body: Body) -> tuple[int, list[Row]]:
        """Find by citizen number; a stored number matches as written."""
        match body:
            case {"cert_nos": [*numbers]} if len(body) == 1 and 0 < len(numbers) <= _MOST_FORMS:
                found = [entry for number in numbers for entry in self._stored(number)]
            case _:
                raise _BadParameterError
        rows = [_row(entry) for entry in found]
        if self._faults().duplicate:
            rows += [row | {"file_no": f"{row['file_no']}-2"} for row in rows]
        return len(rows), rows

    def search(self, body: Body) -> tuple[int, list[Row]]:
        """Find by a part of the name, as it is stored, under a prefix of the registered committee's code."""
        name, region = _text(body, "name"), _text(body, "region")
        committees = self._city.places.committees_in(region)
        entries = (entry for place in committees for entry in self._entries(place.code))
        return self._page(body, (entry for entry in entries if name in entry.person.name))

    def committee(self, body: Body) -> tuple[int, list[Row]]:
        """List one page of those registered in a committee."""
        return self._page(body, self._entries(_text(body, "region")))

    def _stored(self, number: object) -> list[BenefitsEntry]:
        person = self._city.by_document(number) if isinstance(number, str) else None
        entry = self._city.benefits_view(person) if person else None
        return [entry] if entry and entry.person.number == number else []

    def _entries(self, committee: str) -> Iterable[BenefitsEntry]:
        people = self._city.committee_people(committee)
        entries = (self._city.benefits_view(person) for person in people if person.registered == committee)
        return (entry for entry in entries if entry is not None)

    def _page(self, body: Body, entries: Iterable[BenefitsEntry]) -> tuple[int, list[Row]]:
        number, size = body.get("page"), body.get("size")
        if type(number) is not int or type(size) is not int or number < 1 or not 1 <= size <= LARGEST_PAGE:
            raise _BadParameterError
        found = sorted(entries, key=lambda entry: entry.person.pid)
        return len(found), [_row(entry) for entry in found[(number - 1) * size : number * size]]


def _row(entry: BenefitsEntry) -> Row:
    person, facts = entry.person, entry.facts
    return {
        "file_no": f"B{person.pid:08d}",
        "name": person.name,
        "cert_no": person.number,
        "region": person.registered,
        "disability_category": facts.category.code if facts.category else "",
        "disability_grade": str(facts.grade) if facts.grade else "",
        "subsidies": [{"type": _SUBSIDIES[one], "monthly": f"{one.monthly}.00"} for one in facts.subsidies],
        "veteran_type": _VETERANS[facts.veteran] if facts.veteran else "",
        "veteran_monthly": f"{facts.veteran.monthly}.00" if facts.veteran else "",
    }


def _body(request: httpx.Request) -> Body:
    try:
        body = orjson.loads(request.content)
    except orjson.JSONDecodeError:
        raise _BadParameterError from None
    if not isinstance(body, dict):
        raise _BadParameterError
    return body


def _text(body: Body, name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not text.strip():
        raise _BadParameterError
    return text.strip()


def _answer(code: str, message: str, data: object = None, *, status: int = 200) -> httpx.Response:
    content = {"success": code == "OK", "code": code, "message": message, "data": data}
    return httpx.Response(status, json=content)


def _maintenance(request: httpx.Request) -> httpx.Response:
    if request.method == "GET":
        return httpx.Response(503, html="<p>数据交换平台升级维护中</p>")
    return _answer("MAINTENANCE", "数据交换平台升级维护中")
