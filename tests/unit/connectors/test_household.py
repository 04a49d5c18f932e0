import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import httpx
import orjson
import pytest

from connectors.household import HouseholdConnector, HouseholdPerson, HouseholdSettings
from connectors.household.wire import Row
from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    CitizenId,
    Credential,
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCohort,
    ListCommittee,
    NotFound,
    Query,
    Search,
    SessionExpired,
    Throttled,
    Unavailable,
    UpstreamError,
)
from connectors.sdk.auth.form_login import CookieSession
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.run import converse, fetch
from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, City, Disagreement
from mocks.city.codes import DocumentKind
from mocks.city.person import Person
from mocks.household import build
from tests.unit.connectors.said import said

BASE = "http://household.example:8080"
ACCOUNTS = {"gateway": "g-secret", "cadre": "c-secret"}
UNKNOWN = CitizenId.make("319999", date(1900, 1, 1), 1).number


@cache
def city() -> City:
    return City(seed=1, population=12_000)


@dataclass
class Line:
    """The connector, signed in or not, and the mock that it speaks to."""

    mock: MockUpstream
    connector: HouseholdConnector
    session: CookieSession

    async def sign_in(self, username: str = "gateway", secret: str = "g-secret") -> CookieSession:
        steps = self.connector.auth.sign_in(Credential(username, secret))
        return await converse(steps, self.mock.handle, self.connector.base_url)

    async def ask(self, query: Query, session: CookieSession | None = None) -> list[HouseholdPerson]:
        records = await fetch(self.connector, query, session or self.session, self.mock.handle)
        assert all(isinstance(record, HouseholdPerson) for record in records)
        return [record for record in records if isinstance(record, HouseholdPerson)]

    async def find(self, number: str, kind: IdentityKind = IdentityKind.CITIZEN) -> list[HouseholdPerson]:
        return await self.ask(FindPerson(Identity(kind, number)))


@pytest.fixture
async def line() -> Line:
    mock = build(city(), ACCOUNTS, seed=1)
    line = Line(mock, HouseholdConnector(BASE, HouseholdSettings()), CookieSession({}))
    line.session = await line.sign_in()
    return line


def people(committee: str = DEMO_COMMITTEE) -> list[Person]:
    return city().committee_people(committee)


def one(fits: Callable[[Person], object]) -> Person:
    return next(person for person in city().people if fits(person))


def answering(
    body: bytes, content_type: str = "application/json;charset=GBK"
) -> Callable[..., Awaitable[Any]]:
    def handler(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body, headers={"Content-Type": content_type})

    return httpx.MockTransport(handler).handle_async_request


async def told(rows: object, query: Query, **more: object) -> list[Any]:
    """Ask a system that answers with these rows, whatever it is asked."""
    body = orjson.dumps({"success": True, "total": 1, "rows": rows, **more}).decode().encode("gb18030")
    connector = HouseholdConnector(BASE, HouseholdSettings())
    return await fetch(connector, query, CookieSession({}), answering(body))


# --- finding


async def test_a_person_with_every_field_in_official_words(line: Line) -> None:
    person = one(
        lambda p: (
            p.residence == DEMO_COMMITTEE
            and p.registered == DEMO_COMMITTEE
            and p.document is DocumentKind.CITIZEN
            and not city().disagreements(p.pid)
            and city().age(p) > 90
            and p.died is None
        )
    )
    (found,) = await line.find(person.number)
    assert found == HouseholdPerson(
        identity=Identity(IdentityKind.CITIZEN, person.number),
        local_id=city().household_entries(person)[0].local_number,
        household=person.household,
        registered_region=DEMO_COMMITTEE,
        residence_region=DEMO_COMMITTEE,
        name=person.name,
        gender={"male": "男", "female": "女"}[person.gender],
        birth_date=person.birth_date,
        ethnicity=person.ethnicity.text,
        id_number=person.number,
        phone=person.phone,
        door=person.residence_door,
        address=city().address(person.residence, person.residence_door),
        registered_address=city().address(person.registered, person.registered_door),
        residence_status=person.residence_status.text,
        resident_type=person.resident_type.text,
        household_role=person.kin.text,
        tags=None,
    )


