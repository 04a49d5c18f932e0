"""Sign in to a system behind a CAS server (CAS Protocol 3.0): ticket first, then the system's own session."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from connectors.sdk.auth.cas_grant import CasForm, CasGrant
from connectors.sdk.auth.scheme import STAY, AuthScheme, Credential, Steps, Verdict
from connectors.sdk.errors import BadUpstreamData, Unavailable
from connectors.sdk.run import cookie_header

_OK = 200  # httpx.codes.OK is an enum, slow to compare with on every answer


@dataclass(frozen=True, slots=True)
class CasSession:
    """Hold what gets tickets and the system's own cookies, apart: neither side is sent the other's."""

    granting: dict[str, str] = field(repr=False)
    cookies: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cas(AuthScheme[CasSession]):
    """Ask the system for its name as a service, the CAS server for a ticket, and trade that for a session.

    A ticket is good for one use, even a failed one, so each is used once. When the session ends, another
    ticket is got with the granting ticket; the password is sent again only when that is over too.
    """

    server: str
    """The CAS server: its path below the base URL (``/cas``), or its whole address. With the whole address
    the password is sent there, and there alone; take it from the connector's settings."""
    entry: str
    """Path of the system that takes the ticket. If it redirects to the server, as it does for browsers, the
    service's name is read off that; else its own address is the name."""
    by: CasGrant = field(default_factory=CasForm)
    expired_marker: bytes = b'type="password"'
    """Bytes that stand in every login page and in no proper answer."""

    def sign_in(self, credential: Credential) -> Steps[CasSession]:
        """Sign in at the server and enter; raises as :meth:`AuthScheme.sign_in` says."""
        door = yield from self._door()
        grant = yield from self.by.grant(self.server, _service(door), credential)
        return (yield from self._enter(door, grant.granting, grant.ticket))

    def renew(self, credential: Credential, expired: CasSession) -> Steps[CasSession]:
        """Enter with a new ticket; sign in when the server gives none."""
        door = yield from self._door()
        ticket = yield from self.by.ticket(self.server, _service(door), expired.granting)
        if ticket is None:
            return (yield from self.sign_in(credential))
        return (yield from self._enter(door, expired.granting, ticket))

    def look(self) -> Steps[str]:
        """Return the fingerprint of the server's login form, empty for REST."""
        door = yield from self._door()
        return (yield from self.by.look(self.server, _service(door)))

    def sign_out(self, session: CasSession) -> Steps[None]:
        """Sign out at the server, which tells the systems."""
        return self.by.end(self.server, session.granting)

    def apply(self, request: httpx.Request, session: CasSession) -> httpx.Request:
        """Put the system's own cookies on."""
        request.headers["Cookie"] = cookie_header(session.cookies)
        return request

    def verdict(self, response: httpx.Response, session: CasSession) -> Verdict:
        """Recognise 401, a redirect to the server and a login page."""
        del session
        content = response.content
        if response.status_code == _OK:
            over = content[:1] != b"{" and self.expired_marker in content
        else:
            over = response.status_code == httpx.codes.UNAUTHORIZED or self._to_server(response)
        return Verdict.EXPIRED if over else Verdict.OK

    def _door(self) -> Steps[httpx.Response]:
        """Knock without a session."""
        door = yield httpx.Request("GET", self.entry, extensions={STAY: True})
        return door

    def _enter(self, door: httpx.Response, granting: dict[str, str], ticket: str) -> Steps[CasSession]:
        service = httpx.URL(_service(door))
        headers = {"Cookie": cookie_header(door.extensions["cookies"])}
        # Below the base URL or refused: a service's name that leads elsewhere gets no ticket.
        answer = yield httpx.Request(
            "GET", service.copy_merge_params({"ticket": ticket}), headers=headers, extensions={STAY: True}
        )
        if answer.status_code == httpx.codes.UNAUTHORIZED or self._to_server(answer):
            raise Unavailable("the ticket was not taken")
        cookies = answer.extensions["cookies"]
        if not cookies or not (answer.is_success or answer.is_redirect):
            raise BadUpstreamData("sign-in gave no session")
        return CasSession(granting, cookies)

    def _to_server(self, response: httpx.Response) -> bool:
        login = f"{self.server.rstrip('/')}/login"
        return response.has_redirect_location and login in response.headers["location"]


def _service(door: httpx.Response) -> str:
    """Return the name under which the CAS server knows the system.

    Raises BadUpstreamData for a name that is not an address of the system itself.
    """
    if not door.has_redirect_location:
        return str(door.url)
    target = door.url.join(door.headers["location"])
    service = httpx.URL(target.params.get("service", ""))
    if (service.scheme, service.netloc) != (door.url.scheme, door.url.netloc):
        raise BadUpstreamData("the service is somebody else")
    return str(service)
