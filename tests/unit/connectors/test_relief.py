import asyncio
from collections.abc import Callable
from datetime import date
from xml.sax.saxutils import escape

import httpx
import pytest

from connectors.relief import ReliefConnector, ReliefPerson
from connectors.relief.wire import PAGE_SIZE, SERVICE
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
from connectors.sdk.auth.soap_key import KeySession
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.run import converse, fetch
from mocks import relief
from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, City, Disagreement
from mocks.city.person import Person
from mocks.city.relief import CaseStatus, Programme
from tests.unit.connectors.said import said

CONNECTOR = ReliefConnector("http://relief.invalid", ConnectorSettings())
CREDENTIAL = Credential("gateway", "<p&ss 救助>")
SESSION = KeySession("0123456789abcdef")
STATUS = {
    CaseStatus.ACTIVE: "在享",
    CaseStatus.SUSPENDED: "停发",
    CaseStatus.REVIEW: "复核中",
    CaseStatus.ENDED: "已终止",
}


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
    accounts = {CREDENTIAL.username: CREDENTIAL.secret}
    return relief.build(city, accounts, seed=1, clock=clock, latency_ms=(0, 0))


async def sign_in(mock: MockUpstream, credential: Credential = CREDENTIAL) -> KeySession:
    return await converse(CONNECTOR.auth.sign_in(credential), mock.handle, CONNECTOR.base_url)


async def ask(mock: MockUpstream, query: Query) -> list[ReliefPerson]:
    return people(await fetch(CONNECTOR, query, await sign_in(mock), mock.handle))


def people(records: list[Record]) -> list[ReliefPerson]:
    return [record for record in records if isinstance(record, ReliefPerson)]


def identity(person: Person) -> Identity:
    return Identity(IdentityKind.CITIZEN, person.number)


def members(city: City, committee: str) -> list[Person]:
    return [city.person(pid) for case in city.relief_cases(committee) for pid in case.members]


# What is found


async def test_finds_a_person_with_one_call(city: City, mock: MockUpstream) -> None:
    person = next(p for p in members(city, DEMO_COMMITTEE) if not city.disagreements(p.pid))
    case = city.relief_case(person.pid)
    assert case is not None

    [found] = await ask(mock, FindPerson(identity(person)))

    assert mock.stats.calls == 1
    assert mock.stats.by_operation == {"login": 1, "queryPerson": 1}
    once = case.programme in {Programme.DISASTER, Programme.TEMPORARY}
    assert found == ReliefPerson(
        identity=identity(person),
        local_id=f"{case.number}{case.members.index(person.pid) + 1:02d}",
        household=case.number,
        registered_region=DEMO_COMMITTEE,
        name=person.name,
        id_number=person.number,
        relief_programmes=(case.programme.title,),
        relief_status=STATUS[case.status],
        relief_benefits=f"{'一次性' if once else '每月'}{case.monthly_amount:,}元",
        registered_address=city.address(person.registered, person.registered_door),
    )


async def test_most_people_have_no_case(city: City, mock: MockUpstream) -> None:
    person = next(
        p for p in city.residents(DEMO_COMMITTEE) if city.relief_case(p.pid) is None and len(p.number) == 18
    )
    unknown = CitizenId.make("319999", date(1931, 2, 3), 995)
    assert await ask(mock, FindPerson(identity(person))) == []
    assert await ask(mock, FindPerson(Identity(IdentityKind.CITIZEN, unknown.number))) == []
    assert mock.stats.calls == 2


@pytest.mark.parametrize(
    "unable",
    [
        Identity(IdentityKind.PASSPORT, "XM0000001"),
        Identity(IdentityKind.LOCAL, "relief:1"),
        Identity(IdentityKind.LOCAL, "household:1"),
    ],
)
async def test_what_it_cannot_look_up_is_not_asked(mock: MockUpstream, unable: Identity) -> None:
    assert await ask(mock, FindPerson(unable)) == []
    assert mock.stats.calls == 0


