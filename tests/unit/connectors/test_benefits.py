import json
import time
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Literal

import httpx
import pytest

from connectors.benefits import Beneficiary, BenefitsConnector
from connectors.benefits.connector import BenefitsSettings
from connectors.benefits.wire import PAGE_SIZE
from connectors.sdk import (
    Algorithm,
    AuthRejected,
    BadUpstreamData,
    CitizenId,
    Credential,
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCommittee,
    Query,
    Record,
    Search,
    SessionExpired,
    Throttled,
    Unavailable,
)
from connectors.sdk.auth.signed import SignedSession
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.run import converse, fetch
from mocks import benefits
from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, City, Disagreement
from mocks.city.person import Person
from tests.unit.connectors.said import said

Digest = Literal["hmac-sha256", "hmac-sm3"]

CREDENTIAL = Credential("gateway", "a made-up secret 残疾")
SESSION = SignedSession("gateway", "x", 0)


def connector(algorithm: Digest = "hmac-sha256") -> BenefitsConnector:
    return BenefitsConnector("http://benefits.invalid", BenefitsSettings(algorithm=algorithm))


CONNECTOR = connector()


@pytest.fixture(scope="module")
def city() -> City:
    return City(seed=7, population=12_000)


@pytest.fixture
def mock(city: City) -> MockUpstream:
    return build(city)


def build(
    city: City,
    algorithm: Algorithm = Algorithm.HMAC_SHA256,
    barred: Mapping[str, Collection[str]] | None = None,
) -> MockUpstream:
    accounts = {CREDENTIAL.username: CREDENTIAL.secret, "other": "another secret"}
    return benefits.build(city, accounts, algorithm=algorithm, barred=barred)


async def sign_in(
    mock: MockUpstream, credential: Credential = CREDENTIAL, by: BenefitsConnector = CONNECTOR
) -> SignedSession:
    session: SignedSession = await converse(by.auth.sign_in(credential), mock.handle, by.base_url)
    return session


async def ask(
    mock: MockUpstream, query: Query, credential: Credential = CREDENTIAL, by: BenefitsConnector = CONNECTOR
) -> list[Beneficiary]:
    return people(await fetch(by, query, await sign_in(mock, credential, by), mock.handle))


def people(records: list[Record]) -> list[Beneficiary]:
    return [record for record in records if isinstance(record, Beneficiary)]


def identity(person: Person) -> Identity:
    return Identity(IdentityKind.CITIZEN, person.number)


def known(city: City, where: Callable[[Any], bool] = lambda _facts: True) -> Person:
    return next(
        person
        for person in city.residents(DEMO_COMMITTEE)
        if (facts := city.benefit_facts(person)) and where(facts) and not city.disagreements(person.pid)
    )


# What is found


async def test_finds_a_person_with_one_call(city: City, mock: MockUpstream) -> None:
    person = known(city, lambda facts: facts.subsidies and facts.veteran)
    facts = city.benefit_facts(person)
    assert facts is not None
    assert facts.veteran is not None

    [found] = await ask(mock, FindPerson(identity(person)))

    assert mock.stats.by_operation == {"login": 2, "query": 1}
    assert found == Beneficiary(
        identity=identity(person),
        local_id=f"B{person.pid:08d}",
        registered_region=person.registered,
        name=person.name,
        id_number=person.number,
        disability=facts.disability,
        disability_subsidies=tuple(one.title for one in facts.subsidies),
        veteran_status=facts.veteran.title,
        benefit_amounts=(
            *(f"{one.title}每月{one.monthly}元" for one in facts.subsidies),
            f"{facts.veteran.title}每月{facts.veteran.monthly:,}元",
        ),
        tags=("残疾", "优抚"),
    )


async def test_who_gets_nothing_is_nobody(city: City, mock: MockUpstream) -> None:
    person = next(one for one in city.residents(DEMO_COMMITTEE) if one.number and not city.benefit_facts(one))
    assert await ask(mock, FindPerson(identity(person))) == []


@pytest.mark.parametrize("kind", [IdentityKind.PASSPORT, IdentityKind.LOCAL])
async def test_whoever_is_no_citizen_is_not_asked_for(mock: MockUpstream, kind: IdentityKind) -> None:
    assert await ask(mock, FindPerson(Identity(kind, "benefits:B00000001"))) == []
    assert mock.stats.calls == 0


async def test_a_card_of_before_1999_is_found_by_the_present_number(city: City, mock: MockUpstream) -> None:
    for person in city.with_disagreement(Disagreement.CARD_OLD_ID, DEMO_COMMITTEE):
        [found] = await ask(mock, FindPerson(identity(person)))
        assert (found.identity, found.id_number) == (identity(person), person.number)


async def test_a_mistyped_name_comes_as_it_stands_there(city: City, mock: MockUpstream) -> None:
    for person in city.with_disagreement(Disagreement.CARD_NAME_MISTYPED, DEMO_COMMITTEE):
        [found] = await ask(mock, FindPerson(identity(person)))
        assert found.name != person.name