async def test_unknown_people_are_no_error(line: Line) -> None:
    assert await line.find(UNKNOWN) == []
    assert await line.find("E00000000", IdentityKind.PASSPORT) == []
    assert await line.find("household:9999999999", IdentityKind.LOCAL) == []
    assert await line.find("household:nonsense", IdentityKind.LOCAL) == []
    assert await line.ask(FindHousehold("600999999")) == []
    assert await line.ask(ListCommittee("310101999999")) == []
    assert await line.ask(Search("查无此人", ("31",), 20)) == []


async def test_each_lookup_is_one_call(line: Line) -> None:
    known = next(p for p in people() if p.document is DocumentKind.CITIZEN)
    for calls, number in enumerate((known.number, UNKNOWN, known.number), start=1):
        await line.find(number)
        assert line.mock.stats.calls == calls
    assert line.mock.stats.by_operation["query"] == 3
    assert (line.mock.stats.logins, line.mock.stats.failed_logins) == (1, 0)


async def test_by_passport(line: Line) -> None:
    person = one(lambda p: p.document is DocumentKind.PASSPORT)
    (found,) = await line.find(person.number, IdentityKind.PASSPORT)
    assert found.identity == Identity(IdentityKind.PASSPORT, person.number)
    assert (found.name, found.id_number, found.resident_type) == (person.name, person.number, "境外")


async def test_by_the_systems_own_number_without_a_document(line: Line) -> None:
    person = one(lambda p: p.document is DocumentKind.NONE)
    number = f"household:{city().household_entries(person)[0].local_number}"
    (found,) = await line.find(number, IdentityKind.LOCAL)
    assert found.identity == Identity(IdentityKind.LOCAL, number)
    assert (found.name, found.id_number) == (person.name, None)


async def test_numbers_of_other_systems_are_not_asked_for(line: Line) -> None:
    assert await line.find("elderly:3101000001", IdentityKind.LOCAL) == []
    assert await line.find("3101000001", IdentityKind.LOCAL) == []
    assert line.mock.stats.calls == 0


async def test_somebody_registered_twice_is_two_records_of_one_identity(line: Line) -> None:
    person = city().with_disagreement(Disagreement.DUPLICATE, DEMO_COMMITTEE)[0]
    kind = IdentityKind(person.document.value)
    found = await line.find(person.number, kind)
    assert {each.identity for each in found} == {Identity(kind, person.number)}
    numbers = [each.local_id for each in found]
    assert len(set(numbers)) == 2
    (second,) = await line.find(f"household:{numbers[1]}", IdentityKind.LOCAL)
    assert (second.local_id, second.identity) == (numbers[1], Identity(kind, person.number))


async def test_the_dead_bear_a_tag(line: Line) -> None:
    person = city().with_disagreement(Disagreement.DEAD_STILL_LISTED, DEMO_COMMITTEE)[0]
    assert [found.tags for found in await line.find(person.number)] == [("已故",)]


async def test_rare_characters_and_long_names_survive(line: Line) -> None:
    citizens = [p for p in people() if p.document is DocumentKind.CITIZEN]
    rare = [p for p in citizens if any(ord(char) > 0xFFFF for char in p.name)]
    long = [p for p in citizens if "·" in p.name]
    for person in (*rare[:5], *long[:5]):
        (found, *_) = await line.find(person.number)
        assert found.name == person.name
    assert rare
    assert long


async def test_a_household_with_all_its_members(line: Line) -> None:
    person = next(p for p in people() if p.kin.text == "妻")
    household = city().household(person.household)
    assert household is not None
    found = await line.ask(FindHousehold(person.household))
    assert {each.name for each in found} == {member.name for member in household.members}
    assert {each.household for each in found} == {person.household}
    assert line.mock.stats.calls == 1


# --- lists and search


