import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

import httpx
import pytest
from lxml import etree

from connectors.sdk import (
    API_VERSION,
    AuthRejected,
    AuthScheme,
    BadUpstreamData,
    CaptchaRequired,
    Connector,
    ConnectorSettings,
    Credential,
    Exchange,
    Identity,
    IdentityKind,
    Kind,
    ListCommittee,
    Manifest,
    NotFound,
    Query,
    Record,
    SessionExpired,
    Steps,
    Throttled,
    Unavailable,
    UpstreamError,
    Verdict,
    ask,
    ask_all,
)
from connectors.sdk.run import AT_ONCE, MAX_HOPS, Send, converse, cookie_header, fetch
from tests.unit.connectors.said import said

BASE = "http://line.example:8080/app"
SENTINEL = "哨兵319999194001010014"
Answers = Callable[[httpx.Request], httpx.Response]


class Person(Record):
    name: Annotated[str | None, Kind.NAME] = None


class Badge(AuthScheme[str]):
    """Session in a header; the upstream answers with a verdict's name in ``X-Verdict``."""

    def sign_in(self, credential: Credential) -> Steps[str]:
        response = yield httpx.Request("POST", "/login", content=credential.username.encode())
        return response.text

    def apply(self, request: httpx.Request, session: str) -> httpx.Request:
        request.headers["X-Badge"] = session
        return request

    def verdict(self, response: httpx.Response, session: str) -> Verdict:
        return Verdict(response.headers.get("X-Verdict", "ok"))


class Desk(Connector[ConnectorSettings]):
    """Plays the conversation it is given."""

    manifest = Manifest(name="desk", title="测试", seal="测", api=API_VERSION)
    operations: ClassVar[Mapping[type[Query], type[Record]]] = {ListCommittee: Person}
    auth = Badge()

    def __init__(self, script: Callable[["Desk"], Exchange], base_url: str = BASE) -> None:
        super().__init__(base_url, ConnectorSettings())
        self.script = script

    def exchange(self, query: Query) -> Exchange:
        return self.script(self)


def person(name: str) -> Person:
    return Person(identity=Identity(IdentityKind.LOCAL, f"desk:{name}"), local_id=name, name=name)