async def test_lists_everybody_of_a_committee_page_by_page(city: City, mock: MockUpstream) -> None:
    expected = {
        f"B{person.pid:08d}"
        for person in city.people
        if person.registered == DEMO_COMMITTEE and city.benefit_facts(person)
    }
    found = await ask(mock, ListCommittee(DEMO_COMMITTEE))
    assert {person.local_id for person in found} == expected
    assert mock.stats.calls == -(-len(expected) // PAGE_SIZE) > 1
    assert await ask(mock, ListCommittee("310109999999")) == []


async def test_searches_by_name_within_regions(city: City, mock: MockUpstream) -> None:
    name = known(city).name[0]
    found = await ask(mock, Search(name, (DEMO_COMMITTEE[:9], DEMO_COMMITTEE_2, DEMO_COMMITTEE), 80))
    assert found
    assert all(name in (person.name or "") for person in found)
    assert len({person.local_id for person in found}) == len(found)
    assert await ask(mock, Search("查无此人", ("31",), 9)) == []


def test_a_question_that_it_cannot_answer_is_our_own_defect() -> None:
    with pytest.raises(NotImplementedError):
        next(CONNECTOR.exchange(FindHousehold("1")))


# Signing


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sm3"])
async def test_both_digests_are_taken_where_they_are_asked_for(city: City, algorithm: Digest) -> None:
    mock, query = build(city, Algorithm(algorithm)), FindPerson(identity(known(city)))
    assert len(await ask(mock, query, by=connector(algorithm))) == 1
    other: Digest = "hmac-sm3" if algorithm == "hmac-sha256" else "hmac-sha256"
    with pytest.raises(AuthRejected):
        await ask(mock, query, by=connector(other))


async def test_no_request_goes_out_twice_with_one_nonce(city: City, mock: MockUpstream) -> None:
    sent: list[httpx.Request] = []

    async def send(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return await mock.handle(request)

    session = await sign_in(mock)
    await fetch(CONNECTOR, ListCommittee(DEMO_COMMITTEE), session, send)
    assert len({request.headers["x-nonce"] for request in sent}) == len(sent) > 1
    assert all(len(request.headers["x-timestamp"]) == 13 for request in sent), "milliseconds"
    urls = {str(request.url) for request in sent}
    assert urls == {"http://benefits.invalid/exchange/v1/beneficiaries/list"}, "nobody is named in a URL"

    replayed = await mock.handle(sent[0])
    assert (replayed.status_code, replayed.json()["code"]) == (401, "NONCE_REPLAYED")


async def test_a_timestamp_is_good_for_ten_minutes(city: City) -> None:
    later = 0.0
    accounts = {CREDENTIAL.username: CREDENTIAL.secret}
    mock = benefits.build(city, accounts, clock=lambda: time.time() + later)
    session, query = await sign_in(mock), FindPerson(identity(known(city)))
    later = 500.0
    assert await fetch(CONNECTOR, query, session, mock.handle)
    later = 700.0
    with pytest.raises(SessionExpired):  # the session's clock is off: another sign-in sets it
        await fetch(CONNECTOR, query, session, mock.handle)
    assert await ask(mock, query)


@pytest.mark.parametrize("credential", [Credential("gateway", "wrong"), Credential("nobody", "wrong")])
async def test_a_wrong_secret_is_rejected_and_tried_once(mock: MockUpstream, credential: Credential) -> None:
    with pytest.raises(AuthRejected) as caught:
        await sign_in(mock, credential)
    assert mock.stats.failed_logins == 1
    assert credential.secret not in said(caught.value)


# What was not granted


@pytest.mark.parametrize(
    ("hidden", "gone"),
    [
        ("disability_category", {"disability", "tags"}),
        ("disability_grade", set()),
        ("subsidies", {"disability_subsidies"}),
        ("veteran_type", {"veteran_status"}),
        ("veteran_monthly", set()),
        ("name", {"name"}),
        ("region", set()),
    ],
)
async def test_a_field_that_was_not_granted_is_no_value(city: City, hidden: str, gone: set[str]) -> None:
    mock = build(city, barred={"other": [hidden]})
    query = FindPerson(identity(known(city, lambda facts: facts.subsidies and facts.veteran)))
    [whole] = await ask(mock, query)
    [found] = await ask(mock, query, Credential("other", "another secret"))
    assert "*" not in found.model_dump_json()
    assert found != whole
    for name in found.kinds:
        if name in gone - {"tags"}:
            assert getattr(found, name) is None
    if hidden == "disability_category":
        assert found.tags == ("优抚",)
    if hidden == "disability_grade":
        assert whole.disability is not None
        assert found.disability == whole.disability[:-2], "the category alone"
    if hidden in {"subsidies", "veteran_monthly"}:
        assert set(found.benefit_amounts or ()) < set(whole.benefit_amounts or ())


async def test_without_the_number_nothing_can_be_joined_and_that_is_noticed(city: City) -> None:
    mock, query = build(city, barred={"other": ["cert_no"]}), FindPerson(identity(known(city)))
    with pytest.raises(BadUpstreamData):
        await ask(mock, query, Credential("other", "another secret"))


ASKED = Identity(IdentityKind.CITIZEN, CitizenId.make("319999", date(1935, 2, 3), 26).number)
ROW: dict[str, Any] = {"file_no": "B1", "name": "陈桂芳", "cert_no": ASKED.number}


async def read(answer: object) -> list[Beneficiary]:
    async def send(_request: httpx.Request) -> httpx.Response:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return httpx.Response(200, content=content, headers={"Content-Type": "application/json"})

    return people(await fetch(CONNECTOR, FindPerson(ASKED), SESSION, send))


def rows(*changes: dict[str, Any]) -> dict[str, Any]:
    found = [ROW | change for change in changes]
    return {"success": True, "code": "OK", "data": {"total": len(found), "list": found}}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "陈**", "disability_category": "***"},
        {"name": "*", "subsidies": "***", "veteran_type": " *** "},
        {"name": None, "subsidies": None},
        {"name": " ", "disability_category": "", "subsidies": []},
        {"name": "***", "subsidies": [{"type": "***", "monthly": "330.00"}]},
    ],
)
async def test_masked_in_whole_or_in_part_absent_null_and_empty_say_the_same(change: dict[str, Any]) -> None:
    nothing = Beneficiary(identity=ASKED, local_id="B1", id_number=ASKED.number)
    assert await read(rows(change)) == [nothing]


