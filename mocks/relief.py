"""The mock of the relief system (社会救助): SOAP as Axis 1 speaks it, in GB18030 under the name of GB2312."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from xml.sax.saxutils import escape

import httpx
from lxml import etree

from connectors.sdk.errors import BadUpstreamData
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.mock.upstream import LOGIN
from connectors.sdk.xml import parse_xml
from mocks.city import City
from mocks.city.relief import CaseStatus, Programme, ReliefCase
from mocks.city.views import ReliefEntry

PATH: Final = "/services/ReliefService"
KEY_LIFE_S: Final = 1800
PAGE_SIZE: Final = 50
NATURAL_LATENCY_MS: Final = (300, 800)

_DECLARATION: Final = '<?xml version="1.0" encoding="GB2312"?>'
_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_METHOD: Final = re.compile(rb"<(?:[A-Za-z0-9_]+:)?(getKey|queryPerson|queryList|querySearch)[\s>]")
_CODES: Final = {
    Programme.MINIMUM_LIVING: "01",
    Programme.MARGINAL: "02",
    Programme.RIGID_EXPENSES: "03",
    Programme.DESTITUTE: "04",
    Programme.DISASTER: "05",
    Programme.TEMPORARY: "06",
}
_FORMER_CODES: Final = {Programme.MARGINAL: "12", Programme.RIGID_EXPENSES: "13"}
_ONE_OFF: Final = {Programme.DISASTER, Programme.TEMPORARY}
_STATUS: Final = {
    CaseStatus.ACTIVE: "1",
    CaseStatus.SUSPENDED: "2",
    CaseStatus.REVIEW: "3",
    CaseStatus.ENDED: "4",
}
_PAGE: Final = re.compile(r"[1-9][0-9]{0,4}")
_NOBODY: Final = "查无此人"

Parameters = Mapping[str, str]


def build(
    city: City,
    accounts: Mapping[str, str],
    *,
    seed: int = 1,
    clock: Callable[[], float] = time.time,
    latency_ms: tuple[int, int] = NATURAL_LATENCY_MS,
) -> MockUpstream:
    """Return the mock with its cases and its users (name -> password); ``clock`` ages the keys."""
    mock = MockUpstream("relief", seed=seed, latency_ms=latency_ms)
    keys = _Keys(mock, accounts, clock)
    files = _Files(city, lambda: mock.faults)
    methods = {"queryPerson": files.person, "queryList": files.committee, "querySearch": files.search}

    def handle(request: httpx.Request) -> httpx.Response:
        method = _operation(request)
        parameters = _parameters(request)
        if parameters is None:
            return _fault("Client", "The request is not well-formed")
        if method == LOGIN:
            return _answer("getKey", keys.issue(parameters))
        if method not in methods:
            return _fault("Client", "No such operation")
        return _answer(method, keys.refusal(parameters) or methods[method](parameters))

    mock.route("POST", PATH, operation=_operation)(handle)
    mock.on_expire = keys.clear
    mock.maintenance_page = lambda request: _answer(_operation(request), _error("系统维护中，请稍后再试！"))
    mock.over_quota = lambda request: _answer(_operation(request), _error("今日调用次数已超过限额！"))
    mock.refusal = lambda request: _answer(_operation(request), _error(f"系统内部错误：{_asked(request)}"))
    return mock


class _Keys:
    """Issue keys and ask for them."""

    def __init__(self, mock: MockUpstream, accounts: Mapping[str, str], clock: Callable[[], float]) -> None:
        self._mock = mock
        self._accounts = accounts
        self._clock = clock
        self._ends: dict[str, float] = {}
        self.clear = self._ends.clear

    def issue(self, parameters: Parameters) -> str:
        """Return a new key, or the error of a wrong password."""
        expected = self._accounts.get(parameters.get("user", ""))
        given = parameters.get("password", "")
        if expected is None or not hmac.compare_digest(given.encode(), expected.encode()):
            self._mock.stats.failed_logins += 1
            return _error("用户不存在或密码错误！")
        self._mock.stats.logins += 1
        key = secrets.token_hex(16)
        self._ends[key] = self._now() + KEY_LIFE_S
        return f"<RESULT><KEY>{key}</KEY></RESULT>" if self._mock.faults.login_form_changed else key

    def refusal(self, parameters: Parameters) -> str | None:
        """Return the error about the key, None for a key that is good."""
        end = self._ends.get(parameters.get("key", ""))
        if end is None:
            return _error("key无效，需重新申请！")
        return _error("key已过期，需重新申请！") if end <= self._now() else None

    def _now(self) -> float:
        return self._clock() + self._mock.faults.clock_skew_s


class _Files:
    """Look into the cases. Every answer is a string or None for nil."""

    def __init__(self, city: City, faults: Callable[[], Faults]) -> None:
        self._city = city
        self._faults = faults

    def person(self, parameters: Parameters) -> str | None:
        """Find by the number as it is written; nil for those who are known without a case."""
        number = parameters.get("sfzh", "")
        if len(number) not in {15, 18}:
            return _error("身份证号格式错误！")
        person = self._city.by_document(number)
        if person is None or person.number != number:
            return _NOBODY
        entry = self._city.relief_view(person)
        if entry is None:
            return None
        row = self._row(entry)
        rows = [row, row.replace("<DXBH>", "<DXBH>2", 1)] if self._faults().duplicate else [row]
        return _result(len(rows), rows)

    def committee(self, parameters: Parameters) -> str | None:
        """List one page of those registered in a committee, by case."""
        page = parameters.get("page", "")
        if not _PAGE.fullmatch(page):
            return _error("参数page错误！")
        entries = self._members(self._city.relief_cases(parameters.get("jwhdm", "")))
        start = (int(page) - 1) * PAGE_SIZE
        rows = [self._row(entry) for entry in entries[start : start + PAGE_SIZE]]
        return _result(len(entries), rows) if entries else None

    def search(self, parameters: Parameters) -> str | None:
        """Find by a part of the name, as it is stored, under a code prefix; the first page only."""
        name, prefix = parameters.get("xm", ""), parameters.get("qhdm", "")
        if not name or not (prefix.isascii() and prefix.isdigit()):
            return _error("参数错误！")
        committees = self._city.places.committees_in(prefix)
        cases = (case for committee in committees for case in self._city.relief_cases(committee.code))
        found = [entry for entry in self._members(cases) if name in entry.person.name]
        return _result(len(found), [self._row(entry) for entry in found[:PAGE_SIZE]]) if found else _NOBODY

    def _members(self, cases: Iterable[ReliefCase]) -> list[ReliefEntry]:
        views = (self._city.relief_view(self._city.person(pid)) for case in cases for pid in case.members)
        return [view for view in views if view is not None]

    def _row(self, entry: ReliefEntry) -> str:
        person, case = entry.person, entry.case
        codes = _FORMER_CODES if entry.former else _CODES
        fields = {
            "DXBH": f"{case.number}{case.members.index(person.pid) + 1:02d}",
            "JTBH": case.number,
            "XM": person.name,
            "SFZH": person.number,
            "JZLBDM": codes[case.programme],
            "JZLBMC": entry.programme_title,
            "JZZT": _STATUS[case.status],
            "JZJE": f"{case.monthly_amount}.00",
            "FFFS": "2" if case.programme in _ONE_OFF else "1",
            "HJJWHDM": case.committee,
            "HJDZ": self._city.address(person.registered, person.registered_door),
        }
        return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())


def _operation(request: httpx.Request) -> str:
    """Return the method asked for; the address is the same for all."""
    found = _METHOD.search(request.content)
    if found is None:
        return "unknown"
    method = found[1].decode("ascii")
    return LOGIN if method == "getKey" else method


def _asked(request: httpx.Request) -> str:
    return (_parameters(request) or {}).get("sfzh", "")


def _parameters(request: httpx.Request) -> Parameters | None:
    """Return the parameters by name; None for what is no SOAP request."""
    try:
        body = parse_xml(request.content.decode("utf-8")).find(f"{{{_ENVELOPE}}}Body")
    except (BadUpstreamData, UnicodeDecodeError):
        return None
    if body is None or len(body) != 1:
        return None
    return {etree.QName(child).localname: child.text or "" for child in body[0]}


def _result(total: int, rows: Iterable[str]) -> str:
    inner = "".join(f"<ROW>{row}</ROW>" for row in rows)
    return f"{_DECLARATION}<RESULT><COUNT>{total}</COUNT>{inner}</RESULT>"


def _error(message: str) -> str:
    return f'{{ errorMsg:"{message}" }}'


def _answer(method: str, value: str | None) -> httpx.Response:
    nil = ' xsi:nil="true"' if value is None else ""
    method = "getKey" if method == LOGIN else method
    return _soap(
        200,
        f'<ns1:{method}Response xmlns:ns1="http://service.relief"'
        ' soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
        f'<{method}Return xsi:type="xsd:string"{nil}>{escape(value or "")}</{method}Return>'
        f"</ns1:{method}Response>",
    )


def _fault(code: str, words: str) -> httpx.Response:
    inner = f"<faultcode>soapenv:{code}</faultcode><faultstring>{words}</faultstring>"
    return _soap(500, f"<soapenv:Fault>{inner}</soapenv:Fault>")


def _soap(status: int, inner: str) -> httpx.Response:
    body = (
        f'{_DECLARATION}<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    )
    headers = {"Content-Type": "text/xml;charset=GB2312"}
    return httpx.Response(status, headers=headers, content=body.encode("gb18030"))
