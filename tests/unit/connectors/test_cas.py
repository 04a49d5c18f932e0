from dataclasses import dataclass
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    Credential,
    Unavailable,
    Verdict,
)
from connectors.sdk.auth.cas import Cas, CasSession
from connectors.sdk.auth.cas_grant import CasForm, CasGrant, CasRest
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.mock.cas import CasDoor
from connectors.sdk.mock.door import account_of
from connectors.sdk.run import converse
from tests.unit.connectors.said import said
from tests.unit.connectors.talk import Talk

WHO = Credential("王芳", "哨兵 &=")
BOTH = pytest.mark.parametrize("by", [CasForm(), CasRest()], ids=["form", "rest"])


@dataclass
class Clock:
    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class Meals(Talk):
    """A system behind CAS."""

    def __init__(self, by: CasGrant | None = None) -> None:
        super().__init__(MockUpstream("meals"))
        self.clock = Clock()
        self.door = CasDoor(self.mock, {WHO.username: WHO.secret}, entry="/meals/", clock=self.clock)
        self.door.route("GET", "/meals/who", operation="who")(
            lambda request: httpx.Response(200, text=account_of(request))
        )
        self.scheme = Cas(server="/cas", entry="/meals/", by=by or CasForm())

    async def enter(self, secret: str = WHO.secret) -> CasSession:
        return await self.sign_in(self.scheme, WHO.username, secret)

    async def who(self, session: CasSession) -> httpx.Response:
        return await self.ask(self.scheme, session, "/meals/who")

    async def renew(self, session: CasSession) -> CasSession:
        return await self.run(self.scheme.renew(WHO, session))


@BOTH
async def test_a_ticket_becomes_a_session_of_the_system(by: CasGrant) -> None:
    talk = Meals(by)
    session = await talk.enter()
    assert (await talk.who(session)).text == WHO.username
    assert (talk.mock.stats.logins, talk.mock.stats.failed_logins) == (1, 0)


@BOTH
async def test_an_ended_session_is_renewed_without_the_password(by: CasGrant) -> None:
    talk = Meals(by)
    old = await talk.enter()
    talk.mock.set_faults(Faults(expire_sessions=True))
    answer = await talk.who(old)
    assert talk.scheme.verdict(answer, old) is Verdict.EXPIRED

    talk.seen.clear()
    new = await talk.renew(old)
    assert (await talk.who(new)).text == WHO.username
    assert new.granting == old.granting
    assert new.cookies != old.cookies
    assert talk.mock.stats.logins == 1, "one sign-in at the server in all"
    assert not any(b"password" in request.content for request in talk.seen)


@BOTH
async def test_when_the_granting_ticket_is_over_too_the_password_is_sent_again(by: CasGrant) -> None:
    talk = Meals(by)
    old = await talk.enter()
    talk.door.forget()
    new = await talk.renew(old)
    assert new.granting != old.granting
    assert (await talk.who(new)).text == WHO.username
    assert talk.mock.stats.logins == 2


@BOTH
async def test_a_wrong_password_is_sent_once(by: CasGrant) -> None:
    talk = Meals(by)
    with pytest.raises(AuthRejected) as caught:
        await talk.enter("哨兵 wrong")
    assert talk.mock.stats.failed_logins == 1
    assert "哨兵" not in said(caught.value)


@BOTH
async def test_signing_out_ends_what_the_tickets_led_to(by: CasGrant) -> None:
    talk = Meals(by)
    session = await talk.enter()
    await talk.run(talk.scheme.sign_out(session))
    assert talk.scheme.verdict(await talk.who(session), session) is Verdict.EXPIRED
    await talk.renew(session)
    assert talk.mock.stats.logins == 2, "the granting ticket is over"


@BOTH
async def test_neither_side_is_sent_the_others_cookies(by: CasGrant) -> None:
    talk = Meals(by)
    session = await talk.enter()
    await talk.renew(session)
    await talk.who(session)
    for request in talk.seen:
        cookie = request.headers.get("cookie", "")
        assert "TGT-" not in cookie or request.url.path.startswith("/cas/")
        assert not any(value in cookie for value in session.cookies.values()) or request.url.path == (
            "/meals/who"
        )


