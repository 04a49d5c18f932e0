from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import httpx
import pytest

from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    Credential,
    Steps,
    Throttled,
    Unavailable,
    UpstreamError,
    Verdict,
)
from connectors.sdk.auth.form_login import CookieSession, FormLogin, read_login_form
from connectors.sdk.run import converse

BASE = httpx.URL("http://line.example:8080/app/")
WHO = Credential("王芳", "口令 é𠮷&=")
SESSION = CookieSession({"JSESSIONID": "a1"})
LOGIN = FormLogin(
    page="/login.jsp",
    action="/login.do",
    landing="/main.do",
    username_field="user",
    password_field="password",
    sign_out_page="/logout.do",
    captcha_field="yzm",
    maintenance_marker="系统维护",
    stale_marker="页面已过期",
    charset="gb18030",
)
FORM = """
<table><form method="post" action="login.do;jsessionid=a1"><tr><td>
<input name="user"><input type="password" name=password><input type=hidden name="lt" value="1&amp;2">
<input type="hidden" name="ck" value="窗口𠮷"><input type="checkbox" name="keep">
<input type="submit" name="go">
</td></tr></form></table>"""


def page(body: str, *, status: int = 200, **headers: str) -> httpx.Response:
    content = f"<html><title>用户登录人口信息系统</title>{body}</html>".encode("gb18030")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers={"Content-Type": "text/html;charset=GBK", **names})