async def test_old_programmes_get_their_present_names(city: City, mock: MockUpstream) -> None:
    kept_under_old_name = city.with_disagreement(Disagreement.RELIEF_OLD_NAME, DEMO_COMMITTEE)
    assert kept_under_old_name
    for person in kept_under_old_name:
        case = city.relief_case(person.pid)
        assert case is not None
        [found] = await ask(mock, FindPerson(identity(person)))
        assert found.relief_programmes == (case.programme.title,)
        assert case.programme.former_title not in found.relief_programmes


async def test_garbled_names_are_kept_as_delivered(city: City, mock: MockUpstream) -> None:
    for person in city.with_disagreement(Disagreement.NAME_MANGLED, DEMO_COMMITTEE):
        [found] = await ask(mock, FindPerson(identity(person)))
        assert "?" in (found.name or "")
        assert found.name != person.name
        assert found.identity == identity(person)


# Lists and search


async def test_lists_everybody_of_a_committee_page_by_page(city: City, mock: MockUpstream) -> None:
    known = members(city, DEMO_COMMITTEE)
    assert len(known) > PAGE_SIZE
    found = await ask(mock, ListCommittee(DEMO_COMMITTEE))
    assert [person.identity for person in found] == [identity(person) for person in known]
    assert {person.registered_region for person in found} == {DEMO_COMMITTEE}
    assert mock.stats.by_operation["queryList"] == -(-len(known) // PAGE_SIZE)


async def test_an_unknown_committee_has_nobody(mock: MockUpstream) -> None:
    assert await ask(mock, ListCommittee("310109999999")) == []
    assert mock.stats.calls == 1


async def test_searches_by_name_within_regions(city: City, mock: MockUpstream) -> None:
    here, there = members(city, DEMO_COMMITTEE), members(city, DEMO_COMMITTEE_2)
    name = next(person.name[0] for person in here if any(person.name[0] == o.name[0] for o in there))
    query = Search(name, (DEMO_COMMITTEE, DEMO_COMMITTEE_2[:9], DEMO_COMMITTEE_2), 500)

    found = await ask(mock, query)

    assert {identity(person) for person in [*here, *there] if name in person.name} <= {
        person.identity for person in found
    }
    assert all(name in (person.name or "") for person in found)
    assert len({person.local_id for person in found}) == len(found)
    assert await ask(mock, Search(name, query.regions, 1)) == found[:1]
    assert await ask(mock, Search("查无此人", query.regions, 9)) == []
    assert await ask(mock, Search("<&\x00'\"", query.regions, 9)) == []


def test_a_question_that_it_cannot_answer_is_our_own_defect() -> None:
    assert FindHousehold not in CONNECTOR.operations
    with pytest.raises(NotImplementedError):
        next(CONNECTOR.exchange(FindHousehold("1")))


async def test_no_name_and_no_number_stands_in_a_url_or_header(city: City, mock: MockUpstream) -> None:
    seen: list[httpx.Request] = []

    async def send(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return await mock.handle(request)

    person = members(city, DEMO_COMMITTEE)[0]
    session = await sign_in(mock)
    for query in (FindPerson(identity(person)), Search(person.name, ("31",), 5)):
        await fetch(CONNECTOR, query, session, send)
    assert {str(request.url) for request in seen} == {"http://relief.invalid/services/ReliefService"}
    for request in seen:
        assert person.number not in str(request.headers.raw)
        assert session.key not in str(request.headers.raw)


# What the rows may hold

ASKED = Identity(IdentityKind.CITIZEN, CitizenId.make("319999", date(1935, 2, 3), 26).number)
OTHER = CitizenId.make("319999", date(1935, 2, 3), 28).number
FIND = FindPerson(ASKED)
FIELDS = {"DXBH": "A01", "JTBH": "A", "XM": "陈桂芳", "SFZH": ASKED.number}


def soap(value: str, *, charset: str = "gb18030") -> httpx.Response:
    body = (
        '<?xml version="1.0" encoding="GB2312"?><soapenv:Envelope'
        ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><r>'
        f"<v>{escape(value)}</v></r></soapenv:Body></soapenv:Envelope>"
    )
    headers = {"Content-Type": "text/xml;charset=GB2312"}
    return httpx.Response(200, headers=headers, content=body.encode(charset))


def result(*rows: dict[str, str], count: str | None = None) -> str:
    inner = "".join(
        "<ROW>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in (FIELDS | row).items()) + "</ROW>"
        for row in rows
    )
    total = str(len(rows)) if count is None else count
    return f'<?xml version="1.0" encoding="GB2312"?><RESULT><COUNT>{total}</COUNT>{inner}</RESULT>'


async def read(answer: str | httpx.Response, query: Query = FIND) -> list[ReliefPerson]:
    async def send(_request: httpx.Request) -> httpx.Response:
        return soap(answer) if isinstance(answer, str) else answer

    return people(await fetch(CONNECTOR, query, SESSION, send))


async def test_what_the_system_does_not_say_is_none() -> None:
    [found] = await read(result({}))
    assert found == ReliefPerson(
        identity=ASKED, local_id="A01", household="A", name="陈桂芳", id_number=ASKED.number
    )


@pytest.mark.parametrize(
    ("numbers", "names", "programmes"),
    [
        ("01", "低保", ("低保",)),
        ("02", "低保边缘", ("低保边缘",)),
        ("12", "低收入困难", ("低保边缘",)),
        ("12", "低保边缘", ("低保边缘",)),
        ("03", "支出型贫困", ("刚性支出困难",)),
        ("13", "支出型贫困", ("刚性支出困难",)),
        ("", "支出型贫困", ("刚性支出困难",)),
        ("01,06", "低保,临时救助", ("低保", "临时救助")),
        ("02,12", "", ("低保边缘",)),
        ("04, 05", "", ("特困供养", "受灾")),
        ("99", "临时救助", ("临时救助",)),
        ("01,99", "", ("低保",)),
        ("99", "没听说过", None),
        ("", "", None),
    ],
)
async def test_programmes_old_and_new_by_number_else_by_name(
    numbers: str, names: str, programmes: tuple[str, ...] | None
) -> None:
    [found] = await read(result({"JZLBDM": numbers, "JZLBMC": names}))
    assert found.relief_programmes == programmes


@pytest.mark.parametrize(
    ("amount", "paid", "words"),
    [
        ("1240.00", "1", "每月1,240元"),
        ("1240", "1", "每月1,240元"),
        ("980.5", "1", "每月980.50元"),
        ("2000.00", "2", "一次性2,000元"),
        ("0.00", "1", None),
        ("-5", "1", None),
        ("1240.00", "9", None),
        ("1240.00", "", None),
        ("陈桂芳", "1", None),
        ("NaN", "1", None),
        ("1E400", "1", None),
        ("", "1", None),
    ],
)
async def test_benefits_are_words_with_yuan(amount: str, paid: str, words: str | None) -> None:
    [found] = await read(result({"JZJE": amount, "FFFS": paid}))
    assert found.relief_benefits == words


async def test_status_codes() -> None:
    for code, word in {"1": "在享", "2": "停发", "3": "复核中", "4": "已终止", "5": None}.items():
        [found] = await read(result({"JZZT": code}))
        assert found.relief_status == word


async def test_an_old_number_is_normalised() -> None:
    born = CitizenId.make("319999", date(1935, 2, 3), 26)
    [found] = await read(result({"SFZH": born.old_form}))
    assert found.identity == ASKED
    assert found.id_number == ASKED.number


async def test_whoever_has_no_number_is_known_by_the_systems_own() -> None:
    [found] = await read(result({"SFZH": ""}), ListCommittee(DEMO_COMMITTEE))
    assert found.identity == Identity(IdentityKind.LOCAL, "relief:A01")
    assert found.id_number is None


async def test_a_duplicate_is_two_records_of_one_identity() -> None:
    first, second = await read(result({}, {"DXBH": "B01"}))
    assert first.identity == second.identity
    assert first.local_id != second.local_id


async def test_rare_characters_arrive_whole_though_gb2312_has_them_not() -> None:
    for name in ("𠮷田𬱖", "阿卜杜热合曼·买买提江", "a<&>b"):
        assert (await read(result({"XM": name})))[0].name == name


async def test_a_region_that_is_none_is_not_passed_on() -> None:
    assert (await read(result({"HJJWHDM": "陈桂芳"})))[0].registered_region == ""


async def test_nobody_in_three_ways() -> None:
    nil = soap("").content.replace(
        b"<v></v>", b'<v xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
    )
    for answer in ("查无此人", " 查无此人 ", result(), httpx.Response(200, content=nil)):
        assert await read(answer) == []


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ('{ errorMsg:"key已过期，需重新申请！" }', SessionExpired),
        ('{ errorMsg:"key无效" }', SessionExpired),
        ("{errorMsg:'今日调用次数已超过限额！陈桂芳'}", Throttled),
        ('{ "errorMsg" : "访问过于频繁" }', Throttled),
        ('{ errorMsg:"系统维护中，请稍后再试！" }', Unavailable),
        ('{ errorMsg:"账号已停用" }', AuthRejected),
        ('{ errorMsg:"陈桂芳" }', BadUpstreamData),
        ("{ errorMsg:", BadUpstreamData),
    ],
)
async def test_the_systems_own_errors_mean_what_they_say(answer: str, meaning: type[Exception]) -> None:
    with pytest.raises(meaning) as caught:
        await read(answer)
    assert "陈" not in said(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(result({"SFZH": OTHER}), id="another person"),
        pytest.param(result({}, {"SFZH": OTHER}), id="another person too"),
        pytest.param(result({"SFZH": ""}), id="nobody in particular"),
        pytest.param(result({"SFZH": "3****************8"}), id="masked number"),
        pytest.param(result({"DXBH": ""}), id="no own number"),
        pytest.param(result({"DXBH": "陈桂芳"}), id="odd own number"),
        pytest.param(result({"XM": "陈" * 201}), id="endless name"),
        pytest.param(result(*[{}] * 51), id="more rows than a page has"),
        pytest.param(result({}, count=""), id="no count"),
        pytest.param(result({}, count="-1"), id="negative count"),
        pytest.param(result({}, count="9" * 10), id="endless count"),
        pytest.param(result({}).replace("RESULT", "ERROR"), id="another root"),
        pytest.param(result({})[:-20], id="truncated inside"),
        pytest.param("陈桂芳", id="no XML"),
        pytest.param("", id="empty"),
        pytest.param("<!DOCTYPE a [<!ENTITY b '陈'>]><RESULT><COUNT>&b;</COUNT></RESULT>", id="entities"),
        pytest.param(soap(result({}), charset="utf-8"), id="another charset"),
        pytest.param(httpx.Response(200, text="<html>陈桂芳</html>"), id="a web page"),
        pytest.param(httpx.Response(200), id="nothing"),
        pytest.param(httpx.Response(403, text="陈桂芳"), id="another status"),
    ],
)
async def test_wrong_answers_are_bad_data_and_not_quoted(answer: str | httpx.Response) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        await read(answer)
    words = said(caught.value)
    assert "陈" not in words
    assert "319999" not in words