@BOTH
async def test_name_and_password_stand_in_a_body_alone(by: CasGrant) -> None:
    talk = Meals(by)
    await talk.enter()
    [sent] = [request for request in talk.seen if b"password" in request.content]
    form = parse_qs(sent.content.decode("ascii"))
    assert (form["username"], form["password"]) == ([WHO.username], [WHO.secret])
    for request in talk.seen:
        assert WHO.secret not in httpx.URL(str(request.url)).params.values()
        assert WHO.username not in str(request.url.params)


@BOTH
async def test_every_ticket_is_used_once(by: CasGrant) -> None:
    talk = Meals(by)
    await talk.renew(await talk.enter())
    used = [request for request in talk.seen if "ticket" in request.url.params]
    assert len({str(request.url) for request in used}) == len(used) == 2
    again = await talk.send(used[0])
    assert again.headers["location"].startswith("/cas/login"), "and the system takes it only once"


async def test_a_ticket_is_gone_after_a_failed_use_after_its_time_and_for_another_service() -> None:
    talk = Meals()

    async def ticket() -> str:
        form = CasForm()
        grant = await talk.run(form.grant("/cas", "http://line.example:8080/meals/", WHO))
        return grant.ticket

    async def use(one: str, service: str = "http://line.example:8080/meals/") -> str:
        url = talk.base.join("cas/serviceValidate")
        params = {"ticket": one, "service": service}
        return (await talk.send(httpx.Request("GET", url, params=params))).text

    one = await ticket()
    assert "INVALID_TICKET" in await use(one, "http://elsewhere.invalid/")
    assert "INVALID_TICKET" in await use(one), "used up by the failure"
    one = await ticket()
    talk.clock.now += 301
    assert "INVALID_TICKET" in await use(one)
    one = await ticket()
    talk.clock.now += 299
    assert f"<cas:user>{WHO.username}</cas:user>" in await use(one)


@BOTH
async def test_a_ticket_is_gone_when_its_owner_signs_out(by: CasGrant) -> None:
    talk = Meals()
    service = "http://line.example:8080/meals/"
    grant = await talk.run(by.grant("/cas", service, WHO))
    await talk.run(by.end("/cas", grant.granting))
    assert talk.door.redeem(grant.ticket, service) is None


async def test_a_captcha_is_for_a_person_and_nothing_is_sent() -> None:
    talk = Meals()
    talk.mock.set_faults(Faults(captcha=True))
    with pytest.raises(CaptchaRequired):
        await talk.enter()
    assert {request.method for request in talk.seen} == {"GET"}


async def test_a_changed_form_gets_no_password() -> None:
    talk = Meals()
    talk.mock.set_faults(Faults(login_form_changed=True))
    with pytest.raises(BadUpstreamData):
        await talk.enter()
    assert {request.method for request in talk.seen} == {"GET"}


async def test_looking_sends_nothing_and_sees_that_the_form_is_the_same() -> None:
    talk = Meals()
    first = await talk.run(talk.scheme.look())
    assert first == await talk.run(talk.scheme.look())
    assert {request.method for request in talk.seen} == {"GET"}
    assert len(first) == 16
    rest = Meals(CasRest())
    assert await rest.run(rest.scheme.look()) == ""


FORM = (
    '<form method="post" action="{action}"><input name="username">'
    '<input type="password" name="password"></form>'
)


