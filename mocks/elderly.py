"""The mock of the elderly-care system (养老服务): REST with OAuth 2.0, and code numbers of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import httpx
import orjson

from connectors.sdk.mock import Faults, MockUpstream, TokenDoor
from connectors.sdk.mock.upstream import Handler
from mocks.city import City
from mocks.city.codes import DocumentKind, Gender, ResidenceStatus
from mocks.city.person import Person

TOKEN_LIFE_S: Final = 1800
LARGEST_PAGE: Final = 200

_SEX: Final = {Gender.MALE: "M", Gender.FEMALE: "F"}
# Not the order of the household system.
_STATUS: Final = {
    ResidenceStatus.REGISTERED_HERE_ONLY: "01",
    ResidenceStatus.SAME: "02",
    ResidenceStatus.LIVES_HERE_ONLY: "03",
}
_TAGS: Final = {
    tag: f"{number:02d}"
    for number, tag in enumerate(("独居", "纯老家庭", "孤老", "失独", "老伙伴", "一键通", "助餐"), start=1)
}
_MOST_FORMS: Final = 5
_ELDER_ID: Final = re.compile(r"E([0-9]{8})")

Body = Mapping[str, Any]


class _BadParameterError(ValueError):
    """The request's body is not what the system's manual says."""


def build(
    city: City, accounts: Mapping[str, str], *, seed: int = 1, clock: Callable[[], float] = time.time
) -> MockUpstream:
    """Return the mock with its people and its clients (name -> secret); ``clock`` ages the tokens."""
    mock = MockUpstream("elderly", seed=seed)
    door = TokenDoor(mock, accounts, life_s=TOKEN_LIFE_S, clock=clock)
    files = _Files(city, lambda: mock.faults)
    mock.maintenance_page = _maintenance
    mock.over_quota = lambda _request: _refusal(42900, "调用次数超过限额")
    for operation, answer in (("query", files.query), ("search", files.search), ("list", files.committee)):
        door.route("POST", f"/api/v1/elders/{operation}", operation=operation)(_read(answer))
    return mock


def _read(answer: Callable[[Body], object]) -> Handler:
    """Return a handler that wants a sound body before it answers."""

    def handler(request: httpx.Request) -> httpx.Response:
        try:
            return _answer(answer(_body(request)))
        except _BadParameterError:
            return _refusal(40000, "参数错误")

    return handler


class _Files:
    """Look into the files of people of 60 and older."""

    def __init__(self, city: City, faults: Callable[[], Faults]) -> None:
        self._city = city
        self._faults = faults

    def query(self, body: Body) -> object:
        """Find by exactly one of idCards, passportNo and elderId; a stored number matches as written."""
        match body:
            case {"idCards": [*cards]} if len(body) == 1 and 0 < len(cards) <= _MOST_FORMS:
                found = [person for card in cards for person in self._stored(card, DocumentKind.CITIZEN)]
            case {"passportNo": str(number)} if len(body) == 1:
                found = self._stored(number, DocumentKind.PASSPORT)
            case {"elderId": str(elder_id)} if len(body) == 1:
                found = self._filed(elder_id)
            case _:
                raise _BadParameterError
        rows = [self._row(person) for person in found]
        if self._faults().duplicate:
            rows += [row | {"elderId": f"{row['elderId']}2"} for row in rows]
        return {"rows": rows}

    def search(self, body: Body) -> object:
        """Find by a part of the name under a prefix of the committee's code."""
        name, prefix = _word(body, "name"), _digits(body, "regionPrefix")
        committees = self._city.places.committees_in(prefix)
        people = (person for place in committees for person in self._city.elders(place.code))
        return self._page(body, (person for person in people if name in person.name))

    def committee(self, body: Body) -> object:
        """List a committee's people, by their number; with ageFrom, those who are that old."""
        age_from = body.get("ageFrom", 0)
        if type(age_from) is not int or age_from < 0:
            raise _BadParameterError
        people = self._city.elders(_digits(body, "committeeCode"))
        return self._page(body, (person for person in people if self._city.age(person) >= age_from))

    def _stored(self, number: object, kind: DocumentKind) -> list[Person]:
        person = self._city.by_document(number) if isinstance(number, str) else None
        view = self._city.elderly_view(person) if person else None
        return [view] if view and view.number == number and view.document is kind else []

    def _filed(self, elder_id: str) -> list[Person]:
        found = _ELDER_ID.fullmatch(elder_id)
        if found is None or not 1 <= int(found[1]) <= len(self._city.people):
            return []
        view = self._city.elderly_view(self._city.person(int(found[1])))
        return [view] if view else []

    def _page(self, body: Body, people: Iterable[Person]) -> object:
        number, size = body.get("pageNo"), body.get("pageSize")
        if type(number) is not int or type(size) is not int:
            raise _BadParameterError
        if number < 1 or not 1 <= size <= LARGEST_PAGE:
            raise _BadParameterError
        found = sorted(people, key=lambda person: person.pid)
        rows = [self._row(person) for person in found[(number - 1) * size : number * size]]
        return {"total": len(found), "pageNo": number, "pageSize": size, "rows": rows}

    def _row(self, view: Person) -> dict[str, object]:
        # Services follow the person; only what the system wrote down itself can be out of date.
        person = self._city.person(view.pid)
        facts = self._city.elderly_facts(person)
        contact = self._city.emergency_contact(person)
        citizen = view.document is DocumentKind.CITIZEN
        return {
            "elderId": _elder_id(view),
            "elderName": view.name,
            "sex": _SEX[view.gender],
            "birthDate": view.birth_date.isoformat(),
            "idCard": view.number if citizen else None,
            "passportNo": None if citizen else view.number,
            "mobile": view.phone,
            "liveAddress": self._city.address(view.residence, view.residence_door),
            "committeeCode": view.residence,
            "residenceStatus": _STATUS[view.residence_status],
            "liveAlone": facts and facts.lives_alone,
            "careLevel": facts and facts.care_level,
            "allowance": facts and facts.allowance,
            "mealService": facts and facts.meal_service is not None,
            "milkService": facts and facts.milk_service,
            "contactName": contact.name,
            "contactRelation": contact.relation,
            "contactMobile": contact.phone,
            "tagCodes": ",".join(_TAGS[tag] for tag in facts.tags) if facts else "",
            "status": "1",
        }


def _elder_id(person: Person) -> str:
    return f"E{person.pid:08d}"


def _body(request: httpx.Request) -> Body:
    try:
        body = orjson.loads(request.content)
    except orjson.JSONDecodeError:
        raise _BadParameterError from None
    if not isinstance(body, dict):
        raise _BadParameterError
    return body


def _word(body: Body, name: str) -> str:
    word = body.get(name)
    if not isinstance(word, str) or not word.strip():
        raise _BadParameterError
    return word.strip()


def _digits(body: Body, name: str) -> str:
    digits = _word(body, name)
    if not (digits.isascii() and digits.isdigit()):
        raise _BadParameterError
    return digits


def _answer(data: object) -> httpx.Response:
    return httpx.Response(200, json={"code": 0, "message": "success", "data": data})


def _refusal(code: int, message: str) -> httpx.Response:
    return httpx.Response(200, json={"code": code, "message": message, "data": None})


def _maintenance(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/oauth/token":
        return httpx.Response(503, html="<html><body>系统升级维护中</body></html>")
    return _refusal(50300, "系统升级维护中")