@pytest.mark.parametrize("count", ["0", "1", "3", "10001", "999999999"])
async def test_a_list_must_hold_what_it_promises(count: str) -> None:
    with pytest.raises(BadUpstreamData):
        await read(result({}, {"DXBH": "A02"}, count=count), ListCommittee(DEMO_COMMITTEE))


# Signing in, expiry and faults


async def test_a_wrong_password_is_rejected_and_tried_once(mock: MockUpstream) -> None:
    for wrong in (Credential("gateway", "wrong"), Credential("nobody", CREDENTIAL.secret)):
        before = mock.stats.failed_logins
        with pytest.raises(AuthRejected) as caught:
            await sign_in(mock, wrong)
        assert mock.stats.failed_logins == before + 1
        assert wrong.secret not in said(caught.value)
    assert mock.stats.logins == 0
    assert mock.stats.calls == 0


async def test_a_key_ends_after_half_an_hour(city: City, mock: MockUpstream, clock: Clock) -> None:
    session = await sign_in(mock)
    query = FindPerson(identity(members(city, DEMO_COMMITTEE)[0]))
    clock.now += relief.KEY_LIFE_S - 1
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
    (Faults(charset="utf-8"), BadUpstreamData),
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
    person = members(city, DEMO_COMMITTEE)[0]
    query = ListCommittee(DEMO_COMMITTEE) if listing else FindPerson(identity(person))
    session = await sign_in(mock)
    mock.set_faults(faults)
    with pytest.raises(meaning) as caught:
        await fetch(CONNECTOR, query, session, mock.handle)
    words = said(caught.value)
    for secret in (person.name, person.number, session.key, "NullPointer", "限额", "维护", "申请"):
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
    query = FindPerson(identity(members(city, DEMO_COMMITTEE)[0]))
    session = await sign_in(mock)
    mock.set_faults(Faults(quota=1))
    assert await fetch(CONNECTOR, query, session, mock.handle)
    with pytest.raises(Throttled):
        await fetch(CONNECTOR, query, session, mock.handle)
    assert (await sign_in(mock)).key, "a key can still be had"