@pytest.mark.parametrize("committee", [DEMO_COMMITTEE, DEMO_COMMITTEE_2])
async def test_a_committee_is_listed_whole(line: Line, committee: str) -> None:
    listed = await line.ask(ListCommittee(committee))
    entries = [entry for person in people(committee) for entry in city().household_entries(person)]
    assert {record.local_id for record in listed} == {entry.local_number for entry in entries}
    assert len(listed) == len(entries) >= 3_000
    assert line.mock.stats.by_operation["list"] == -(-len(entries) // 100)
    names = {entry.local_number: entry.person.name for entry in entries}
    assert all(record.name == names[record.local_id] for record in listed)


async def test_a_list_says_what_the_city_knows(line: Line) -> None:
    listed = {record.local_id: record for record in await line.ask(ListCommittee(DEMO_COMMITTEE))}
    for person in people():
        record = listed[city().household_entries(person)[0].local_number]
        assert record.birth_date == person.birth_date
        assert record.residence_status == person.residence_status.text
        assert record.resident_type == person.resident_type.text
        assert record.ethnicity == person.ethnicity.text
        assert record.household_role == person.kin.text
        assert record.registered_region == person.registered
        assert record.residence_region == person.residence
        assert record.id_number == (person.number or None)
        assert (record.tags == ("已故",)) == (person.died is not None)
        if person.residence == DEMO_COMMITTEE:
            assert record.door == person.residence_door


async def test_pages_of_another_size(line: Line) -> None:
    small = Line(line.mock, HouseholdConnector(BASE, HouseholdSettings(page_size=37)), line.session)
    assert await small.ask(ListCommittee(DEMO_COMMITTEE)) == await line.ask(ListCommittee(DEMO_COMMITTEE))


async def test_search_by_part_of_a_name_below_a_region(line: Line) -> None:
    person = next(p for p in people() if len(p.name) == 3)
    found = await line.ask(Search(person.name[1:], (DEMO_COMMITTEE[:9],), 50))
    expected = [p.name for p in city().search(person.name[1:], DEMO_COMMITTEE[:9])]
    assert person.name in {each.name for each in found}
    assert {each.name for each in found} == set(expected)
    assert line.mock.stats.by_operation == {"login": 3, "search": 1}


async def test_search_in_overlapping_regions_finds_each_once_and_stops_at_the_limit(line: Line) -> None:
    regions = (DEMO_COMMITTEE, DEMO_COMMITTEE[:6], DEMO_COMMITTEE_2)
    found = await line.ask(Search("王", regions, 60))
    assert len({each.local_id for each in found}) == len(found) == 60
    assert all("王" in (each.name or "") for each in found)


@pytest.mark.parametrize("query", [Search("  ", ("31",), 10), Search("王", (), 10), Search("王", ("31",), 0)])
async def test_an_empty_search_asks_nothing(line: Line, query: Search) -> None:
    assert await line.ask(query) == []
    assert line.mock.stats.calls == 0


async def test_an_unsupported_question_is_a_defect(line: Line) -> None:
    with pytest.raises(NotImplementedError):
        await line.ask(ListCohort(DEMO_COMMITTEE, 90))


# --- signing in


async def test_a_wrong_password_is_tried_once(line: Line) -> None:
    with pytest.raises(AuthRejected):
        await line.sign_in("cadre", "wrong")
    assert (line.mock.stats.logins, line.mock.stats.failed_logins) == (1, 1)
    await line.sign_in("cadre", "c-secret")
    assert (line.mock.stats.logins, line.mock.stats.failed_logins) == (2, 1)


@pytest.mark.parametrize("username", ["nobody", "", "' or 1=1"])
async def test_an_unknown_account_is_rejected(line: Line, username: str) -> None:
    for secret in ("", "None", "g-secret"):
        with pytest.raises(AuthRejected):
            await line.sign_in(username, secret)


async def test_five_wrong_passwords_lock_the_account(line: Line) -> None:
    for _ in range(5):
        with pytest.raises(AuthRejected):
            await line.sign_in("cadre", "wrong")
    with pytest.raises(AuthRejected):
        await line.sign_in("cadre", "c-secret")
    assert line.mock.stats.failed_logins == 6
    assert await line.find(UNKNOWN) == []


async def test_a_second_sign_in_ends_the_first_and_no_other(line: Line) -> None:
    cadre = await line.sign_in("cadre", "c-secret")
    second = await line.sign_in()
    question = FindPerson(Identity(IdentityKind.CITIZEN, UNKNOWN))
    with pytest.raises(SessionExpired):
        await line.ask(question, line.session)
    assert await line.ask(question, second) == await line.ask(question, cadre) == []


async def test_signing_out_ends_the_session(line: Line) -> None:
    await converse(line.connector.auth.sign_out(line.session), line.mock.handle, line.connector.base_url)
    with pytest.raises(SessionExpired):
        await line.find(UNKNOWN)


async def test_expiry_in_the_middle_of_a_list(line: Line) -> None:
    asked = 0

    async def send(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked == 10:
            line.mock.set_faults(Faults(expire_sessions=True))
        await asyncio.sleep(0)
        return await line.mock.handle(request)

    with pytest.raises(SessionExpired):
        await fetch(line.connector, ListCommittee(DEMO_COMMITTEE), line.session, send)
    assert asked < 20


async def test_expiry_while_somebody_signs_in_is_not_a_wrong_password(line: Line) -> None:
    async def send(request: httpx.Request) -> httpx.Response:
        response = await line.mock.handle(request)
        line.mock.set_faults(Faults(expire_sessions=request.url.path == "/login.do"))
        return response

    steps = line.connector.auth.sign_in(Credential("gateway", "g-secret"))
    with pytest.raises(Unavailable):
        await converse(steps, send, line.connector.base_url)


# --- faults

SIGN_IN_FAULTS: dict[str, tuple[Faults, type[UpstreamError]]] = {
    "captcha": (Faults(captcha=True), CaptchaRequired),
    "charset": (Faults(charset="utf-8"), BadUpstreamData),
    "error": (Faults(error_rate=1), Unavailable),
    "form changed": (Faults(login_form_changed=True), BadUpstreamData),
    "garbage": (Faults(garbage=True), BadUpstreamData),
    "maintenance": (Faults(maintenance=True), Unavailable),
    "oversize": (Faults(oversize_mb=1), BadUpstreamData),
    "truncated": (Faults(truncate=True), BadUpstreamData),
}
FAULTS: dict[str, tuple[Faults, type[UpstreamError]]] = {
    "captcha after expiry": (Faults(captcha=True, expire_sessions=True), CaptchaRequired),
    "charset": (Faults(charset="utf-8"), BadUpstreamData),
    "error": (Faults(error_rate=1), Unavailable),
    "expired": (Faults(expire_sessions=True), SessionExpired),
    "form changed after expiry": (Faults(login_form_changed=True, expire_sessions=True), SessionExpired),
    "garbage": (Faults(garbage=True), BadUpstreamData),
    "maintenance": (Faults(maintenance=True), Unavailable),
    "oversize": (Faults(oversize_mb=1), BadUpstreamData),
    "quota": (Faults(quota=0), Throttled),
    "redirected": (Faults(redirect_elsewhere=True), BadUpstreamData),
    "throttled": (Faults(retry_after_s=7), Throttled),
    "truncated": (Faults(truncate=True), BadUpstreamData),
}


@pytest.mark.parametrize(("faults", "error"), SIGN_IN_FAULTS.values(), ids=SIGN_IN_FAULTS)
async def test_faults_while_signing_in(line: Line, faults: Faults, error: type[UpstreamError]) -> None:
    line.mock.set_faults(faults)
    with pytest.raises(error) as caught:
        await line.sign_in()
    # None of these is judged: the account is not one step nearer to its lock.
    assert (line.mock.stats.logins, line.mock.stats.failed_logins) == (1, 0)
    assert "g-secret" not in said(caught.value)


@pytest.mark.parametrize(("faults", "error"), FAULTS.values(), ids=FAULTS)
async def test_faults_of_a_question(line: Line, faults: Faults, error: type[UpstreamError]) -> None:
    person = next(p for p in people() if p.document is DocumentKind.CITIZEN)
    line.mock.set_faults(faults)
    for query in (FindPerson(Identity(IdentityKind.CITIZEN, person.number)), ListCommittee(DEMO_COMMITTEE)):
        with pytest.raises(error) as caught:
            await line.ask(query)
        told_of = said(caught.value)
        for secret in (person.number, person.name, "系统维护", "过于频繁", "NullPointer"):
            assert secret not in told_of


async def test_no_faults_and_all_is_well_again(line: Line) -> None:
    line.mock.set_faults(Faults(quota=1))
    assert await line.find(UNKNOWN) == []
    with pytest.raises(Throttled):
        await line.find(UNKNOWN)
    line.mock.set_faults(Faults())
    assert await line.find(UNKNOWN) == []


async def test_a_hanging_system_can_be_left(line: Line) -> None:
    line.mock.set_faults(Faults(hang=True))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await line.find(UNKNOWN)
    assert line.mock.stats.in_flight == 0


# --- answers that lie

NUMBER = CitizenId.make("319999", date(1940, 1, 1), 1).number
ROW = {
    "RYBH": "1",
    "XM": "陈桂芳",
    "ZJLXDM": "111",
    "ZJHM": NUMBER,
    "CSRQ": "19400101",
    "JZDZ": "",
    "HH": "5",
}
QUESTION = FindPerson(Identity(IdentityKind.CITIZEN, NUMBER))
LIES: dict[str, object] = {
    "another person": [ROW, {**ROW, "ZJHM": UNKNOWN}],
    "no citizen number": [{**ROW, "ZJHM": NUMBER[:-1] + "X"}],
    "masked number": [{**ROW, "ZJHM": "319999********0017"}],
    "unknown kind of document": [{**ROW, "ZJLXDM": "777"}],
    "no kind of document": [{**ROW, "ZJLXDM": None}],
    "no such day": [{**ROW, "CSRQ": "19400230"}],
    "another form of date": [{**ROW, "CSRQ": "1940-01-01"}],
    "no local number": [{**ROW, "RYBH": ""}],
    "number for text": [{**ROW, "XM": 5}],
    "text for a list": "陈桂芳",
    "a list of text": ["陈桂芳"],
    "long name": [{**ROW, "XM": "陈" * 301}],
    "more rows than a page": [ROW] * 101,
}


@pytest.mark.parametrize("rows", LIES.values(), ids=LIES)
async def test_a_lying_answer_is_bad_data_and_not_quoted(rows: object) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        await told(rows, QUESTION)
    quoted = said(caught.value)
    assert not any(secret in quoted for secret in (NUMBER, UNKNOWN, "陈", "1940"))


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (ListCommittee(DEMO_COMMITTEE), {"total": 20_001}),
        (ListCommittee(DEMO_COMMITTEE), {"total": -1}),
        (ListCommittee(DEMO_COMMITTEE), {"total": 2}),
        (ListCommittee(DEMO_COMMITTEE), {"total": 0}),
        (ListCommittee(DEMO_COMMITTEE), {"total": "1"}),
        (FindHousehold("6"), {}),
        (FindPerson(Identity(IdentityKind.LOCAL, "household:2")), {}),
        (QUESTION, {"success": False, "code": "5000", "msg": NUMBER}),
        (QUESTION, {"success": "true"}),
    ],
    ids=[
        "too many pages", "negative", "fewer than promised", "more than promised", "text for a number",
        "another household", "another local number", "business error", "text for a flag",
    ],
)  # fmt: skip
async def test_an_answer_that_does_not_fit_the_question_is_bad_data(
    query: Query, more: dict[str, object]
) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        await told([ROW], query, **more)
    assert NUMBER not in str(caught.value)


