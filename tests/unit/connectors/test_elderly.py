import asyncio
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.elderly import ElderlyConnector, ElderlyPerson
from connectors.elderly.wire import PAGE_SIZE
from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    CitizenId,
    ConnectorSettings,
    Credential,
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCohort,
    ListCommittee,
    Query,
    Record,
    Search,
    SessionExpired,
    Throttled,
    Unavailable,
)
from connectors.sdk.auth.oauth2 import BearerSession
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.run import converse, fetch
from mocks import elderly
from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, City, Disagreement
from mocks.city.codes import DocumentKind
from mocks.city.person import Person
from tests.unit.connectors.said import said

CONNECTOR = ElderlyConnector("http://elderly.invalid", ConnectorSettings())
CREDENTIAL = Credential("gateway", "p:ss+word 养老%")
SESSION = BearerSession("t", 0)
GENDERS = {"male": "男", "female": "女"}


@pytest.fixture(scope="module")
def city() -> City:
    return City(seed=7, population=12_000)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mock(city: City, clock: Clock) -> MockUpstream:
    return elderly.build(city, {CREDENTIAL.username: CREDENTIAL.secret}, seed=1, clock=clock)


async def sign_in(mock: MockUpstream, credential: Credential = CREDENTIAL) -> BearerSession:
    return await converse(CONNECTOR.auth.sign_in(credential), mock.handle, CONNECTOR.base_url)


async def ask(mock: MockUpstream, query: Query) -> list[ElderlyPerson]:
    return elders(await fetch(CONNECTOR, query, await sign_in(mock), mock.handle))


def elders(records: list[Record]) -> list[ElderlyPerson]:
    return [record for record in records if isinstance(record, ElderlyPerson)]


def identity(person: Person) -> Identity:
    """Return who the person is to the rest of the city; a view may hold the old form of the number."""
    if person.document is DocumentKind.CITIZEN:
        return Identity(IdentityKind.CITIZEN, CitizenId.parse(person.number).number)
    return Identity(IdentityKind.PASSPORT, person.number)


def seen_by(city: City, person: Person) -> Person:
    view = city.elderly_view(person)
    assert view is not None
    return view


# What is found


async def test_finds_a_person_with_one_call(city: City, mock: MockUpstream) -> None:
    person = next(
        elder
        for elder in city.elders(DEMO_COMMITTEE)
        if not city.disagreements(elder.pid) and city.age(elder) >= 90
    )
    facts, contact = city.elderly_facts(person), city.emergency_contact(person)
    assert facts is not None

    [found] = await ask(mock, FindPerson(identity(person)))

    assert mock.stats.calls == 1
    assert mock.stats.by_operation == {"login": 1, "query": 1}
    assert found == ElderlyPerson(
        identity=identity(person),
        local_id=f"E{person.pid:08d}",
        residence_region=DEMO_COMMITTEE,
        name=person.name,
        gender=GENDERS[person.gender],
        birth_date=person.birth_date,
        id_number=person.number,
        phone=person.phone,
        address=city.address(person.residence, person.residence_door),
        residence_status=person.residence_status.text,
        living_alone=facts.lives_alone,
        care_level=facts.care_level,
        allowance=facts.allowance,
        meal_service=facts.meal_service is not None,
        milk_service=facts.milk_service,
        emergency_contact=f"{contact.name}（{contact.relation}）{contact.phone}",
        tags=facts.tags,
    )


async def test_finds_whom_the_system_stores_under_the_old_number_with_one_call(
    city: City, mock: MockUpstream
) -> None:
    person = city.with_disagreement(Disagreement.OLD_ID, DEMO_COMMITTEE)[0]
    assert len(seen_by(city, person).number) == 15

    [found] = await ask(mock, FindPerson(Identity(IdentityKind.CITIZEN, person.number)))

    assert found.id_number == person.number
    assert found.identity.number == person.number
    assert mock.stats.calls == 1


