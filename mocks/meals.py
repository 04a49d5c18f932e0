"""The mock of community meals and milk (助餐, 送奶): forms in, JSON out, behind a CAS server.

Without a session of its own, which lasts half an hour, the system redirects to the CAS login.
Success is the text ``"true"``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl

import httpx

from connectors.sdk.mock import CasDoor, Faults, MockUpstream
from mocks.city import City
from mocks.city.codes import DocumentKind, MealService
from mocks.city.person import Person
from mocks.city.views import MealsEntry

ENTRY: Final = "/meals/index"
PAGE_SIZE: Final = 50
SESSION_S: Final = 1800

_WAYS: Final = {MealService.CANTEEN: "T", MealService.DELIVERY: "S"}
_CARDS: Final = {DocumentKind.CITIZEN: "1", DocumentKind.PASSPORT: "2"}
_STARTED, _STOPPED = "0", "9"
_PAGE: Final = re.compile(r"[1-9][0-9]{0,4}")

Form = Mapping[str, str]


class _BadParameterError(ValueError):
    """The form is not what the system's own pages send."""


def build(
    city: City, accounts: Mapping[str, str], *, seed: int = 1, clock: Callable[[], float] = time.time
) -> MockUpstream:
    """Return the mock with its orders and the CAS server's accounts (name -> password)."""
    mock = MockUpstream("meals", seed=seed)
    door = CasDoor(mock, accounts, server="/cas", entry=ENTRY, session_s=SESSION_S, clock=clock)
    orders = _Orders(city, lambda: mock.faults)
    mock.maintenance_page = lambda _request: httpx.Response(503, html="<h3>系统维护，请稍后再来</h3>")
    mock.over_quota = lambda _request: _refusal("BUSY", "操作过于频繁")
    mock.refusal = lambda request: _refusal("ERROR", f"操作失败：{request.content.decode()}")
    for operation, answer in (("find", orders.find), ("search", orders.search), ("list", orders.committee)):
        door.route("POST", f"/meals/orders/{operation}.json", operation=operation)(_handler(answer))
    return mock


def _handler(
    answer: Callable[[Form], tuple[int, list[dict[str, object]]]],
) -> Callable[[httpx.Request], httpx.Response]:
    def handle(request: httpx.Request) -> httpx.Response:
        try:
            total, rows = answer(dict(parse_qsl(request.content.decode("ascii", "replace"))))
        except _BadParameterError:
            return _refusal("PARAM", "参数不正确")
        return httpx.Response(200, json={"SUCCESS": "true", "TOTAL": str(total), "DATA": rows})

    return handle


class _Orders:
    """Look into what was ordered for whom."""

    def __init__(self, city: City, faults: Callable[[], Faults]) -> None:
        self._city = city
        self._faults = faults

    def find(self, form: Form) -> tuple[int, list[dict[str, object]]]:
        """Find by the kind and number of a card, or by the order's own number."""
        match form:
            case {"cardType": kind, "cardNo": number}:
                person = self._city.by_document(number)
                known = person is not None and person.number == number and _CARDS[person.document] == kind
                rows = self._rows([person] if person is not None and known else [])
            case {"orderNo": number}:
                rows = self._rows(self._ordered(number))
            case _:
                raise _BadParameterError
        if self._faults().duplicate:
            rows += [row | {"orderNo": f"{row['orderNo']}B"} for row in rows]
        return len(rows), rows

    def search(self, form: Form) -> tuple[int, list[dict[str, object]]]:
        """Find by a part of the name under a prefix of the committee's code; the first page only."""
        name, region = form.get("name", ""), form.get("region", "")
        if not name or not (region.isascii() and region.isdigit()):
            raise _BadParameterError
        committees = self._city.places.committees_in(region)
        people = (person for place in committees for person in self._city.residents(place.code))
        found = self._rows(person for person in people if name in person.name)
        return len(found), found[:PAGE_SIZE]

    def committee(self, form: Form) -> tuple[int, list[dict[str, object]]]:
        """List one page of the people of a committee."""
        page = form.get("page", "")
        if not _PAGE.fullmatch(page):
            raise _BadParameterError
        found = self._rows(self._city.residents(form.get("committee", "")))
        start = (int(page) - 1) * PAGE_SIZE
        return len(found), found[start : start + PAGE_SIZE]

    def _ordered(self, number: str) -> list[Person]:
        pid = int(number[1:]) if re.fullmatch(r"D[0-9]{8}", number) else 0
        return [self._city.person(pid)] if 1 <= pid <= len(self._city.people) else []

    def _rows(self, people: Iterable[Person]) -> list[dict[str, object]]:
        entries = (self._city.meals_view(person) for person in people)
        return [_row(entry) for entry in entries if entry is not None]


def _row(entry: MealsEntry) -> dict[str, object]:
    person, plan = entry.person, entry.plan
    return {
        "orderNo": f"D{person.pid:08d}",
        "name": person.name,
        "cardType": _CARDS[person.document],
        "cardNo": person.number,
        "committee": person.residence,
        "mealState": _STARTED if plan.meal else _STOPPED,
        "mealWay": _WAYS[plan.meal] if plan.meal else "",
        "mealDays": plan.meal_days,
        "milkState": _STARTED if plan.milk else _STOPPED,
        "milkDays": plan.milk_days,
    }


def _refusal(code: str, message: str) -> httpx.Response:
    return httpx.Response(200, json={"SUCCESS": "false", "CODE": code, "MSG": message})