async def test_a_hanging_system_answers_nobody_until_it_is_well(city: City, mock: MockUpstream) -> None:
    session = await sign_in(mock)
    mock.set_faults(Faults(hang=True))
    query = FindPerson(identity(members(city, DEMO_COMMITTEE)[0]))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(fetch(CONNECTOR, query, session, mock.handle), 0.05)
    mock.set_faults(Faults())
    assert await fetch(CONNECTOR, query, session, mock.handle)


# The mock's own manners


async def test_the_mock_is_slow_by_nature(city: City) -> None:
    assert relief.NATURAL_LATENCY_MS == (300, 800)
    mock = relief.build(city, {CREDENTIAL.username: CREDENTIAL.secret}, seed=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sign_in(mock), 0.1)


async def test_the_mock_declares_gb2312_and_sends_gb18030(city: City, mock: MockUpstream) -> None:
    person = members(city, DEMO_COMMITTEE)[0]
    request = SERVICE.call("queryPerson", {"sfzh": person.number}, url=CONNECTOR.url(SERVICE.path))
    response = await mock.handle(CONNECTOR.auth.apply(request, await sign_in(mock)))
    assert response.headers["content-type"] == "text/xml;charset=GB2312"
    text = response.content.decode("gb18030")
    assert text.count('encoding="GB2312"') == 2
    assert "&lt;RESULT&gt;" in text
    assert f"&lt;XM&gt;{person.name}" in text