def upstream(answers: Answers) -> tuple[Send, list[httpx.Request]]:
    """Return a way to send to an upstream, and what it was sent."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers(request)

    return httpx.MockTransport(handler).handle_async_request, seen


def one_question(desk: Desk) -> Exchange:
    response = yield from ask(desk.get("/people"))
    return [person(name) for name in json.loads(response.content)["names"]]


async def look(answers: Answers, script: Callable[[Desk], Exchange] = one_question) -> list[Record]:
    send, _ = upstream(answers)
    return await fetch(Desk(script), ListCommittee("310109010003"), "b1", send)


def walk(path: str = "/start") -> Steps[httpx.Response]:
    return (yield httpx.Request("GET", path, headers={"Cookie": "own=1"}))


async def sign(answers: Answers, steps: Steps[httpx.Response] | None = None) -> httpx.Response:
    send, _ = upstream(answers)
    return await converse(steps or walk(), send, httpx.URL(BASE + "/"))


def tells_nothing(error: BaseException) -> bool:
    return SENTINEL not in said(error)


# --- origins


async def test_relative_addresses_lie_below_the_base_url() -> None:
    send, seen = upstream(lambda _: httpx.Response(200))
    await converse(walk("/login.jsp"), send, httpx.URL(BASE + "/"))
    assert str(seen[0].url) == "http://line.example:8080/app/login.jsp"
    assert seen[0].headers["Host"] == "line.example:8080"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://elsewhere.example/people",
        "http://line.example/people",
        "https://line.example:8080/people",
        "http://line.example:8081/people",
        "http://line.example.evil.example:8080/people",
    ],
)
async def test_no_request_leaves_the_origin(elsewhere: str) -> None:
    send, seen = upstream(lambda _: httpx.Response(200))

    def stray(_desk: Desk) -> Exchange:
        yield from ask(httpx.Request("GET", elsewhere))
        return []

    with pytest.raises(BadUpstreamData, match="left the base URL"):
        await fetch(Desk(stray), ListCommittee("310109010003"), "b1", send)
    with pytest.raises(BadUpstreamData, match="left the base URL"):
        await converse(walk(elsewhere), send, httpx.URL(BASE + "/"))
    assert seen == []


# --- redirects and cookies while signing in


async def test_a_redirect_is_followed_with_get_and_all_cookies() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/app/login.do":
            headers = [
                ("Location", "main.do"),
                ("Set-Cookie", "JSESSIONID=a1; Path=/app"),
                ("Set-Cookie", "lb=n2"),
            ]
            return httpx.Response(302, headers=headers)
        return httpx.Response(
            200, text=f"{request.method} {request.content.decode()}", headers={"Set-Cookie": "lb=n3"}
        )

    def log_in() -> Steps[httpx.Response]:
        return (yield httpx.Request("POST", "/login.do", content=b"password=x", headers={"Cookie": "own=1"}))

    send, seen = upstream(answers)
    landed = await converse(log_in(), send, httpx.URL(BASE + "/"))
    assert landed.text == "GET "
    assert landed.url.path == "/app/main.do"
    assert seen[1].headers["Cookie"] == "own=1; JSESSIONID=a1; lb=n2"
    assert landed.extensions["cookies"] == {"own": "1", "JSESSIONID": "a1", "lb": "n3"}


async def test_odd_cookies_are_carried_as_they_came() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/start"):
            odd = [("Set-Cookie", "a/b=1"), ("Set-Cookie", "route=x=y=="), ("Set-Cookie", 'q="v w"')]
            return httpx.Response(302, headers=[("Location", "/next"), *odd])
        return (
            httpx.Response(302, headers={"Location": "/end"})
            if "next" in request.url.path
            else httpx.Response(200)
        )

    landed = await sign(answers)
    assert landed.extensions["cookies"] == {"own": "1", "a/b": "1", "route": "x=y==", "q": '"v w"'}
    assert cookie_header({"a": "1", "b": "2"}) == "a=1; b=2"


async def test_as_many_hops_as_allowed_and_not_one_more() -> None:
    def hops(count: int) -> Answers:
        left = iter([httpx.Response(302, headers={"Location": "/again"})] * count + [httpx.Response(200)])
        return lambda _: next(left)

    assert (await sign(hops(MAX_HOPS))).status_code == 200
    with pytest.raises(BadUpstreamData, match="too many redirects"):
        await sign(hops(MAX_HOPS + 1))


@pytest.mark.parametrize(
    "location", ["http://elsewhere.invalid/" + SENTINEL, "//elsewhere.invalid/", "https://[", None]
)
async def test_a_redirect_elsewhere_is_not_followed(location: str | None) -> None:
    send, seen = upstream(
        lambda _: httpx.Response(302, headers=[(b"Location", location.encode())] if location else [])
    )
    with pytest.raises(BadUpstreamData) as caught:
        await converse(walk(), send, httpx.URL(BASE + "/"))
    assert len(seen) == 1
    assert tells_nothing(caught.value)


async def test_two_cookies_of_one_name_are_bad_data() -> None:
    twice = [("Set-Cookie", "id=1; Path=/app"), ("Set-Cookie", "id=2; Path=/")]
    with pytest.raises(BadUpstreamData):
        await sign(lambda _: httpx.Response(200, headers=twice))


# --- what a status means


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("7", 7.0), ("0", 0.0), ("", None), ("Sat, 21 Nov 2026 03:20:00 GMT", None), ("-3", None)],
)
async def test_429_says_how_long_to_wait(after: str, seconds: float | None) -> None:
    def answers(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": after} if after else {})

    for attempt in (look(answers), sign(answers)):
        with pytest.raises(Throttled) as caught:
            await attempt
        assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_server_errors_are_unavailable(status: int) -> None:
    def answers(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=SENTINEL, headers={"X-Verdict": "rejected"})

    for attempt in (look(answers), sign(answers)):
        with pytest.raises(Unavailable) as caught:
            await attempt
        assert tells_nothing(caught.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotFound),
        (302, BadUpstreamData),
        (304, BadUpstreamData),
        (400, BadUpstreamData),
        (403, BadUpstreamData),
    ],
)
async def test_other_statuses_of_a_question(status: int, error: type[UpstreamError]) -> None:
    send, seen = upstream(
        lambda _: httpx.Response(status, text=SENTINEL, headers={"Location": "/app/login.jsp"})
    )
    with pytest.raises(error) as caught:
        await fetch(Desk(one_question), ListCommittee("310109010003"), "b1", send)
    assert len(seen) == 1
    assert tells_nothing(caught.value)


@pytest.mark.parametrize(
    ("verdict", "error"),
    [(Verdict.EXPIRED, SessionExpired), (Verdict.REJECTED, AuthRejected), (Verdict.CAPTCHA, CaptchaRequired)],
)
async def test_a_verdict_comes_before_the_connector_reads(
    verdict: Verdict, error: type[UpstreamError]
) -> None:
    with pytest.raises(error):
        await look(lambda _: httpx.Response(200, text="no JSON", headers={"X-Verdict": verdict}))


# --- conversations


async def test_signing_in_returns_the_session() -> None:
    send, seen = upstream(lambda request: httpx.Response(200, text="b-" + request.content.decode()))
    assert await converse(Badge().sign_in(Credential("cadre", "s")), send, httpx.URL(BASE + "/")) == "b-cadre"
    assert len(seen) == 1


async def test_a_question_bears_the_session_and_returns_records() -> None:
    send, seen = upstream(lambda _: httpx.Response(200, json={"names": ["陈桂芳"]}))
    found = await fetch(Desk(one_question), ListCommittee("310109010003"), "b1", send)
    assert found == [person("陈桂芳")]
    assert [request.headers["X-Badge"] for request in seen] == ["b1"]


async def test_many_questions_come_back_in_order_a_few_at_a_time() -> None:
    under_way = most = 0

    async def send(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        number = int(request.url.path.rpartition("/")[2])
        await asyncio.sleep(0.001 * (10 - number))
        under_way -= 1
        return httpx.Response(200, text=str(number))

    def script(desk: Desk) -> Exchange:
        responses = yield from ask_all([desk.get(f"/page/{number}") for number in range(10)])
        return [person(response.text) for response in responses]

    found = await fetch(Desk(script), ListCommittee("310109010003"), "b1", send)
    assert [each.local_id for each in found] == [str(number) for number in range(10)]
    assert most == AT_ONCE


async def test_no_questions_send_nothing() -> None:
    def script(_desk: Desk) -> Exchange:
        assert (yield from ask_all([])) == []
        return []

    send, seen = upstream(lambda _: httpx.Response(200))
    assert await fetch(Desk(script), ListCommittee("310109010003"), "b1", send) == []
    assert seen == []


async def test_the_first_failure_of_many_stops_the_rest_and_is_raised_as_itself() -> None:
    finished: list[str] = []

    async def send(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/0"):
            return httpx.Response(200, headers={"X-Verdict": "expired"})
        await asyncio.sleep(30)
        finished.append(request.url.path)
        return httpx.Response(200)

    def script(desk: Desk) -> Exchange:
        yield from ask_all([desk.get(f"/page/{number}") for number in range(8)])
        return []

    async with asyncio.timeout(5):
        with pytest.raises(SessionExpired):
            await fetch(Desk(script), ListCommittee("310109010003"), "b1", send)
    assert finished == []


# --- bad data


def as_number(text: str) -> None:
    int(text)


def as_key(text: str) -> None:
    dict[str, str]()[text]


def as_dict(text: str) -> None:
    json.loads(f'"{text}"')["rows"]


def as_method(text: str) -> None:
    getattr(text, text)


def as_xml(text: str) -> None:
    etree.fromstring(f"<{text}><")


@pytest.mark.parametrize("trip", [as_number, as_key, as_dict, as_method, as_xml])
async def test_whatever_trips_over_an_answer_is_bad_data_and_quotes_nothing(
    trip: Callable[[str], None],
) -> None:
    def script(desk: Desk) -> Exchange:
        trip((yield from ask(desk.get("/people"))).text)
        return []

    def steps() -> Steps[httpx.Response]:
        response = yield httpx.Request("GET", "/start")
        trip(response.text)
        return response

    for attempt in (
        look(lambda _: httpx.Response(200, text=SENTINEL), script),
        sign(lambda _: httpx.Response(200, text=SENTINEL), steps()),
    ):
        with pytest.raises(BadUpstreamData) as caught:
            await attempt
        assert tells_nothing(caught.value)


async def test_a_defect_of_the_connector_surfaces() -> None:
    def script(desk: Desk) -> Exchange:
        yield from ask(desk.get("/people"))
        raise RuntimeError("defect")

    with pytest.raises(RuntimeError, match="defect"):
        await look(lambda _: httpx.Response(200), script)


async def test_the_conversation_is_closed_when_the_network_fails() -> None:
    closed: list[bool] = []

    def script(desk: Desk) -> Exchange:
        try:
            yield from ask(desk.get("/people"))
        finally:
            closed.append(True)
        return []

    def answers(_request: httpx.Request) -> httpx.Response:
        raise Unavailable("refused")

    with pytest.raises(Unavailable):
        await look(answers, script)
    assert closed == [True]