async def test_a_number_without_an_old_form_is_asked_for_as_it_is(mock: MockUpstream) -> None:
    seen: list[bytes] = []

    async def send(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return await mock.handle(request)

    number = CitizenId.make("319999", date(2001, 2, 3), 26).number
    query = FindPerson(Identity(IdentityKind.CITIZEN, number))
    assert await fetch(CONNECTOR, query, await sign_in(mock), send) == []
    assert [json.loads(body) for body in seen] == [{"idCards": [number]}]


async def test_finds_by_passport_and_by_its_own_number(city: City, mock: MockUpstream) -> None:
    foreigner = next(
        person
        for person in city.people
        if person.document is DocumentKind.PASSPORT and city.elderly_view(person)
    )
    [by_passport] = await ask(mock, FindPerson(identity(foreigner)))
    assert by_passport.identity == identity(foreigner)
    assert by_passport.id_number == foreigner.number
    own = Identity(IdentityKind.LOCAL, f"elderly:{by_passport.local_id}")
    assert await ask(mock, FindPerson(own)) == [by_passport]


@pytest.mark.parametrize(
    "nobody",
    [
        Identity(IdentityKind.CITIZEN, CitizenId.make("319999", date(1931, 2, 3), 995).number),
        Identity(IdentityKind.PASSPORT, "ZZ0000000"),
        Identity(IdentityKind.LOCAL, "elderly:E99999999"),
        Identity(IdentityKind.LOCAL, "elderly:"),
        Identity(IdentityKind.LOCAL, f"elderly:{'9' * 5000}"),
    ],
    ids=["citizen", "passport", "own number", "empty number", "endless number"],
)
async def test_nobody_is_an_empty_answer(mock: MockUpstream, nobody: Identity) -> None:
    assert await ask(mock, FindPerson(nobody)) == []
    assert mock.stats.calls == 1


async def test_the_numbers_of_other_systems_are_not_asked_for(mock: MockUpstream) -> None:
    assert await ask(mock, FindPerson(Identity(IdentityKind.LOCAL, "household:E00000001"))) == []
    assert mock.stats.calls == 0


async def test_it_does_not_have_the_young_and_the_dead_that_it_was_told_of(
    city: City, mock: MockUpstream
) -> None:
    residents = city.residents(DEMO_COMMITTEE)
    young = next(person for person in residents if city.age(person) == 59 and person.number)
    dead = next(
        person for person in residents if person.died and person.number and not city.disagreements(person.pid)
    )
    assert await ask(mock, FindPerson(identity(young))) == []
    assert await ask(mock, FindPerson(identity(dead))) == []


@pytest.mark.parametrize(
    ("kind", "differs"),
    [
        (Disagreement.PHONE_DIFFERS, lambda found, truth: found.phone != truth.phone),
        (Disagreement.BIRTH_DIFFERS, lambda found, truth: found.birth_date != truth.birth_date),
        (Disagreement.DEAD_STILL_LISTED, lambda found, truth: "已故" not in found.tags and truth.died),
    ],
)
async def test_what_the_system_has_wrong_is_reported_as_it_stands_there(
    city: City, mock: MockUpstream, kind: Disagreement, differs: Callable[[ElderlyPerson, Person], bool]
) -> None:
    for person in city.with_disagreement(kind, DEMO_COMMITTEE):
        [found] = await ask(mock, FindPerson(identity(person)))
        assert differs(found, person)
        assert found.identity == identity(person)


async def test_whoever_moved_stands_in_the_old_committee(city: City, mock: MockUpstream) -> None:
    moved = next(
        person
        for person in city.with_disagreement(Disagreement.MOVED_NOT_UPDATED, DEMO_COMMITTEE)
        if seen_by(city, person).residence == DEMO_COMMITTEE_2
    )
    [found] = await ask(mock, FindPerson(identity(moved)))
    assert found.residence_region == DEMO_COMMITTEE_2
    assert identity(moved) in {person.identity for person in await ask(mock, ListCommittee(DEMO_COMMITTEE_2))}
    assert identity(moved) not in {
        person.identity for person in await ask(mock, ListCommittee(DEMO_COMMITTEE))
    }


# Lists and search


async def test_lists_everybody_of_a_committee_page_by_page(city: City, mock: MockUpstream) -> None:
    known = city.elders(DEMO_COMMITTEE)
    found = await ask(mock, ListCommittee(DEMO_COMMITTEE))
    assert [person.local_id for person in found] == sorted(f"E{person.pid:08d}" for person in known)
    assert {person.identity for person in found} == {identity(person) for person in known}
    assert mock.stats.calls == -(-len(known) // PAGE_SIZE) > 3


async def test_lists_a_cohort(city: City, mock: MockUpstream) -> None:
    found = await ask(mock, ListCohort(DEMO_COMMITTEE, 90))
    expected = [person for person in city.elders(DEMO_COMMITTEE) if city.age(person) >= 90]
    assert {person.identity for person in found} == {identity(person) for person in expected}
    assert len(found) > 5
    assert any(person.living_alone and "独居" in (person.tags or ()) for person in found)
    assert mock.stats.calls == 1


async def test_an_unknown_committee_has_nobody(mock: MockUpstream) -> None:
    assert await ask(mock, ListCommittee("310109999999")) == []


async def test_searches_by_name_within_regions(city: City, mock: MockUpstream) -> None:
    here, there = city.elders(DEMO_COMMITTEE), city.elders(DEMO_COMMITTEE_2)
    name = next(person.name[0] for person in here if any(person.name[0] == o.name[0] for o in there))
    query = Search(name, (DEMO_COMMITTEE[:9], DEMO_COMMITTEE_2, DEMO_COMMITTEE), 500)

    found = await ask(mock, query)

    assert all(name in (person.name or "") for person in found)
    assert {person.residence_region for person in found} >= {DEMO_COMMITTEE, DEMO_COMMITTEE_2}
    assert len({person.local_id for person in found}) == len(found), "overlapping regions name nobody twice"
    assert {f"E{person.pid:08d}" for person in [*here, *there] if name in person.name} <= {
        person.local_id for person in found
    }
    assert await ask(mock, Search(name, query.regions, 2)) == found[:2]
    assert await ask(mock, Search("查无此人", query.regions, 9)) == []


def test_a_question_that_it_cannot_answer_is_our_own_defect() -> None:
    assert FindHousehold not in CONNECTOR.operations
    with pytest.raises(NotImplementedError):
        next(CONNECTOR.exchange(FindHousehold("1")))


async def test_no_name_and_no_number_stands_in_a_url(city: City, mock: MockUpstream) -> None:
    urls: list[str] = []

    async def send(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return await mock.handle(request)

    person = city.elders(DEMO_COMMITTEE)[0]
    session = await sign_in(mock)
    await fetch(CONNECTOR, FindPerson(identity(person)), session, send)
    await fetch(CONNECTOR, Search(person.name, ("31",), 5), session, send)
    assert urls == [
        "http://elderly.invalid/api/v1/elders/query",
        "http://elderly.invalid/api/v1/elders/search",
    ]


# What the rows may hold

ASKED = Identity(IdentityKind.CITIZEN, CitizenId.make("319999", date(1935, 2, 3), 26).number)
FIND = FindPerson(ASKED)
ROW = {"elderId": "E1", "elderName": "陈桂芳", "idCard": ASKED.number, "birthDate": "1935-02-03"}


async def read(answer: object, query: Query = FIND) -> list[ElderlyPerson]:
    async def send(_request: httpx.Request) -> httpx.Response:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return httpx.Response(200, content=content, headers={"Content-Type": "application/json"})

    return elders(await fetch(CONNECTOR, query, SESSION, send))


def rows(*changes: dict[str, Any], **page: Any) -> dict[str, Any]:
    return {"code": 0, "message": "ok", "data": page | {"rows": [ROW | change for change in changes]}}


async def test_translates_codes_into_the_official_words() -> None:
    for code, word in {"01": "户在人不在", "02": "人户一致", "03": "人在户不在"}.items():
        [found] = await read(rows({"residenceStatus": code}))
        assert found.residence_status == word
    for code, word in {"M": "男", "F": "女", "U": "未知", "N": "未说明"}.items():
        [found] = await read(rows({"sex": code}))
        assert found.gender == word
    [found] = await read(rows({"tagCodes": "01,03, 04,05,06,07,02"}))
    assert found.tags == ("独居", "孤老", "失独", "老伙伴", "一键通", "助餐", "纯老家庭")


async def test_the_dead_are_marked_in_the_tags() -> None:
    [found] = await read(rows({"status": "9", "tagCodes": "01"}))
    assert found.tags == ("独居", "已故")
    [found] = await read(rows({"status": "9"}))
    assert found.tags == ("已故",)


async def test_what_the_system_does_not_say_is_none() -> None:
    [found] = await read(rows({}))
    said_nothing = ElderlyPerson(
        identity=ASKED,
        local_id="E1",
        name="陈桂芳",
        id_number=ASKED.number,
        birth_date=date(1935, 2, 3),
    )
    assert found == said_nothing
    empty = dict.fromkeys(
        ("sex", "mobile", "liveAddress", "residenceStatus", "contactName", "status", "committeeCode"), " "
    )
    assert await read(rows(empty)) == [said_nothing]
    assert (await read(rows({"tagCodes": ""})))[0].tags == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sex": "7"}, "gender"),
        ({"residenceStatus": "1"}, "residence_status"),
        ({"careLevel": 7}, "care_level"),
        ({"careLevel": -1}, "care_level"),
        ({"allowance": -1}, "allowance"),
        ({"birthDate": None}, "birth_date"),
    ],
)
async def test_an_unknown_code_leaves_its_field_empty(change: dict[str, Any], field: str) -> None:
    [found] = await read(rows(change))
    assert getattr(found, field) is None


async def test_an_unknown_tag_says_nothing_against_the_others() -> None:
    assert (await read(rows({"tagCodes": "99,01"})))[0].tags == ("独居",)


async def test_a_region_that_is_none_is_not_passed_on() -> None:
    assert (await read(rows({"committeeCode": "陈桂芳"})))[0].residence_region == ""


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        ({"contactName": "陈建国", "contactRelation": "儿子", "contactMobile": "169"}, "陈建国（儿子）169"),
        ({"contactName": "陈建国"}, "陈建国"),
        ({"contactMobile": "169"}, "169"),
    ],
)
async def test_the_emergency_contact_is_one_line(contact: dict[str, Any], words: str) -> None:
    assert (await read(rows(contact)))[0].emergency_contact == words