async def test_a_plain_404_means_that_the_address_is_gone() -> None:
    send = httpx.MockTransport(lambda _: httpx.Response(404)).handle_async_request
    with pytest.raises(NotFound):
        await fetch(HouseholdConnector(BASE, HouseholdSettings()), QUESTION, CookieSession({}), send)


async def test_the_row_of_these_tests_is_a_good_one() -> None:
    assert [person.name for person in await told([ROW], QUESTION)] == ["陈桂芳"]
    assert [person.local_id for person in await told([ROW], ListCommittee(DEMO_COMMITTEE))] == ["1"]


async def test_the_old_number_of_15_digits_is_the_same_identity() -> None:
    (found,) = await told([{**ROW, "ZJHM": "319999400101001"}], QUESTION)
    assert found.id_number == NUMBER


@pytest.mark.parametrize(
    ("wire", "field", "value"),
    [
        ({"XBDM": "9"}, "gender", "未说明"),
        ({"XBDM": "0"}, "gender", "未知"),
        ({"XBDM": "7"}, "gender", None),
        ({"XBDM": None}, "gender", None),
        ({"MZDM": "05"}, "ethnicity", "维吾尔族"),
        ({"MZDM": "56"}, "ethnicity", "基诺族"),
        ({"MZDM": "57"}, "ethnicity", None),
        ({"RHZT": "1"}, "residence_status", "人户一致"),
        ({"RHZT": "2"}, "residence_status", "人在户不在"),
        ({"RHZT": "3"}, "residence_status", "户在人不在"),
        ({"RHZT": "01"}, "residence_status", None),
        ({"RYLX": "4"}, "resident_type", "无证"),
        ({"HZGX": "44"}, "household_role", "外孙女"),
        ({"XM": "  陈 桂芳 "}, "name", "陈 桂芳"),
        ({"XM": ""}, "name", None),
        ({"CSRQ": ""}, "birth_date", None),
        ({"CSRQ": "19400229"}, "birth_date", date(1940, 2, 29)),
        ({"SWRQ": "20260105"}, "tags", ("已故",)),
        ({"SWRQ": "00000000"}, "tags", None),
        ({"JZDJWHDM": "310109010003"}, "residence_region", "310109010003"),
        ({"JZDJWHDM": "曲阳路"}, "residence_region", ""),
        ({"HH": ""}, "household", None),
        ({"LDH": "3", "SH": "502", "JZDZ": "上海市虹口区东体育会路9号101室"}, "door", "3-502"),
        ({"LDH": "3", "SH": "", "JZDZ": "上海市虹口区玉田路100弄9号101室"}, "door", "9-101"),
        ({"JZDZ": "上海市虹口区玉田路100弄12号楼1802室"}, "door", "12-1802"),
        ({"JZDZ": "安徽省六安市李家村"}, "door", None),
        ({"NEW": {"field": 1}}, "name", "陈桂芳"),
    ],
)
def test_how_the_systems_words_are_read(wire: dict[str, object], field: str, value: object) -> None:
    assert getattr(Row.model_validate({**ROW, **wire}).record(), field) == value