@pytest.mark.parametrize("monthly", ["***", "-1", "0", "NaN", "viel", "9999999999", ""])
async def test_a_sum_that_is_none_leaves_what_it_is_paid_for(monthly: str) -> None:
    [found] = await read(rows({"subsidies": [{"type": "A2", "monthly": monthly}]}))
    assert found.disability_subsidies == ("重度残疾人护理补贴",)
    assert found.benefit_amounts is None


async def test_unknown_codes_leave_their_fields_empty() -> None:
    [found] = await read(
        rows(
            {
                "disability_category": "9",
                "disability_grade": "5",
                "veteran_type": "Y99",
                "veteran_monthly": "100.50",
                "subsidies": [{"type": "A9", "monthly": "5"}],
                "region": "陈桂芳",
            }
        )
    )
    assert found == Beneficiary(identity=ASKED, local_id="B1", name="陈桂芳", id_number=ASKED.number)


async def test_cents_are_said_where_there_are_some() -> None:
    [found] = await read(rows({"veteran_type": "Y01", "veteran_monthly": "1234.50"}))
    assert found.benefit_amounts == ("残疾军人每月1,234.50元",)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ({"success": False, "code": "FLOW_LIMITED"}, Throttled),
        ({"success": False, "code": "MAINTENANCE"}, Unavailable),
        ({"success": False, "code": "WHATEVER", "message": ASKED.number}, BadUpstreamData),
        ({"success": False, "code": "OK", "data": {"total": 0, "list": []}}, BadUpstreamData),
        ({"success": True, "code": "OK"}, BadUpstreamData),
        ({"success": True, "code": "OK", "data": "***"}, BadUpstreamData),
        (rows({"file_no": "***"}), BadUpstreamData),
        (rows({"cert_no": "319***********0026"}), BadUpstreamData),
        (rows({"cert_no": "319999193502030267"}), BadUpstreamData),
        (rows({"subsidies": {}}), BadUpstreamData),
        (rows({"cert_no": CitizenId.make("319999", date(1935, 2, 3), 27).number}), BadUpstreamData),
        (b"[]", BadUpstreamData),
        (b"<html>", BadUpstreamData),
    ],
)
async def test_answers_that_are_none(answer: object, meaning: type[Exception]) -> None:
    with pytest.raises(meaning) as caught:
        await read(answer)
    assert ASKED.number not in said(caught.value)


# The mock's own manners


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("query", b""),
        ("query", b"[]"),
        ("query", b'{"cert_nos": []}'),
        ("query", b'{"cert_nos": ["1"], "name": "x"}'),
        ("search", b'{"name": " ", "region": "31", "page": 1, "size": 10}'),
        ("list", b'{"region": "31", "page": 0, "size": 10}'),
        ("list", b'{"region": "31", "page": 1, "size": 101}'),
    ],
)
async def test_the_mock_refuses_bad_parameters_with_200(mock: MockUpstream, path: str, body: bytes) -> None:
    request = CONNECTOR.post(f"/exchange/v1/beneficiaries/{path}", body, "application/json")
    response = await mock.handle(CONNECTOR.auth.apply(request, await sign_in(mock)))
    assert (response.status_code, response.json()["code"]) == (200, "PARAM_INVALID")


async def test_the_mock_wants_a_signature(mock: MockUpstream) -> None:
    response = await mock.handle(
        CONNECTOR.post("/exchange/v1/beneficiaries/query", b"{}", "application/json")
    )
    assert (response.status_code, response.json()["code"]) == (401, "SIGN_MISSING")


async def test_maintenance_while_signing_in_is_no_rejection(mock: MockUpstream) -> None:
    mock.set_faults(Faults(maintenance=True))
    with pytest.raises(Unavailable):
        await sign_in(mock)