async def test_a_duplicate_is_two_records_of_one_identity() -> None:
    first, second = await read(rows({}, {"elderId": "E2"}))
    assert first.identity == second.identity
    assert first.local_id != second.local_id


async def test_whoever_has_no_document_is_known_by_the_systems_number() -> None:
    own = Identity(IdentityKind.LOCAL, "elderly:E1")
    for empty in (None, ""):
        [found] = await read(rows({"idCard": empty}), FindPerson(own))
        assert found.identity == own
        assert found.id_number is None


async def test_rare_characters_arrive_whole() -> None:
    for name in ("𠮷田𬱖", "阿卜杜热合曼·买买提江"):
        assert (await read(rows({"elderName": name})))[0].name == name


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ({"code": 40400, "message": "陈桂芳", "data": None}, None),
        ({"code": 40100, "message": "陈桂芳"}, SessionExpired),
        ({"code": 42900, "message": "陈桂芳", "data": {}}, Throttled),
        ({"code": 50300, "message": "陈桂芳", "data": ""}, Unavailable),
        ({"code": 40000, "message": "陈桂芳"}, BadUpstreamData),
        ({"code": -1, "message": "陈桂芳"}, BadUpstreamData),
    ],
)
async def test_business_codes_mean_what_they_say(
    answer: dict[str, Any], meaning: type[Exception] | None
) -> None:
    if meaning is None:
        assert await read(answer) == []
        return
    with pytest.raises(meaning) as caught:
        await read(answer)
    assert "陈桂芳" not in said(caught.value)


