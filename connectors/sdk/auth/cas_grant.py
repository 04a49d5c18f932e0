"""Get tickets from a CAS server: through its login form, as a browser does, or through its REST protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx

from connectors.sdk.auth.form_login import LoginForm, read_login_form
from connectors.sdk.auth.scheme import SERVER, STAY, Credential, Steps
from connectors.sdk.connector import form
from connectors.sdk.errors import AuthRejected, BadUpstreamData, CaptchaRequired
from connectors.sdk.run import cookie_header

_TICKET: Final = re.compile(r"ST-[A-Za-z0-9._-]{1,512}")
_GRANTING: Final = re.compile(r"TGT-[A-Za-z0-9._-]{1,512}")
_OVER: Final = frozenset({httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND, httpx.codes.GONE})
# Older servers answer a wrong password with 400.
_REJECTED: Final = frozenset(
    {httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.LOCKED}
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in at the CAS server gave."""

    granting: dict[str, str] = field(repr=False)
    """What gets further tickets: the server's cookies, or the granting ticket itself."""
    ticket: str = field(repr=False)
    """The service ticket, good for one use."""


class CasGrant(Protocol):
    """Speak with a CAS server; ``server`` is its path below the base URL or its whole address."""

    def look(self, server: str, service: str) -> Steps[str]:
        """Return the login form's fingerprint, empty when there is no form; sends no credential."""

    def grant(self, server: str, service: str, credential: Credential) -> Steps[Grant]:
        """Sign in and get a first ticket for the service; raises as :meth:`AuthScheme.sign_in` says."""

    def ticket(self, server: str, service: str, granting: Mapping[str, str]) -> Steps[str | None]:
        """Get one more ticket without the password; None when the server wants to see it again."""

    def end(self, server: str, granting: Mapping[str, str]) -> Steps[None]:
        """Sign out at the server, and so everywhere that its tickets led."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasForm:
    """Post the login form (CAS Protocol 3.0 sections 2.1 to 2.3); the granting ticket stays in a cookie.

    A form that asks for more than name and password is refused before the password is sent; a captcha is left
    to a person.
    """

    username_field: str = "username"
    password_field: str = "password"  # noqa: S105  # a field's name
    charset: str = "utf-8"

    def look(self, server: str, service: str) -> Steps[str]:
        """Fetch the login page and return its form's fingerprint."""
        page = yield _request("GET", server, "/login", {"service": service})
        return self._checked_form(page).fingerprint

    def grant(self, server: str, service: str, credential: Credential) -> Steps[Grant]:
        """Fetch the login page, check its form and post it once."""
        page = yield _request("GET", server, "/login", {"service": service})
        found = self._checked_form(page)
        fields = found.hidden | {
            self.username_field: credential.username,
            self.password_field: credential.secret,
        }
        answer = yield httpx.Request(
            "POST",
            page.url.join(found.action),
            content=form(fields, self.charset),
            headers=_FORM_TYPE | {"Cookie": cookie_header(page.extensions["cookies"])},
            extensions=_extensions(server),
        )
        ticket = _ticket_in(answer, service)
        if ticket is None:
            if answer.status_code not in _REJECTED:
                # Raises when it is any other page: one to change the password, say.
                read_login_form(answer, self.password_field, self.charset)
            raise AuthRejected
        return Grant(answer.extensions["cookies"], ticket)

    def ticket(self, server: str, service: str, granting: Mapping[str, str]) -> Steps[str | None]:
        """Show the cookie; a login page in place of the redirect means that the granting ticket is over."""
        request = _request("GET", server, "/login", {"service": service})
        request.headers["Cookie"] = cookie_header(granting)
        answer = yield request
        return _ticket_in(answer, service)

    def end(self, server: str, granting: Mapping[str, str]) -> Steps[None]:
        """Open the server's sign-out page."""
        request = _request("GET", server, "/logout")
        request.headers["Cookie"] = cookie_header(granting)
        yield request

    def _checked_form(self, page: httpx.Response) -> LoginForm:
        found = read_login_form(page, self.password_field, self.charset)
        if found.captcha:
            raise CaptchaRequired
        target = page.url.join(found.action)
        if (
            found.method != "POST"
            or (target.scheme, target.netloc, target.path)
            != (page.url.scheme, page.url.netloc, page.url.path)
            or found.asked != {self.username_field, self.password_field}
        ):
            raise BadUpstreamData("login form changed")
        return found