async def signs_in(
    changes: dict[str, httpx.Response], by: CasGrant, seen: list[httpx.Request] | None = None
) -> list[httpx.Request]:
    """Sign in at a server that answers as given, else as it should."""
    service = "http://line.example/in"
    answers = {
        "GET /in": httpx.Response(302, headers={"Location": f"/cas/login?service={service}"}),
        "GET /cas/login": httpx.Response(200, html=FORM.format(action="")),
        "POST /cas/login": httpx.Response(302, headers={"Location": f"{service}?ticket=ST-1-a"}),
        "GET /in?ticket=ST-1-a": httpx.Response(302, headers={"Set-Cookie": "s=1", "Location": "/in"}),
        "POST /cas/v1/tickets": httpx.Response(201, headers={"Location": "/cas/v1/tickets/TGT-1"}),
        "POST /cas/v1/tickets/TGT-1": httpx.Response(200, text="ST-1-a"),
    } | changes
    seen = [] if seen is None else seen

    async def send(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        path = request.url.raw_path.decode()
        return answers.get(f"{request.method} {path}") or answers[f"{request.method} {request.url.path}"]

    scheme = Cas(server="/cas", entry="/in", by=by)
    session = await converse(scheme.sign_in(WHO), send, httpx.URL("http://line.example/"))
    assert session.cookies == {"s": "1"}
    return seen


def redirect(target: str) -> httpx.Response:
    return httpx.Response(302, headers=[(b"Location", target.encode())])


WRONG: dict[str, tuple[dict[str, httpx.Response], type[Exception], int]] = {
    "service elsewhere": (
        {"GET /in": redirect("/cas/login?service=http://elsewhere.invalid/in")},
        BadUpstreamData,
        0,
    ),
    "no service": ({"GET /in": redirect("/cas/login")}, BadUpstreamData, 0),
    "form posts elsewhere": (
        {
            "GET /cas/login": httpx.Response(
                200, html=FORM.format(action="http://elsewhere.invalid/cas/login")
            )
        },
        BadUpstreamData,
        0,
    ),
    "form posts to another page": (
        {"GET /cas/login": httpx.Response(200, html=FORM.format(action="/cas/other"))},
        BadUpstreamData,
        0,
    ),
    "form wants more": (
        {
            "GET /cas/login": httpx.Response(
                200, html=FORM.format(action="").replace("</form>", '<input name="sms"></form>')
            )
        },
        BadUpstreamData,
        0,
    ),
    "form by get": (
        {"GET /cas/login": httpx.Response(200, html=FORM.replace("post", "get").format(action=""))},
        BadUpstreamData,
        0,
    ),
    "form again": ({"POST /cas/login": httpx.Response(200, html=FORM.format(action=""))}, AuthRejected, 1),
    "locked": ({"POST /cas/login": httpx.Response(423)}, AuthRejected, 1),
    "change your password": (
        {"POST /cas/login": httpx.Response(200, html="<p>哨兵</p>")},
        BadUpstreamData,
        1,
    ),
    "ticket for elsewhere": (
        {"POST /cas/login": redirect("http://elsewhere.invalid/in?ticket=ST-1-a")},
        BadUpstreamData,
        1,
    ),
    "no ticket": ({"POST /cas/login": redirect("http://line.example/in")}, BadUpstreamData, 1),
    "not a ticket": (
        {"POST /cas/login": redirect("http://line.example/in?ticket=哨兵")},
        BadUpstreamData,
        1,
    ),
    "ticket refused": ({"GET /in?ticket=ST-1-a": redirect("/cas/login?service=x")}, Unavailable, 1),
    "ticket refused with 401": ({"GET /in?ticket=ST-1-a": httpx.Response(401)}, Unavailable, 1),
    "no session": ({"GET /in?ticket=ST-1-a": httpx.Response(200)}, BadUpstreamData, 1),
    "forbidden": (
        {"GET /in?ticket=ST-1-a": httpx.Response(403, headers={"Set-Cookie": "s=1"})},
        BadUpstreamData,
        1,
    ),
    "server down": ({"POST /cas/login": httpx.Response(503)}, Unavailable, 1),
}


async def test_the_way_through_the_form() -> None:
    seen = await signs_in({}, CasForm())
    assert [request.method for request in seen] == ["GET", "GET", "POST", "GET"]


@pytest.mark.parametrize(("changes", "error", "attempts"), WRONG.values(), ids=WRONG)
async def test_what_may_go_wrong_on_the_way(
    changes: dict[str, httpx.Response], error: type[Exception], attempts: int
) -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(error) as caught:
        await signs_in(changes, CasForm(), seen)
    assert "哨兵" not in said(caught.value)
    assert sum(request.method == "POST" for request in seen) == attempts


REST_WRONG: dict[str, tuple[dict[str, httpx.Response], type[Exception]]] = {
    "refused": ({"POST /cas/v1/tickets": httpx.Response(401)}, AuthRejected),
    "refused by an old server": ({"POST /cas/v1/tickets": httpx.Response(400)}, AuthRejected),
    "not opened": ({"POST /cas/v1/tickets": httpx.Response(404)}, BadUpstreamData),
    "no number": ({"POST /cas/v1/tickets": httpx.Response(201)}, BadUpstreamData),
    "not a number": (
        {"POST /cas/v1/tickets": httpx.Response(201, headers={"Location": "/cas/TGT-%E5%93%A8"})},
        BadUpstreamData,
    ),
    "no ticket": ({"POST /cas/v1/tickets/TGT-1": httpx.Response(404)}, BadUpstreamData),
    "not a ticket": ({"POST /cas/v1/tickets/TGT-1": httpx.Response(200, text="哨兵")}, BadUpstreamData),
}


async def test_the_way_through_rest() -> None:
    assert len(await signs_in({}, CasRest())) == 4


@pytest.mark.parametrize(("changes", "error"), REST_WRONG.values(), ids=REST_WRONG)
async def test_what_may_go_wrong_with_rest(
    changes: dict[str, httpx.Response], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        await signs_in(changes, CasRest())
    assert "哨兵" not in said(caught.value)


@BOTH
async def test_a_server_with_an_address_of_its_own_gets_the_password_alone(by: CasGrant) -> None:
    talk = Meals()
    server = Meals()
    seen: dict[str, list[httpx.Request]] = {"line.example": [], "sso.example": []}

    async def send(request: httpx.Request) -> httpx.Response:
        seen[request.url.host].append(request)
        if request.url.host == "sso.example":
            return await server.mock.handle(request)
        ticket = request.url.params.get("ticket")
        if ticket and server.door.redeem(ticket, "http://line.example:8080/meals/"):
            return httpx.Response(200, headers={"Set-Cookie": "SESSION=1"})
        target = "https://sso.example/cas/login?service=http://line.example:8080/meals/"
        return httpx.Response(302, headers={"Location": target})

    scheme = Cas(server="https://sso.example/cas", entry="/meals/", by=by)
    session = await converse(scheme.sign_in(WHO), send, talk.base)
    assert session.cookies == {"SESSION": "1"}
    assert not any(b"password" in request.content for request in seen["line.example"])
    over = httpx.Response(302, headers={"Location": "https://sso.example/cas/login?service=x"})
    assert scheme.verdict(over, session) is Verdict.EXPIRED


async def test_no_other_server_is_spoken_to() -> None:
    async def send(request: httpx.Request) -> httpx.Response:
        assert request.url.host in {"line.example", "sso.example"}
        if request.url.host == "line.example":
            return httpx.Response(200)
        return httpx.Response(302, headers={"Location": "https://elsewhere.invalid/cas/login"})

    scheme = Cas(server="https://sso.example/cas", entry="/in")
    with pytest.raises(BadUpstreamData):
        await converse(scheme.sign_in(WHO), send, httpx.URL("http://line.example/"))


@pytest.mark.parametrize(
    ("response", "verdict"),
    [
        (httpx.Response(401), Verdict.EXPIRED),
        (redirect("http://line.example/cas/login?service=x"), Verdict.EXPIRED),
        (httpx.Response(200, html=FORM), Verdict.EXPIRED),
        (redirect("http://line.example/meals/2"), Verdict.OK),
        (httpx.Response(200, json={"remark": 'type="password"'}), Verdict.OK),
        (httpx.Response(200, content=b"\xff"), Verdict.OK),
        (httpx.Response(403), Verdict.OK),
    ],
)
def test_the_verdict_on_an_answer(response: httpx.Response, verdict: Verdict) -> None:
    assert Cas(server="/cas", entry="/").verdict(response, CasSession({}, {})) is verdict


def test_a_marker_in_an_answer_of_data_means_nothing() -> None:
    scheme = Cas(server="/cas", entry="/", expired_marker=b"password")
    assert scheme.verdict(httpx.Response(200, json={"remark": "password"}), CasSession({}, {})) is Verdict.OK
    assert scheme.verdict(httpx.Response(200, html="password"), CasSession({}, {})) is Verdict.EXPIRED


COOKIES = st.dictionaries(st.text(), st.text(), max_size=4)


@given(granting=COOKIES, cookies=COOKIES)
def test_a_session_comes_back_as_it_was_stored(granting: dict[str, str], cookies: dict[str, str]) -> None:
    scheme = Cas(server="/cas", entry="/")
    session = CasSession(granting, cookies)
    assert scheme.load(scheme.dump(session)) == session


def test_no_ticket_and_no_cookie_shows() -> None:
    assert repr(CasSession({"TGC": "TGT-1"}, {"s": "1"})) == "CasSession()"