OTHER = CitizenId.make("319999", date(1935, 2, 3), 28).number


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(rows({"idCard": OTHER}), id="another person"),
        pytest.param(rows({}, {"idCard": OTHER, "elderId": "E2"}), id="another person too"),
        pytest.param(rows({"idCard": "3****************8"}), id="masked number"),
        pytest.param(rows({"idCard": ASKED.number[:17] + "陈"}), id="number with a slip"),
        pytest.param(rows({"idCard": 319999}), id="number as a number"),
        pytest.param(rows({"elderId": ""}), id="empty own number"),
        pytest.param(rows({"elderId": "../陈桂芳"}), id="odd own number"),
        pytest.param(rows({"elderId": None}), id="no own number"),
        pytest.param(rows({"birthDate": "1935-02-30"}), id="no such day"),
        pytest.param(rows({"birthDate": 86400}), id="birth as a number"),
        pytest.param(rows({"liveAlone": "陈桂芳"}), id="truth as a text"),
        pytest.param(rows({"elderName": "陈" * 201}), id="endless name"),
        pytest.param(rows({"elderName": ["陈桂芳"]}), id="name as a list"),
        pytest.param(rows(*[{}] * 201), id="more rows than a page has"),
        pytest.param({"code": "0", "data": {"rows": []}}, id="code as a text"),
        pytest.param({"code": True, "data": {"rows": []}}, id="code as a truth"),
        pytest.param({"data": {"rows": [ROW]}}, id="no code"),
        pytest.param({"code": 0, "data": None}, id="no data"),
        pytest.param({"code": 0, "data": {"rows": None}}, id="no rows"),
        pytest.param({"code": 0, "data": [ROW]}, id="data as a list"),
        pytest.param([ROW], id="a list"),
        pytest.param(b"", id="nothing"),
        pytest.param("陈桂芳<html>".encode(), id="no JSON"),
        pytest.param('{"code":0,"data":"陈桂芳'.encode()[:-1], id="half a character"),
        pytest.param(b"[" * 100_000, id="bottomless"),
        pytest.param(b'{"code":0,"data":{"rows":[{"elderId":"E1","elderName":"\\ud800"}]}}', id="surrogate"),
    ],
)
async def test_wrong_answers_are_bad_data_and_not_quoted(answer: object) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        await read(answer)
    words = said(caught.value)
    assert "陈" not in words
    assert "1935" not in words


