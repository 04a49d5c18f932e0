"""A login form as JSP systems have it: JSESSIONID, a one-time field, pages in GB18030, always HTTP 200."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final
from urllib.parse import parse_qsl

import httpx

from connectors.sdk.mock import Faults

_LOCKED_AFTER: Final = 5
_MOST_VISITORS: Final = 10_000
_CAPTCHA: Final = "8888"
"""What a person reads in the test captcha's picture."""
_OFFICE: Final = "沪人口・户籍窗口"
"""A hidden field that comes back whole only from who reads and writes the page's charset."""

Form = Mapping[str, str]


@dataclass(slots=True)
class _Visitor:
    """One JSESSIONID."""

    token: str
    """The one-time field of the login page that was sent; empty once used."""
    user: str | None = None


@dataclass(slots=True)
class Entrance:
    """Keep the sessions: one for each account, so that a second sign-in ends the first."""

    accounts: Mapping[str, str]
    faults: Callable[[], Faults]
    visitors: dict[str, _Visitor] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    """Wrong passwords in a row, by username; five lock the account until the mock is started again."""

    def user(self, request: httpx.Request) -> str | None:
        """Return who is signed in under the request's cookie."""
        visitor = self.visitors.get(_cookie(request))
        return visitor.user if visitor else None

    def login_page(self, message: str = "") -> httpx.Response:
        """Return the login page with a new session and one-time field, with HTTP 200 whatever happened."""
        number, token = secrets.token_hex(16).upper(), secrets.token_hex(8)
        if len(self.visitors) >= _MOST_VISITORS:
            del self.visitors[next(old for old, visitor in self.visitors.items() if visitor.user is None)]
        self.visitors[number] = _Visitor(token)
        body = _CHANGED_FORM if self.faults().login_form_changed else _FORM
        captcha = _CAPTCHA_ROW if self.faults().captcha else ""
        filled = body.format(
            number=number, token=token, office=escape(_OFFICE), captcha=captcha, message=escape(message)
        )
        response = gb_page("用户登录－人口信息管理系统", filled)
        response.headers["Set-Cookie"] = f"JSESSIONID={number}; Path=/; HttpOnly"
        return response

    def enter(self, request: httpx.Request) -> tuple[httpx.Response, bool | None]:
        """Return the answer to a sent login form, and whether the password was right; None if not judged."""
        form = read_form(request)
        visitor = self.visitors.get(_cookie(request))
        token = visitor.token if visitor else ""
        if visitor:
            visitor.token = ""
        if not (visitor and token and form.get("lt") == token and form.get("ck") == _OFFICE):
            return self.login_page("页面已过期，请重新登录"), None
        if self.faults().login_form_changed:
            return self.login_page(), None
        if self.faults().captcha and form.get("yzm") != _CAPTCHA:
            return self.login_page("验证码不正确"), None
        username = form.get("user", "")
        if self.wrong.get(username, 0) >= _LOCKED_AFTER:
            return self.login_page("账号已锁定，请联系管理员"), False
        if username not in self.accounts:
            return self.login_page("用户名或密码错误"), False
        if self.accounts[username] != form.get("password"):
            self.wrong[username] = self.wrong.get(username, 0) + 1
            return self.login_page("用户名或密码错误"), False
        self.wrong.pop(username, None)
        for number in [number for number, other in self.visitors.items() if other.user == username]:
            del self.visitors[number]
        visitor.user = username
        return httpx.Response(302, headers={"Location": "/main.do"}), True

    def end_sessions(self) -> None:
        """End all sessions, and let those be who are just typing their password."""
        for visitor in self.visitors.values():
            visitor.user = None

    def main_page(self, request: httpx.Request) -> httpx.Response:
        """Return the page that a sign-in ends at."""
        user = self.user(request)
        if user is None:
            return self.login_page()
        return gb_page("首页", f"<p>欢迎您，{escape(user)}。今日待办：无。</p>")

    def leave(self, request: httpx.Request) -> httpx.Response:
        """End the session."""
        self.visitors.pop(_cookie(request), None)
        return httpx.Response(302, headers={"Location": "/login.jsp"})


def read_form(request: httpx.Request) -> Form:
    """Read a sent form; of a field sent twice the first counts, as in Java."""
    pairs = parse_qsl(request.content.decode("ascii", "replace"), encoding="gb18030", keep_blank_values=True)
    return dict(reversed(pairs))


def _cookie(request: httpx.Request) -> str:
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    return next((value for name, _, value in pairs if name == "JSESSIONID"), "")


def gb_page(title: str, body: str) -> httpx.Response:
    """Return an HTML page, beginning with the blank lines that JSP leaves."""
    return gb_answer(
        f"\r\n\r\n<html><head><title>{title}</title></head><body>{body}</body></html>", "text/html"
    )


def gb_answer(text: str, content_type: str) -> httpx.Response:
    """Return a text as such systems do: declared as GBK, which lacks rare characters, and sent in GB18030."""
    headers = {"Content-Type": f"{content_type};charset=GBK"}
    return httpx.Response(200, headers=headers, content=text.encode("gb18030"))


_FORM: Final = """
<table><form name="loginForm" method="post" action="/login.do;jsessionid={number}">
<tr><td colspan="2">人口信息管理系统</td></tr>
<tr><td>用户名</td><td><input type="text" name="user" maxlength="20"></td></tr>
<tr><td>密　码</td><td><input type="password" name="password"></td></tr>{captcha}
<tr><td colspan="2"><font color="red">{message}</font><input type="hidden" name="lt" value="{token}">
<input type="hidden" name="ck" value="{office}"><input type="submit" value="登录"></td></tr>
</form></table>"""
_CHANGED_FORM: Final = """
<form method="post" action="/sso/auth"><p>统一身份认证平台（新版）：请使用新的账号登录</p>
<input name="loginId"><input type="password" name="loginPwd"><input type="hidden" name="flow" value="{token}">
<button>登录</button></form>"""
_CAPTCHA_ROW: Final = """
<tr><td>验证码</td><td><input type="text" name="yzm"><img src="/yzm.jpg" alt="请输入图中数字"></td></tr>"""
