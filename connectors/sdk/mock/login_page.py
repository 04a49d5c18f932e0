"""A login page with a one-time field, and the doors behind it: cookies of the system's own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl

import httpx

from connectors.sdk.mock.credentials import matches
from connectors.sdk.mock.door import Door, Refusal, Refused
from connectors.sdk.mock.upstream import LOGIN, MockUpstream

_MOST_PAGES = 10_000
_LOCKED_AFTER = 5


class LoginPage:
    """Show the form and judge what comes back.

    The faults ``captcha`` and ``login_form_changed`` change the form; five wrong passwords in a row lock the
    account for good.
    """

    def __init__(
        self,
        mock: MockUpstream,
        accounts: Mapping[str, str],
        *,
        username_field: str = "username",
        password_field: str = "password",  # noqa: S107  # a field's name
    ) -> None:
        """Take name -> password and the names of the form's fields."""
        self._mock = mock
        self._accounts = accounts
        self._fields = username_field, password_field
        self._open: dict[str, None] = {}
        """One-time values of the pages that were shown and not yet sent back."""
        self._wrong: dict[str, int] = {}

    def show(self, action: str, *, status: int = 200, message: str = "") -> httpx.Response:
        """Return the page with a new one-time value."""
        username, password = ("loginId", "loginPwd") if self._mock.faults.login_form_changed else self._fields
        once = secrets.token_hex(16)
        self._open[once] = None
        if len(self._open) > _MOST_PAGES:
            del self._open[next(iter(self._open))]
        captcha = '<input name="captcha"><img src="/captcha.png">' if self._mock.faults.captcha else ""
        return httpx.Response(
            status,
            html=f'<html><head><meta charset="utf-8"><title>登录</title></head><body>'
            f'<form method="post" action="{escape(action)}"><p>{escape(message)}</p>'
            f'<input name="{username}"><input type="password" name="{password}">{captcha}'
            f'<input type="hidden" name="execution" value="{once}"><button>登录</button></form>'
            "</body></html>",
        )

    def judge(self, request: httpx.Request) -> str:
        """Return the account that a sent form signs in.

        Raises Refused: MISSING for a page that was sent back before or asks for something else by now,
        CREDENTIAL for a wrong password, which is counted.
        """
        form = dict(parse_qsl(request.content.decode("ascii", "replace"), keep_blank_values=True))
        once = form.get("execution", "")
        if once not in self._open:
            raise Refused(Refusal.MISSING)
        del self._open[once]
        if self._mock.faults.captcha or self._mock.faults.login_form_changed:
            raise Refused(Refusal.MISSING)
        return self.judge_password(*(form.get(name, "") for name in self._fields))

    def judge_password(self, username: str, password: str) -> str:
        """Return the account; raises Refused for a wrong password and a locked account, both counted."""
        stats, wrong = self._mock.stats, self._wrong.get(username, 0)
        if wrong >= _LOCKED_AFTER or not matches(self._accounts, username, password):
            stats.failed_logins += 1
            if username in self._accounts:
                self._wrong[username] = wrong + 1
            raise Refused(Refusal.CREDENTIAL)
        self._wrong.pop(username, None)
        stats.logins += 1
        return username


class FormDoor(Door):
    """Want the cookie of a sign-in through the login page; a second sign-in ends the account's first.

    Whoever is not signed in gets the login page with status 200, as old systems have it.
    """

    def __init__(
        self,
        mock: MockUpstream,
        accounts: Mapping[str, str],
        *,
        page: str = "/login",
        landing: str = "/main",
        cookie: str = "SESSION",
    ) -> None:
        """Take name -> password, the login page's path, where it leads to, and the cookie's name."""
        super().__init__(mock)
        self.login = LoginPage(mock, accounts)
        self._page = page
        self._landing = landing
        self._cookie = cookie
        self._sessions: dict[str, str] = {}
        """Account -> the cookie of its one session."""
        self.refuse = lambda _refusal: self.login.show(page)
        mock.login_page = lambda: self.login.show(page)
        mock.on_expire = self._sessions.clear
        mock.route("GET", page, operation=LOGIN)(lambda _request: self.login.show(page))
        mock.route("POST", page, operation=LOGIN)(self._sign_in)
        self.route("GET", landing, operation=LOGIN)(lambda _request: httpx.Response(200, html="<p>首页</p>"))

    def admit(self, request: httpx.Request) -> str:
        """Find the account that the cookie is the session of."""
        shown = cookie_of(request, self._cookie)
        for account, session in self._sessions.items():
            if session == shown:
                return account
        raise Refused(Refusal.MISSING)

    def _sign_in(self, request: httpx.Request) -> httpx.Response:
        try:
            account = self.login.judge(request)
        except Refused:
            return self.login.show(self._page, message="用户名或密码错误")
        session = self._sessions[account] = secrets.token_hex(16)
        headers = {"Location": self._landing, "Set-Cookie": f"{self._cookie}={session}; Path=/; HttpOnly"}
        return httpx.Response(302, headers=headers)


def cookie_of(request: httpx.Request, name: str) -> str:
    """Return the value of a cookie that a request carries; empty when it does not."""
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    return next((value for found, _, value in pairs if found == name), "")