@pytest.mark.parametrize(
    "page", [{"total": -1}, {"total": 40_001}, {"total": 2}, {"total": 0}, {"total": "1"}, {"total": True}]
)
async def test_a_list_must_hold_what_it_promises(page: dict[str, Any]) -> None:
    with pytest.raises(BadUpstreamData):
        await read(rows({}, {"elderId": "E2"}, {"elderId": "E3"}, **page), ListCommittee(DEMO_COMMITTEE))


# Signing in, expiry and faults


async def test_a_wrong_secret_is_rejected_and_tried_once(mock: MockUpstream) -> None:
    for wrong in (Credential("gateway", "wrong"), Credential("nobody", CREDENTIAL.secret)):
        before = mock.stats.failed_logins
        with pytest.raises(AuthRejected) as caught:
            await sign_in(mock, wrong)
        assert mock.stats.failed_logins == before + 1
        assert wrong.secret not in said(caught.value)
    assert mock.stats.logins == 0
    assert mock.stats.calls == 0


async def test_a_token_ends_after_half_an_hour(city: City, mock: MockUpstream, clock: Clock) -> None:
    session = await sign_in(mock)
    query = FindPerson(identity(city.elders(DEMO_COMMITTEE)[0]))
    clock.now += elderly.TOKEN_LIFE_S - 1
    assert await fetch(CONNECTOR, query, session, mock.handle)
    clock.now += 1
    with pytest.raises(SessionExpired):
        await fetch(CONNECTOR, query, session, mock.handle)
    assert await fetch(CONNECTOR, query, await sign_in(mock), mock.handle)
    assert mock.stats.logins == 2


async def test_expiry_in_the_middle_of_a_list(mock: MockUpstream) -> None:
    answered = 0

    async def send(request: httpx.Request) -> httpx.Response:
        nonlocal answered
        answered += 1
        if answered == 2:
            mock.set_faults(Faults(expire_sessions=True))
        return await mock.handle(request)

    with pytest.raises(SessionExpired):
        await fetch(CONNECTOR, ListCommittee(DEMO_COMMITTEE), await sign_in(mock), send)


FAULTS = [
    (Faults(expire_sessions=True), SessionExpired),
    (Faults(clock_skew_s=3600), SessionExpired),
    (Faults(error_rate=1), Unavailable),
    (Faults(maintenance=True), Unavailable),
    (Faults(quota=0), Throttled),
    (Faults(retry_after_s=0), Throttled),
    (Faults(retry_after_s=30), Throttled),
    (Faults(charset="gb18030"), BadUpstreamData),
    (Faults(truncate=True), BadUpstreamData),
    (Faults(garbage=True), BadUpstreamData),
    (Faults(oversize_mb=1), BadUpstreamData),
    (Faults(redirect_elsewhere=True), BadUpstreamData),
]


@pytest.mark.parametrize("listing", [False, True], ids=["lookup", "list"])
@pytest.mark.parametrize(("faults", "meaning"), FAULTS)
async def test_every_fault_is_named_and_tells_nothing(
    city: City, mock: MockUpstream, faults: Faults, meaning: type[Exception], listing: bool
) -> None:
    person = city.elders(DEMO_COMMITTEE)[0]
    query = ListCommittee(DEMO_COMMITTEE) if listing else FindPerson(identity(person))
    session = await sign_in(mock)
    mock.set_faults(faults)
    with pytest.raises(meaning) as caught:
        await fetch(CONNECTOR, query, session, mock.handle)
    words = said(caught.value)
    for secret in (person.name, person.number, person.phone, session.token, "NullPointer", "限额", "维护"):
        assert secret not in words
    if faults.retry_after_s:
        assert isinstance(caught.value, Throttled)
        assert caught.value.retry_after_s == 30
    mock.set_faults(Faults())
    assert await fetch(CONNECTOR, query, await sign_in(mock), mock.handle), "well again"