class System:
    """A login page, what the form is answered with, and what came in."""

    def __init__(self, form: str, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.form = form
        self.answer = answer or (lambda _: httpx.Response(302, headers={"Location": "/app/main.do"}))
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        match request.url.path:
            case "/app/login.jsp":
                return page(self.form, Set_Cookie="JSESSIONID=a1; Path=/app")
            case "/app/login.do":
                return self.answer(request)
            case "/app/main.do":
                return page("<p>欢迎</p>", Set_Cookie="route=n2")
        return httpx.Response(404)

    @property
    def attempts(self) -> int:
        return sum(request.method == "POST" for request in self.seen)


async def run(system: System, steps: Steps[CookieSession] | None = None) -> CookieSession:
    send = httpx.MockTransport(system).handle_async_request
    return await converse(steps or LOGIN.sign_in(WHO), send, BASE)


async def test_posts_what_a_browser_would_and_keeps_all_cookies() -> None:
    system = System(FORM)
    session = await run(system)
    assert session == CookieSession({"JSESSIONID": "a1", "route": "n2"})
    asked, posted, landed = system.seen
    assert (asked.method, posted.method, landed.method) == ("GET", "POST", "GET")
    assert posted.headers["Cookie"] == "JSESSIONID=a1"
    assert posted.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(posted.content.decode("ascii"), encoding="gb18030", strict_parsing=True) == {
        "lt": ["1&2"],
        "ck": ["窗口𠮷"],
        "user": ["王芳"],
        "password": ["口令 é𠮷&="],
    }


def test_nothing_secret_shows_in_a_repr() -> None:
    form = read_login_form(page(FORM), "password", "gb18030")
    shown = f"{SESSION!r} {WHO!r} {form!r}"
    for secret in ("a1", "王芳", "口令", "1&2"):
        assert secret not in shown


CHANGED = {
    "no form": "<p>新版登录请扫码</p>",
    "no password": FORM.replace("name=password", "name=pwd"),
    "no user": FORM.replace('name="user"', 'name="login"'),
    "a code by text message": FORM.replace(
        '<input name="user">', '<input name="user"><input type="tel" name="sms">'
    ),
    "a department to choose": FORM.replace(
        '<input name="user">', '<input name="user"><select name="dept"></select>'
    ),
    "another address": FORM.replace("login.do", "/sso/auth"),
    "another host": FORM.replace("login.do", "http://elsewhere.invalid/app/login.do"),
    "another port": FORM.replace("login.do", "http://line.example:81/app/login.do"),
    "sent with get": FORM.replace('method="post"', ""),
    "not to be known again": FORM.replace('type="password"', "type=password"),
    "cut short": FORM[: FORM.index('<input type="hidden" name="ck"')],
}


@pytest.mark.parametrize("form", CHANGED.values(), ids=CHANGED)
async def test_a_changed_form_gets_no_password(form: str) -> None:
    system = System(form)
    with pytest.raises(BadUpstreamData):
        await run(system)
    assert system.attempts == 0


async def test_a_captcha_is_for_a_person() -> None:
    system = System(FORM.replace('<input name="user">', '<input name="user"><input name="yzm">'))
    with pytest.raises(CaptchaRequired):
        await run(system)
    assert system.attempts == 0


@pytest.mark.parametrize(
    "name", ["captcha", "captchaCode", "yzm", "checkCode", "check_code", "validateCode", "vcode", "randcode"]
)
async def test_a_captcha_is_known_by_the_names_that_systems_use(name: str) -> None:
    system = System(FORM.replace('<input name="user">', f'<input name="user"><input name="{name}">'))
    with pytest.raises(CaptchaRequired):
        await run(system)
    assert system.attempts == 0


async def test_a_captcha_of_another_name_is_known_when_it_is_given() -> None:
    system = System(FORM.replace('<input name="user">', '<input name="user"><input name="tupian">'))
    scheme = replace(LOGIN, captcha_field="tupian")
    with pytest.raises(CaptchaRequired):
        await run(system, scheme.sign_in(WHO))
    with pytest.raises(BadUpstreamData):
        await run(system)
    assert system.attempts == 0


async def test_looking_sends_nothing_and_gives_the_fingerprint() -> None:
    system = System(FORM)
    send = httpx.MockTransport(system).handle_async_request
    seen = await converse(LOGIN.look(), send, BASE)
    assert seen == read_login_form(page(FORM), "password", "gb18030").fingerprint
    assert [request.method for request in system.seen] == ["GET"]


@pytest.mark.parametrize("form", CHANGED.values(), ids=CHANGED)
async def test_looking_finds_a_changed_form(form: str) -> None:
    send = httpx.MockTransport(System(form)).handle_async_request
    with pytest.raises(BadUpstreamData):
        await converse(LOGIN.look(), send, BASE)


async def test_the_right_one_of_several_forms() -> None:
    search = '<form action="/search.do"><input name="q"><input type="hidden" name="s" value="1"></form>'
    system = System(search + FORM.replace("<table>", "").replace("<tr><td>", ""))
    await run(system)
    assert b"s=1" not in system.seen[1].content


ENDS: dict[str, tuple[httpx.Response, type[UpstreamError]]] = {
    "wrong password": (page(FORM.replace("<tr>", "用户名或密码错误")), AuthRejected),
    "wrong password, captcha from now on": (page(FORM.replace("<tr>", '<input name="yzm">')), AuthRejected),
    "locked, whatever the words": (page(FORM + "锁定"), AuthRejected),
    "stale page": (page(FORM + "页面已过期，请重新登录"), Unavailable),
    "maintenance": (page("系统维护中"), Unavailable),
    "another page": (page("<p>请修改密码</p>"), BadUpstreamData),
    "forbidden": (page("<p>禁止</p>", status=403), BadUpstreamData),
    "error": (page("java.lang.NullPointerException", status=500), Unavailable),
    "too many": (page("", status=429), Throttled),
    "elsewhere": (httpx.Response(302, headers={"Location": "http://elsewhere.invalid/"}), BadUpstreamData),
    "another charset": (
        httpx.Response(200, text="欢迎您来到本系统的首页", headers={"Content-Type": "text/html;charset=GBK"}),
        BadUpstreamData,
    ),
}


@pytest.mark.parametrize(("answer", "error"), ENDS.values(), ids=ENDS)
async def test_one_attempt_and_what_its_answer_means(
    answer: httpx.Response, error: type[UpstreamError]
) -> None:
    system = System(FORM, lambda _: answer)
    with pytest.raises(error) as caught:
        await run(system)
    assert system.attempts == 1
    assert "口令" not in f"{caught.value} {caught.value.__context__}"


async def test_a_session_lost_on_the_way_is_not_a_wrong_password() -> None:
    def lost(_request: httpx.Request) -> httpx.Response:
        system.form = FORM
        return httpx.Response(302, headers={"Location": "/app/main.do"})

    class Evicted(System):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            return page(FORM) if request.url.path == "/app/main.do" else super().__call__(request)

    system = Evicted(FORM, lost)
    with pytest.raises(Unavailable):
        await run(system)


async def test_signing_out_opens_its_page_with_the_cookies() -> None:
    system = System(FORM)
    await converse(LOGIN.sign_out(SESSION), httpx.MockTransport(system).handle_async_request, BASE)
    assert [(each.url.path, each.headers["Cookie"]) for each in system.seen] == [
        ("/app/logout.do", "JSESSIONID=a1")
    ]


def test_without_a_page_for_it_signing_out_does_nothing() -> None:
    plain = FormLogin(page="/in", action="/in", landing="/", username_field="u", password_field="p")
    assert list(plain.sign_out(SESSION)) == []


@pytest.mark.parametrize(
    ("response", "verdict"),
    [
        (page(FORM), Verdict.EXPIRED),
        (page('<input type="password"><input name="yzm">'), Verdict.CAPTCHA),
        (
            httpx.Response(302, headers={"Location": "http://line.example:8080/app/login.jsp?t=1"}),
            Verdict.EXPIRED,
        ),
        (httpx.Response(302, headers={"Location": "http://elsewhere.invalid/"}), Verdict.OK),
        (httpx.Response(401), Verdict.EXPIRED),
        (httpx.Response(200, json={"XM": '<input type="password">'}), Verdict.OK),
        (httpx.Response(200, content=b"\x00\xff"), Verdict.OK),
    ],
    ids=["login page", "with captcha", "redirect to it", "redirect elsewhere", "401", "data", "noise"],
)
def test_the_verdict_on_an_answer(response: httpx.Response, verdict: Verdict) -> None:
    assert LOGIN.verdict(response, SESSION) is verdict


def test_the_session_is_put_on_a_request() -> None:
    request = httpx.Request("POST", BASE, headers={"Cookie": "left=over"})
    assert LOGIN.apply(request, CookieSession({"a": "1", "b": "2"})).headers["Cookie"] == "a=1; b=2"


def test_the_fingerprint_follows_what_is_asked_and_not_the_values() -> None:
    def fingerprint(form: str) -> str:
        return read_login_form(page(form), "password", "gb18030").fingerprint

    known = fingerprint(FORM)
    assert fingerprint(FORM.replace("1&amp;2", "other").replace("jsessionid=a1", "jsessionid=b7")) == known
    assert fingerprint(FORM.replace('name="lt"', 'name="execution"')) != known
    assert fingerprint(FORM.replace('name="user"', 'name="login"')) != known
    assert fingerprint(FORM.replace("login.do", "auth.do")) != known
    assert fingerprint(FORM.replace('<input name="user">', '<input name="user" type="tel">')) != known
    assert fingerprint(FORM.replace('type="checkbox" name="keep"', 'type="hidden" name="keep"')) != known
    asked = fingerprint(FORM.replace("login.do;jsessionid=a1", "login.do;jsessionid=a1?t=1&v=2"))
    assert fingerprint(FORM.replace("login.do;jsessionid=a1", "login.do?v=3&t=4")) == asked != known
    assert fingerprint(FORM.replace("post", "get")) != known
    assert len(known) == 16
