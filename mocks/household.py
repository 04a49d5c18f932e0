"""The household register (人口信息): ``.do`` addresses and JSON in GB18030 behind a login form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import Final

import httpx
import orjson

from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.mock.upstream import LOGIN
from mocks.city import City
from mocks.city.codes import DocumentKind, Gender
from mocks.city.views import HouseholdEntry
from mocks.entrance import Entrance, Form, gb_answer, gb_page, read_form

_MAX_ROWS: Final = 100
_LONGEST_NUMBER: Final = 40

_DOCUMENTS: Final = {DocumentKind.CITIZEN: "111", DocumentKind.PASSPORT: "414", DocumentKind.NONE: ""}
_GENDERS: Final = {Gender.MALE: ("1", "男"), Gender.FEMALE: ("2", "女")}

Answer = dict[str, object]

_WRONG_QUESTION: Final[Answer] = {"success": False, "code": "4001", "msg": "查询条件不正确"}
_OVER_QUOTA: Final[Answer] = {"success": False, "code": "4290", "msg": "查询过于频繁，请稍后再试"}


def build(city: City, accounts: Mapping[str, str], *, seed: int) -> MockUpstream:
    """Make the mock; ``accounts`` maps username to password."""
    mock = MockUpstream("household", seed=seed)
    entrance = Entrance(accounts, lambda: mock.faults)
    register = Register(city, lambda: mock.faults)
    mock.on_expire = entrance.end_sessions
    mock.maintenance_page = lambda _request: gb_page(
        "系统维护", "<h1>系统维护中，请于明日六时以后访问。</h1>"
    )
    mock.over_quota = lambda _request: _json(_OVER_QUOTA)
    mock.login_page = entrance.login_page

    mock.route("GET", "/login.jsp", operation=LOGIN)(lambda _request: entrance.login_page())
    mock.route("GET", "/main.do", operation=LOGIN)(entrance.main_page)
    mock.route("GET", "/logout.do", operation=LOGIN)(entrance.leave)

    @mock.route("POST", "/login.do", operation=LOGIN)
    def log_in(request: httpx.Request) -> httpx.Response:
        response, passed = entrance.enter(request)
        if passed is not None:
            mock.stats.logins += passed
            mock.stats.failed_logins += not passed
        return response

    def behind_the_door(question: Callable[[Form], Answer], request: httpx.Request) -> httpx.Response:
        if entrance.user(request) is None:
            return entrance.login_page()
        return _json(question(read_form(request)))

    for operation, question in register.questions.items():
        mock.route("POST", f"/ry/{operation}.do", operation=operation)(partial(behind_the_door, question))
    return mock


class Register:
    """Answer the questions about people, with the system's own field names."""

    def __init__(self, city: City, faults: Callable[[], Faults]) -> None:
        """Take the city, which is never changed, and the mock's switches."""
        self._city = city
        self._faults = faults
        self.questions: Mapping[str, Callable[[Form], Answer]] = {
            "query": self.find,
            "hh": self.household,
            "list": self.committee,
            "search": self.search,
        }
        # A list is asked for page by page.
        self._entries_of = lru_cache(maxsize=16)(self._all_entries)

    def find(self, form: Form) -> Answer:
        """Find by document number (ZJHM) or by the system's own (RYBH)."""
        document, local = form.get("ZJHM", ""), form.get("RYBH", "")
        if not (document or local) or len(document or local) > _LONGEST_NUMBER:
            return _WRONG_QUESTION
        person = self._city.by_document(document) if document else self._city.by_local_number(local)
        entries = self._city.household_entries(person) if person else []
        rows = [self._row(entry) for entry in entries if document or entry.local_number == local]
        if self._faults().duplicate:
            rows += [row | {"RYBH": f"{row['RYBH']}2"} for row in rows]
        return {"success": True, "total": len(rows), "rows": rows}

    def household(self, form: Form) -> Answer:
        """List a household by its number (HH)."""
        number = form.get("HH", "")
        if not number or len(number) > _LONGEST_NUMBER:
            return _WRONG_QUESTION
        household = self._city.household(number)
        members = household.members if household else ()
        return self._rows([entry for person in members for entry in self._city.household_entries(person)])

    def committee(self, form: Form) -> Answer:
        """Give one page of who is registered or lives in a committee (JWHDM); never more than 100 rows."""
        code, page, rows = form.get("JWHDM", ""), form.get("page", "1"), form.get("rows", "20")
        if not (len(code) == 12 and all(map(_is_count, (page, rows)))):
            return _WRONG_QUESTION
        size = min(int(rows), _MAX_ROWS)
        entries, start = self._entries_of(code), (int(page) - 1) * size
        return self._rows(entries[start : start + size]) | {"total": len(entries), "page": int(page)}

    def search(self, form: Form) -> Answer:
        """Search by a part of the name (XM) below a region code (QHDM); never more than 100 rows."""
        name, region, rows = form.get("XM", "").strip(), form.get("QHDM", ""), form.get("rows", "20")
        if not (name and region.isdecimal() and _is_count(rows)):
            return _WRONG_QUESTION
        people = self._city.search(name, region)
        entries = (entry for person in people for entry in self._city.household_entries(person))
        return self._rows(list(islice(entries, min(int(rows), _MAX_ROWS))))

    def _all_entries(self, committee: str) -> list[HouseholdEntry]:
        people = self._city.committee_people(committee)
        return [entry for person in people for entry in self._city.household_entries(person)]

    def _rows(self, entries: Sequence[HouseholdEntry]) -> Answer:
        return {"success": True, "total": len(entries), "rows": [self._row(entry) for entry in entries]}

    def _row(self, entry: HouseholdEntry) -> dict[str, str]:
        person, gender = entry.person, _GENDERS[entry.person.gender]
        row = {
            "RYBH": entry.local_number,
            "XM": person.name,
            "XBDM": gender[0],
            "XBHZ": gender[1],
            "CSRQ": f"{person.birth_date:%Y%m%d}",
            "ZJLXDM": _DOCUMENTS[person.document],
            "ZJHM": person.number,
            "MZDM": person.ethnicity.code,
            "MZHZ": person.ethnicity.text,
            "HYZKDM": person.marital.code,
            "HYZKHZ": person.marital.text,
            "WHCDDM": person.education.code,
            "WHCDHZ": person.education.text,
            "HH": person.household,
            "HZGX": person.kin.code,
            "LXDH": person.phone,
            "RHZT": person.residence_status.code,
            "RYLX": person.resident_type.code,
            "SWRQ": f"{person.died:%Y%m%d}" if person.died else "",
        }
        row |= self._place("HJD", person.registered) | self._place("JZD", person.residence)
        row["HJDZ"] = self._city.address(person.registered, person.registered_door)
        row["JZDZ"] = self._city.address(person.residence, person.residence_door)
        building, _, room = person.residence_door.partition("-")
        # Of every tenth person the door was never typed in a second time: only the address has it.
        if room and person.pid % 10:
            row |= {"LDH": building, "SH": room}
        return row

    def _place(self, prefix: str, region: str) -> dict[str, str]:
        committee = self._city.places.committees.get(region)
        return {
            f"{prefix}XZQHDM": region[:6],
            f"{prefix}JDDM": region[:9],
            f"{prefix}JWHDM": region,
            f"{prefix}JWHHZ": committee.name if committee else "",
        }


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= len(text) <= 6 and int(text) > 0


def _json(answer: Answer) -> httpx.Response:
    return gb_answer(orjson.dumps(answer).decode(), "application/json")
