import json
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.meals import Diner, MealsConnector
from connectors.meals.wire import PAGE_SIZE
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
    ListCommittee,
    Query,
    Record,
    Search,
    SessionExpired,
    Throttled,
    Unavailable,
)
from connectors.sdk.auth.cas import CasSession
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.run import converse, fetch
from mocks import meals
from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, City, Disagreement
from mocks.city.codes import DocumentKind
from mocks.city.person import Person
from tests.unit.connectors.said import said

CONNECTOR = MealsConnector("http://meals.invalid", ConnectorSettings())
CREDENTIAL = Credential("gateway", "p&ss=word 助餐")
SESSION = CasSession({}, {"SESSION": "0"})
WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def city() -> City:
    return City(seed=7, population=12_000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mock(city: City, clock: Clock) -> MockUpstream:
    return meals.build(city, {CREDENTIAL.username: CREDENTIAL.secret}, clock=clock)


async def sign_in(mock: MockUpstream, credential: Credential = CREDENTIAL) -> CasSession:
    return await converse(CONNECTOR.auth.sign_in(credential), mock.handle, CONNECTOR.base_url)


async def ask(mock: MockUpstream, query: Query) -> list[Diner]:
    return diners(await fetch(CONNECTOR, query, await sign_in(mock), mock.handle))


def diners(records: list[Record]) -> list[Diner]:
    return [record for record in records if isinstance(record, Diner)]


def identity(person: Person) -> Identity:
    citizen = person.document is DocumentKind.CITIZEN
    return Identity(IdentityKind.CITIZEN if citizen else IdentityKind.PASSPORT, person.number)


def diner(city: City, *, meal: bool = True, milk: bool = True) -> Person:
    return next(
        person
        for person in city.residents(DEMO_COMMITTEE)
        if not city.disagreements(person.pid)
        and (entry := city.meals_view(person))
        and ((entry.plan.meal is not None), entry.plan.milk) == (meal, milk)
    )


# What is found


async def test_finds_a_person_with_one_call(city: City, mock: MockUpstream) -> None:
    person = diner(city)
    entry = city.meals_view(person)
    assert entry is not None

    [found] = await ask(mock, FindPerson(identity(person)))

    assert mock.stats.calls == mock.stats.by_operation["find"] == 1
    assert found == Diner(
        identity=identity(person),
        local_id=f"D{person.pid:08d}",
        residence_region=DEMO_COMMITTEE,
        name=person.name,
        id_number=person.number,
        meal_service=True,
        meal_days=tuple(day for day, on in zip(WEEK, entry.plan.meal_days, strict=True) if on == "1"),
        milk_service=True,
        milk_days=tuple(day for day, on in zip(WEEK, entry.plan.milk_days, strict=True) if on == "1"),
        tags=("助餐",),
    )


async def test_milk_alone_is_no_meal(city: City, mock: MockUpstream) -> None:
    [found] = await ask(mock, FindPerson(identity(diner(city, meal=False))))
    assert (found.meal_service, found.meal_days, found.tags) == (False, None, None)
    assert found.milk_service
    assert found.milk_days


async def test_finds_by_passport_and_by_its_own_number(city: City, mock: MockUpstream) -> None:
    number = CitizenId.make("319999", date(1931, 2, 3), 995).number
    person = diner(city)
    own = Identity(IdentityKind.LOCAL, f"meals:D{person.pid:08d}")
    assert [found.identity for found in await ask(mock, FindPerson(own))] == [identity(person)]
    nobody = (
        Identity(IdentityKind.CITIZEN, number),
        Identity(IdentityKind.PASSPORT, person.number),
        Identity(IdentityKind.LOCAL, "meals:D99999999"),
        Identity(IdentityKind.LOCAL, f"meals:{'9' * 5000}"),
    )
    for one in nobody:
        assert await ask(mock, FindPerson(one)) == []
    calls = mock.stats.calls
    for one in (Identity(IdentityKind.LOCAL, "meals:"), Identity(IdentityKind.LOCAL, "elderly:D00000001")):
        assert await ask(mock, FindPerson(one)) == []
    assert mock.stats.calls == calls, "what it cannot look up is not asked"


async def test_the_dead_get_nothing_any_more(city: City, mock: MockUpstream) -> None:
    dead = [person for person in city.residents(DEMO_COMMITTEE) if person.died and person.number]
    assert dead
    for person in dead:
        assert await ask(mock, FindPerson(identity(person))) == []


@pytest.mark.parametrize(
    ("kind", "field"),
    [(Disagreement.MEALS_DIFFER, "meal_service"), (Disagreement.MILK_DIFFERS, "milk_service")],
)
async def test_what_the_system_has_otherwise_is_reported_as_it_stands_there(
    city: City, mock: MockUpstream, kind: Disagreement, field: str
) -> None:
    people = city.with_disagreement(kind, DEMO_COMMITTEE)
    assert people
    for person in people:
        [found] = await ask(mock, FindPerson(identity(person)))
        assert getattr(found, field) is not bool(getattr(city.elderly_facts(person), field))


async def test_lists_everybody_of_a_committee_page_by_page(city: City, mock: MockUpstream) -> None:
    expected = {f"D{p.pid:08d}" for p in city.residents(DEMO_COMMITTEE) if city.meals_view(p)}
    found = await ask(mock, ListCommittee(DEMO_COMMITTEE))
    assert {person.local_id for person in found} == expected
    assert mock.stats.calls == -(-len(expected) // PAGE_SIZE) > 1
    assert await ask(mock, ListCommittee("310109999999")) == []


async def test_searches_by_name_within_regions(city: City, mock: MockUpstream) -> None:
    name = diner(city).name[0]
    query = Search(name, (DEMO_COMMITTEE[:9], DEMO_COMMITTEE_2, DEMO_COMMITTEE), 40)
    found = await ask(mock, query)
    assert found
    assert all(name in (person.name or "") for person in found)
    assert len({person.local_id for person in found}) == len(found)
    assert await ask(mock, Search("查无此人", ("31",), 9)) == []


def test_a_question_that_it_cannot_answer_is_our_own_defect() -> None:
    with pytest.raises(NotImplementedError):
        next(CONNECTOR.exchange(FindHousehold("1")))


async def test_nobody_is_named_in_a_url(city: City, mock: MockUpstream) -> None:
    urls: list[str] = []

    async def send(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return await mock.handle(request)

    person, session = diner(city), await sign_in(mock)
    await fetch(CONNECTOR, FindPerson(identity(person)), session, send)
    await fetch(CONNECTOR, Search(person.name, ("31",), 5), session, send)
    assert urls == [f"http://meals.invalid/meals/orders/{name}.json" for name in ("find", "search")]


# Sessions


async def test_a_session_ends_after_half_an_hour_and_the_next_costs_no_password(
    city: City, mock: MockUpstream, clock: Clock
) -> None:
    session, query = await sign_in(mock), FindPerson(identity(diner(city)))
    clock.now += 1800
    assert await fetch(CONNECTOR, query, session, mock.handle)
    clock.now += 1
    with pytest.raises(SessionExpired):
        await fetch(CONNECTOR, query, session, mock.handle)
    sent: list[httpx.Request] = []

    async def send(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return await mock.handle(request)

    renewed = await converse(CONNECTOR.auth.renew(CREDENTIAL, session), send, CONNECTOR.base_url)
    assert await fetch(CONNECTOR, query, renewed, mock.handle)
    assert {request.method for request in sent} == {"GET"}, "no form was posted"
    assert mock.stats.logins == 1


async def test_without_a_session_the_way_leads_to_the_cas_login(mock: MockUpstream) -> None:
    response = await mock.handle(CONNECTOR.post_form("/meals/orders/find.json", {"orderNo": "D00000001"}))
    assert (response.status_code, response.headers["location"]) == (302, "/cas/login")


async def test_a_ticket_is_good_for_one_use(city: City, mock: MockUpstream) -> None:
    sent: list[httpx.Request] = []

    async def send(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return await mock.handle(request)

    await converse(CONNECTOR.auth.sign_in(CREDENTIAL), send, CONNECTOR.base_url)
    [entry] = [request for request in sent if "ticket" in request.url.params]
    again = await mock.handle(entry)
    assert "/cas/login" in again.headers["location"], "sent back to the server, without a session"
    ticket, service = entry.url.params["ticket"], "http://meals.invalid/meals/index"
    validate = CONNECTOR.base_url.join("cas/serviceValidate").copy_merge_params(
        {"ticket": ticket, "service": service}
    )
    assert 'code="INVALID_TICKET"' in (await mock.handle(httpx.Request("GET", validate))).text


async def test_a_wrong_password_is_rejected_and_tried_once(mock: MockUpstream) -> None:
    with pytest.raises(AuthRejected) as caught:
        await sign_in(mock, Credential("gateway", "wrong one"))
    assert mock.stats.failed_logins == 1
    assert "wrong one" not in said(caught.value)


async def test_maintenance_while_signing_in_is_no_rejection(mock: MockUpstream) -> None:
    mock.set_faults(Faults(maintenance=True))
    with pytest.raises(Unavailable):
        await sign_in(mock)


# What the rows may hold

ASKED = Identity(IdentityKind.CITIZEN, CitizenId.make("319999", date(1935, 2, 3), 26).number)
ROW: dict[str, Any] = {"orderNo": "D1", "name": "陈桂芳", "cardType": "1", "cardNo": ASKED.number}


async def read(answer: object, asked: Identity = ASKED) -> list[Diner]:
    async def send(_request: httpx.Request) -> httpx.Response:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return httpx.Response(200, content=content, headers={"Content-Type": "application/json"})

    return diners(await fetch(CONNECTOR, FindPerson(asked), SESSION, send))


def rows(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"SUCCESS": "true", "TOTAL": str(len(changes)), "DATA": [ROW | change for change in changes]}


async def test_what_the_system_does_not_say_is_none() -> None:
    nothing = Diner(identity=ASKED, local_id="D1", name="陈桂芳", id_number=ASKED.number)
    assert await read(rows({})) == [nothing]
    assert await read(rows({"mealState": "5", "mealDays": "1111111", "committee": "陈桂芳"})) == [nothing]


@pytest.mark.parametrize("days", ["", "111", "11111112", "周一", "0000000", None])
async def test_days_that_are_none_leave_the_service(days: str | None) -> None:
    [found] = await read(rows({"mealState": "0", "mealDays": days}))
    assert (found.meal_service, found.meal_days) == (True, None)


async def test_a_stopped_order_has_no_days() -> None:
    [found] = await read(rows({"milkState": "9", "milkDays": "1111111"}))
    assert (found.milk_service, found.milk_days) == (False, None)


async def test_passports_and_nobodys_cards() -> None:
    passport = Identity(IdentityKind.PASSPORT, "G0000001")
    [found] = await read(rows({"cardType": "2", "cardNo": " g0000001"}), passport)
    assert (found.identity, found.id_number) == (passport, "G0000001")
    own = Identity(IdentityKind.LOCAL, "meals:D1")
    [found] = await read(rows({"cardNo": ""}), own)
    assert (found.identity, found.id_number) == (own, None)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ({"SUCCESS": "false", "CODE": "BUSY", "MSG": "操作过于频繁"}, Throttled),
        ({"SUCCESS": "false", "CODE": "ERROR", "MSG": ASKED.number}, BadUpstreamData),
        ({"SUCCESS": "false", "TOTAL": "0", "DATA": []}, BadUpstreamData),
        ({"SUCCESS": True, "TOTAL": "0", "DATA": []}, BadUpstreamData),
        ({"SUCCESS": "true", "DATA": []}, BadUpstreamData),
        ({"SUCCESS": "true", "TOTAL": "-1", "DATA": []}, BadUpstreamData),
        ({"SUCCESS": "true", "TOTAL": "1", "DATA": {}}, BadUpstreamData),
        (rows({"orderNo": ""}), BadUpstreamData),
        (rows({"cardNo": "319***********0026"}), BadUpstreamData),
        (rows({"cardNo": CitizenId.make("319999", date(1935, 2, 3), 27).number}), BadUpstreamData),
        (b"[]", BadUpstreamData),
        (b"<html>", BadUpstreamData),
    ],
)
async def test_answers_that_are_none(answer: object, meaning: type[Exception]) -> None:
    with pytest.raises(meaning) as caught:
        await read(answer)
    assert ASKED.number not in said(caught.value)


@pytest.mark.parametrize(
    ("operation", "fields"),
    [("find", {}), ("search", {"name": "陈"}), ("search", {"region": "31"}), ("list", {"page": "0"})],
)
async def test_the_mock_refuses_bad_parameters_with_200(
    mock: MockUpstream, operation: str, fields: dict[str, str]
) -> None:
    request = CONNECTOR.post_form(f"/meals/orders/{operation}.json", fields)
    response = await mock.handle(CONNECTOR.auth.apply(request, await sign_in(mock)))
    assert (response.status_code, response.json()["CODE"]) == (200, "PARAM")