@pytest.mark.parametrize(
    ("faults", "meaning"),
    [
        (Faults(login_form_changed=True), BadUpstreamData),
        (Faults(error_rate=1), Unavailable),
        (Faults(maintenance=True), Unavailable),
        (Faults(truncate=True), BadUpstreamData),
        (Faults(garbage=True), BadUpstreamData),
        (Faults(oversize_mb=1), BadUpstreamData),
    ],
)
async def test_faults_while_signing_in_are_not_a_rejection(
    mock: MockUpstream, faults: Faults, meaning: type[Exception]
) -> None:
    mock.set_faults(faults)
    with pytest.raises(meaning) as caught:
        await sign_in(mock)
    assert CREDENTIAL.secret not in said(caught.value)


async def test_the_quota_counts_calls_from_now_on(city: City, mock: MockUpstream) -> None:
    query = FindPerson(identity(city.elders(DEMO_COMMITTEE)[0]))
    session = await sign_in(mock)
    mock.set_faults(Faults(quota=2))
    assert await fetch(CONNECTOR, query, session, mock.handle)
    assert await fetch(CONNECTOR, query, session, mock.handle)
    with pytest.raises(Throttled):
        await fetch(CONNECTOR, query, session, mock.handle)


async def test_a_hanging_system_answers_nobody_until_it_is_well(city: City, mock: MockUpstream) -> None:
    session = await sign_in(mock)
    mock.set_faults(Faults(hang=True))
    query = FindPerson(identity(city.elders(DEMO_COMMITTEE)[0]))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(fetch(CONNECTOR, query, session, mock.handle), 0.05)
    mock.set_faults(Faults())
    assert await fetch(CONNECTOR, query, session, mock.handle)


# The mock's own manners


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("query", b""),
        ("query", b"[]"),
        ("query", b"{}"),
        ("query", b'{"idCards": []}'),
        ("query", b'{"idCards": ["1"], "elderId": "E1"}'),
        ("query", b'{"passportNo": 1}'),
        ("search", b'{"name": " ", "regionPrefix": "31", "pageNo": 1, "pageSize": 10}'),
        ("search", b'{"name": "x", "regionPrefix": "", "pageNo": 1, "pageSize": 10}'),
        ("list", b'{"committeeCode": "x", "pageNo": 1, "pageSize": 10}'),
        ("list", b'{"committeeCode": "310109010003", "pageNo": 0, "pageSize": 10}'),
        ("list", b'{"committeeCode": "310109010003", "pageNo": 1, "pageSize": 201}'),
        ("list", b'{"committeeCode": "310109010003", "pageNo": true, "pageSize": 10}'),
        ("list", b'{"committeeCode": "310109010003", "pageNo": 1, "pageSize": 10, "ageFrom": "90"}'),
    ],
)
async def test_the_mock_refuses_bad_parameters_with_200(mock: MockUpstream, path: str, body: bytes) -> None:
    request = CONNECTOR.post(f"/api/v1/elders/{path}", body, "application/json")
    response = await mock.handle(CONNECTOR.auth.apply(request, await sign_in(mock)))
    assert response.status_code == 200
    assert response.json()["code"] == 40000


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic x"])
async def test_the_mock_answers_401_without_a_good_token(mock: MockUpstream, header: str) -> None:
    headers = {"Authorization": header} if header else None
    request = CONNECTOR.post("/api/v1/elders/query", b"{}", "application/json", headers)
    assert (await mock.handle(request)).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic x", "Basic /w==", "Bearer x"])
async def test_the_mock_refuses_unreadable_credentials(mock: MockUpstream, header: str) -> None:
    request = CONNECTOR.post_form("/oauth/token", {"grant_type": "client_credentials"})
    request.headers["Authorization"] = header
    response = await mock.handle(request)
    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})


async def test_the_mock_knows_one_grant_type(mock: MockUpstream) -> None:
    response = await mock.handle(CONNECTOR.post_form("/oauth/token", {"grant_type": "password"}))
    assert (response.status_code, response.json()) == (400, {"error": "unsupported_grant_type"})
    assert mock.stats.failed_logins == 0