@dataclass(frozen=True, slots=True)
class CasRest:
    """Speak the server's REST protocol (Apereo CAS, "REST Protocol"), where it has been opened for us.

    For service accounts that its operator gave for this: it is no way around a captcha. NOT private: by the
    protocol the granting ticket stands in the path of two requests, where the server's access log sees it.
    """

    def look(self, server: str, service: str) -> Steps[str]:
        """Return nothing: there is no form."""
        del server, service
        return ""
        yield  # makes this a generator

    def grant(self, server: str, service: str, credential: Credential) -> Steps[Grant]:
        """Send name and password once for a granting ticket, and that for a first ticket."""
        fields = {"username": credential.username, "password": credential.secret}
        answer = yield _post(server, "/v1/tickets", fields)
        if answer.status_code in _REJECTED:
            raise AuthRejected
        number = answer.headers.get("location", "").rpartition("/")[2]
        if answer.status_code != httpx.codes.CREATED or not _GRANTING.fullmatch(number):
            raise BadUpstreamData("no granting ticket")
        granting = {_REST: number}
        ticket = yield from self.ticket(server, service, granting)
        if ticket is None:
            raise BadUpstreamData("no ticket for this service")
        return Grant(granting, ticket)

    def ticket(self, server: str, service: str, granting: Mapping[str, str]) -> Steps[str | None]:
        """Send the granting ticket for one more service ticket."""
        answer = yield _post(server, f"/v1/tickets/{granting[_REST]}", {"service": service})
        if answer.status_code in _OVER:
            return None
        ticket = answer.text.strip() if answer.is_success else ""
        if not _TICKET.fullmatch(ticket):
            raise BadUpstreamData("no service ticket")
        return ticket

    def end(self, server: str, granting: Mapping[str, str]) -> Steps[None]:
        """Delete the granting ticket."""
        yield _request("DELETE", server, f"/v1/tickets/{granting[_REST]}")


_REST: Final = "TGT"
_FORM_TYPE: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def _request(method: str, server: str, path: str, query: Mapping[str, str] | None = None) -> httpx.Request:
    url = f"{server.rstrip('/')}{path}"
    return httpx.Request(method, url, params=query, extensions=_extensions(server))


def _post(server: str, path: str, fields: Mapping[str, str]) -> httpx.Request:
    url = f"{server.rstrip('/')}{path}"
    content = form(fields, "utf-8")
    return httpx.Request("POST", url, content=content, headers=_FORM_TYPE, extensions=_extensions(server))


def _extensions(server: str) -> dict[str, object]:
    """Let a request go to the server's own address, if it has one, and leave redirects to us."""
    return {STAY: True} if server.startswith("/") else {STAY: True, SERVER: httpx.URL(server)}


def _ticket_in(answer: httpx.Response, service: str) -> str | None:
    """Return the ticket that a redirect to the service carries; None for any other answer.

    Raises BadUpstreamData when it leads to somebody else, or the ticket is none.
    """
    if not answer.is_redirect:
        return None
    target, asked = answer.url.join(answer.headers["location"]), httpx.URL(service)
    if (target.scheme, target.netloc, target.path) != (asked.scheme, asked.netloc, asked.path):
        raise BadUpstreamData("sent to another service")
    ticket: str = target.params.get("ticket", "")
    if not _TICKET.fullmatch(ticket):
        raise BadUpstreamData("no service ticket")
    return ticket
