"""A door behind a CAS server of the mock's own (CAS Protocol 3.0): login form, REST protocol, validation."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import httpx

from connectors.sdk.mock.door import Door, Refusal, Refused
from connectors.sdk.mock.login_page import LoginPage, cookie_of
from connectors.sdk.mock.upstream import LOGIN, MockUpstream

_COOKIE = "SESSION"
_GRANTING = "TGC"


@dataclass(frozen=True, slots=True)
class _Ticket:
    """A service ticket: for whom, got by which granting ticket, for which service, until when."""

    granting: str
    service: str
    ends: float


class CasDoor(Door):
    """Want the system's own cookie, which it gives for a ticket; without one, redirect to the CAS server.

    Tickets are gone at their first use, even a failed one, and after ``ticket_s`` seconds; sessions after
    ``session_s``, however busy, when the granting ticket still gets another. Signing out at the
    server ends the system's sessions too. The fault ``expire_sessions`` ends these and leaves the granting
    tickets alone; :meth:`forget` ends all.
    """

    def __init__(
        self,
        mock: MockUpstream,
        accounts: Mapping[str, str],
        *,
        server: str = "/cas",
        entry: str = "/",
        ticket_s: float = 300,
        session_s: float = 28_800,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take name -> password, the server's path and the path that takes tickets."""
        super().__init__(mock, clock=clock)
        self.login = LoginPage(mock, accounts)
        self._server = server
        self._entry = entry
        self._ticket_s = ticket_s
        self._granting: dict[str, str] = {}
        """Granting ticket -> account."""
        self._tickets: dict[str, _Ticket] = {}
        self._session_s = session_s
        self._sessions: dict[str, tuple[str, float]] = {}
        """The system's cookie -> the granting ticket behind it, and its end."""
        self.refuse = lambda _refusal: _redirect(httpx.URL(f"{server}/login"))
        mock.login_page = lambda: self.login.show(f"{server}/login")
        mock.on_expire = self._sessions.clear
        for method, path, handler in (
            ("GET", f"{server}/login", self._show),
            ("POST", f"{server}/login", self._sign_in),
            ("GET", f"{server}/logout", self._sign_out),
            ("GET", f"{server}/serviceValidate", self._validate),
            ("GET", f"{server}/p3/serviceValidate", self._validate),
            ("POST", f"{server}/v1/tickets", self._rest_sign_in),
            ("GET", entry, self._enter),
        ):
            mock.route(method, path, operation=LOGIN)(handler)

    def forget(self) -> None:
        """End all granting tickets and sessions."""
        self._granting.clear()
        self._tickets.clear()
        self._sessions.clear()

    def admit(self, request: httpx.Request) -> str:
        """Find the account behind the system's cookie."""
        granting, ends = self._sessions.get(cookie_of(request, _COOKIE), ("", 0.0))
        if granting not in self._granting or self.now() > ends:
            raise Refused(Refusal.MISSING)
        return self._granting[granting]

    def redeem(self, ticket: str, service: str) -> str | None:
        """Use a ticket up and return its granting ticket; None unless it is good for this service now."""
        found = self._tickets.pop(ticket, None)
        good = found and found.service == service and self.now() <= found.ends
        return found.granting if found and good and found.granting in self._granting else None

    def _enter(self, request: httpx.Request) -> httpx.Response:
        """Give a session for a ticket, else send to the server with our own name."""
        ticket = request.url.params.get("ticket")
        service = str(_address(request).copy_with(query=None))
        granting = self.redeem(ticket, service) if ticket else None
        if granting is None:
            return _redirect(httpx.URL(f"{self._server}/login", params={"service": service}))
        session = secrets.token_hex(16)
        self._sessions[session] = granting, self.now() + self._session_s
        return _redirect(httpx.URL(self._entry), f"{_COOKIE}={session}; Path=/; HttpOnly")

    def _show(self, request: httpx.Request) -> httpx.Response:
        granting, service = cookie_of(request, _GRANTING), request.url.params.get("service", "")
        if granting in self._granting and service:
            return _with_ticket(service, self._issue(granting, service))
        return self.login.show(request.url.raw_path.decode())

    def _sign_in(self, request: httpx.Request) -> httpx.Response:
        service = request.url.params.get("service", "")
        try:
            account = self.login.judge(request)
        except Refused:
            return self.login.show(request.url.raw_path.decode(), status=401, message="用户名或密码错误")
        granting = self._grant(account)
        cookie = f"{_GRANTING}={granting}; Path={self._server}; HttpOnly"
        return _with_ticket(service, self._issue(granting, service), cookie)

    def _sign_out(self, request: httpx.Request) -> httpx.Response:
        self._granting.pop(cookie_of(request, _GRANTING), None)
        return httpx.Response(200, html="<p>您已退出</p>")

    def _validate(self, request: httpx.Request) -> httpx.Response:
        """Answer as section 2.5 says, for a system that asks over HTTP."""
        asked = request.url.params
        granting = self.redeem(asked.get("ticket", ""), asked.get("service", ""))
        if granting is None:
            body = '<cas:authenticationFailure code="INVALID_TICKET">票据无效</cas:authenticationFailure>'
        else:
            user = escape(self._granting[granting])
            body = f"<cas:authenticationSuccess><cas:user>{user}</cas:user></cas:authenticationSuccess>"
        text = f'<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{body}</cas:serviceResponse>'
        headers = {"Content-Type": "application/xml;charset=UTF-8"}
        return httpx.Response(200, content=text.encode(), headers=headers)

    def _rest_sign_in(self, request: httpx.Request) -> httpx.Response:
        form = _form(request)
        try:
            account = self.login.judge_password(form.get("username", ""), form.get("password", ""))
        except Refused:
            return httpx.Response(401)
        granting = self._grant(account)
        path = f"{self._server}/v1/tickets/{granting}"
        self.mock.route("POST", path, operation=LOGIN)(self._rest_ticket)
        self.mock.route("DELETE", path, operation=LOGIN)(self._rest_sign_out)
        return httpx.Response(
            201, headers={"Location": str(_address(request).copy_with(raw_path=path.encode()))}
        )

    def _rest_ticket(self, request: httpx.Request) -> httpx.Response:
        granting = request.url.path.rpartition("/")[2]
        if granting not in self._granting:
            return httpx.Response(404)
        return httpx.Response(200, text=self._issue(granting, _form(request).get("service", "")))

    def _rest_sign_out(self, request: httpx.Request) -> httpx.Response:
        self._granting.pop(request.url.path.rpartition("/")[2], None)
        return httpx.Response(200)

    def _grant(self, account: str) -> str:
        granting = f"TGT-{len(self._granting) + 1}-{secrets.token_urlsafe(24)}"
        self._granting[granting] = account
        return granting

    def _issue(self, granting: str, service: str) -> str:
        ticket = f"ST-{len(self._tickets) + 1}-{secrets.token_urlsafe(24)}"
        self._tickets[ticket] = _Ticket(granting, service, self.now() + self._ticket_s)
        return ticket


def _address(request: httpx.Request) -> httpx.URL:
    """Return the address as the caller wrote it, port and all."""
    return request.url.copy_with(netloc=request.headers["host"].encode())


def _form(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode("ascii", "replace"), keep_blank_values=True))


def _redirect(target: httpx.URL, cookie: str | None = None) -> httpx.Response:
    headers = {"Location": str(target)}
    return httpx.Response(302, headers=headers | ({"Set-Cookie": cookie} if cookie else {}))


def _with_ticket(service: str, ticket: str, cookie: str | None = None) -> httpx.Response:
    return _redirect(httpx.URL(service).copy_merge_params({"ticket": ticket}), cookie)