@pytest.mark.parametrize(
    ("document", "number", "identity"),
    [
        ("414", "xm 0012345", Identity(IdentityKind.PASSPORT, "XM0012345")),
        ("516", "H01234567", Identity(IdentityKind.PASSPORT, "H01234567")),
        ("113", NUMBER, Identity(IdentityKind.CITIZEN, NUMBER)),
        ("", "", Identity(IdentityKind.LOCAL, "household:1")),
        ("111", None, Identity(IdentityKind.LOCAL, "household:1")),
    ],
)
def test_who_somebody_is(document: str, number: str | None, identity: Identity) -> None:
    assert Row.model_validate({**ROW, "ZJLXDM": document, "ZJHM": number}).record().identity == identity


# --- what the mock says to those who do not speak as the connector does


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/ry/query.do", ""),
        ("/ry/query.do", "ZJHM="),
        ("/ry/query.do", "ZJHM=" + "9" * 5_000),
        ("/ry/query.do", "RYBH=" + "9" * 5_000),
        ("/ry/hh.do", "HH="),
        ("/ry/list.do", "JWHDM=3101"),
        ("/ry/list.do", "JWHDM=310109010003&page=0"),
        ("/ry/list.do", "JWHDM=310109010003&page=%D2%BB"),
        ("/ry/list.do", "JWHDM=310109010003&rows=-1"),
        ("/ry/search.do", "XM=%CD%F5"),
        ("/ry/search.do", "XM=&QHDM=31"),
        ("/ry/search.do", "\xff\x00=%%%"),
    ],
)
async def test_wrong_questions_are_business_errors(line: Line, path: str, fields: str) -> None:
    cookie = {"Cookie": f"JSESSIONID={line.session.cookies['JSESSIONID']}"}
    request = httpx.Request("POST", BASE + path, content=fields.encode("latin-1"), headers=cookie)
    response = await line.mock.handle(request)
    assert response.status_code == 200
    assert orjson.loads(response.content.decode("gb18030"))["success"] is False


async def test_a_page_beyond_the_last_is_empty_and_a_page_has_100_rows_at_most(line: Line) -> None:
    async def rows(fields: str) -> tuple[int, int]:
        cookie = {"Cookie": f"JSESSIONID={line.session.cookies['JSESSIONID']}"}
        request = httpx.Request("POST", f"{BASE}/ry/list.do", content=fields.encode(), headers=cookie)
        answer = orjson.loads((await line.mock.handle(request)).content.decode("gb18030"))
        return len(answer["rows"]), answer["total"]

    total = (await rows("JWHDM=310109010003"))[1]
    assert await rows("JWHDM=310109010003&rows=5000") == (100, total)
    assert await rows("JWHDM=310109010003&rows=5000&page=9999") == (0, total)


async def test_a_one_time_field_serves_once(line: Line) -> None:
    posts: list[httpx.Request] = []

    async def send(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posts.append(request)
        return await line.mock.handle(request)

    await converse(
        line.connector.auth.sign_in(Credential("cadre", "c-secret")), send, line.connector.base_url
    )
    again = await line.mock.handle(posts[0])
    assert (again.status_code, line.mock.stats.logins) == (200, 2)
    assert "页面已过期" in again.content.decode("gb18030")