@pytest.mark.parametrize(
    ("method", "parameters", "words"),
    [
        ("queryPerson", {"sfzh": ""}, "身份证号格式错误"),
        ("queryPerson", {}, "身份证号格式错误"),
        ("queryList", {"jwhdm": DEMO_COMMITTEE, "page": "0"}, "参数page错误"),
        ("queryList", {"jwhdm": DEMO_COMMITTEE, "page": "x"}, "参数page错误"),
        ("queryList", {"jwhdm": DEMO_COMMITTEE, "page": "9" * 5000}, "参数page错误"),
        ("querySearch", {"xm": "", "qhdm": "31"}, "参数错误"),
        ("querySearch", {"xm": "陈", "qhdm": ""}, "参数错误"),
        ("queryList", {"jwhdm": DEMO_COMMITTEE, "page": "999"}, "&lt;/COUNT&gt;&lt;/RESULT&gt;"),
    ],
)
async def test_the_mock_answers_bad_parameters_in_its_loose_way(
    mock: MockUpstream, method: str, parameters: dict[str, str], words: str
) -> None:
    request = SERVICE.call(method, parameters, url=CONNECTOR.url(SERVICE.path))
    response = await mock.handle(CONNECTOR.auth.apply(request, await sign_in(mock)))
    assert response.status_code == 200
    assert words in response.content.decode("gb18030")


def without_key() -> bytes:
    return SERVICE.call("queryPerson", {"sfzh": ASKED.number}, keyed=False).content


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (lambda: b"", 500),
        (lambda: b"<a/>", 500),
        (lambda: "<陈".encode("gb18030"), 500),
        (lambda: SERVICE.call("dropTables", {}).content, 500),
        (without_key, 200),
    ],
)
async def test_the_mock_refuses_what_is_no_request_of_its_own(
    mock: MockUpstream, content: Callable[[], bytes], status: int
) -> None:
    response = await mock.handle(CONNECTOR.post(SERVICE.path, content(), "text/xml"))
    assert response.status_code == status
    words = response.content.decode("gb18030")
    assert "soapenv:Fault" in words if status == 500 else "key无效" in words
