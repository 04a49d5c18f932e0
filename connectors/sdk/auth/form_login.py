"""Sign in through an HTML login form as a browser does: carry hidden fields, keep cookies in the session."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from selectolax.lexbor import LexborHTMLParser

from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.connector import form
from connectors.sdk.errors import AuthRejected, BadUpstreamData, CaptchaRequired, Unavailable
from connectors.sdk.run import cookie_header
from connectors.sdk.text import decode

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_OK = 200  # httpx.codes.OK is an enum, slow to compare with on every answer
_MAX_INPUTS = 100
# The parser closes what was left open, and so would not tell half a form from a whole one.
_FORM_END = re.compile("</form", re.IGNORECASE)
_SESSION_NUMBER = re.compile(r";[^?]*")
_CAPTCHA = re.compile(
    r"captcha|yzm|yanzhengma|(?:auth|check|img|rand|valid|validate|verify)_?code|^v_?code$|geetest",
    re.IGNORECASE,
)
# What a browser sends without anybody having filled it in, or not at all.
_SILENT = {"button", "checkbox", "hidden", "image", "radio", "reset", "submit"}


@dataclass(frozen=True, slots=True)
class CookieSession:
    """An upstream session that consists of cookies."""

    cookies: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What a login page asks for."""

    method: str
    """Upper case."""
    action: str
    """The address it posts to, as the page writes it, without a session number in it (``;jsessionid=``)."""
    types: dict[str, str]
    """Type of each named field, in small letters; a tag's name for what is no ``input``."""
    hidden: dict[str, str] = field(repr=False)
    """Fields that the page fills in itself."""

    @property
    def asked(self) -> frozenset[str]:
        """Return the names of the fields that a person fills in."""
        return frozenset(name for name, kind in self.types.items() if kind not in _SILENT)

    @property
    def captcha(self) -> bool:
        """Tell whether a field asks for what only a person can read, going by the names that systems use."""
        return any(_CAPTCHA.search(name) for name in self.asked)

    @property
    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that change when the form asks for something else, or elsewhere.

        Made of method, address and the fields' names and types; never of values, which change each time.
        """
        address, _, query = self.action.partition("?")
        names = sorted(pair.partition("=")[0] for pair in query.split("&"))
        shape = [
            self.method,
            address,
            *names,
            "",
            *(f"{name} {self.types[name]}" for name in sorted(self.types)),
        ]
        return hashlib.sha256("\n".join(shape).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_login_form(page: httpx.Response, password_field: str, charset: str) -> LoginForm:
    """Find the form with the password field on a page.

    Raises BadUpstreamData when there is none, or the page was cut short. Values may be as long as the page.
    """
    text = decode(page, charset)
    tree = LexborHTMLParser(text if _FORM_END.search(text) else "")
    forms = tree.css("form")
    for found in forms:
        # Old pages open the form inside a table: by HTML's rules its fields then stand outside of it.
        inputs = (tree if len(forms) == 1 else found).css("input, select, textarea")
        fields = {name: node for node in inputs[:_MAX_INPUTS] if (name := node.attributes.get("name"))}
        if password_field in fields:
            return LoginForm(
                method=(found.attributes.get("method") or "get").upper(),
                action=_SESSION_NUMBER.sub("", found.attributes.get("action") or ""),
                types={name: _type(node) for name, node in fields.items()},
                hidden={
                    name: node.attributes.get("value") or ""
                    for name, node in fields.items()
                    if _type(node) == "hidden"
                },
            )
    raise BadUpstreamData("login form changed: no password field")


def _type(node: LexborNode) -> str:
    return (node.attributes.get("type") or "text").lower() if node.tag == "input" else str(node.tag)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLogin(AuthScheme[CookieSession]):
    """Sign in with a login form and recognise the system's way to say that the session is over.

    A form that asks for anything but name, password and captcha is refused before the password is sent: an
    attempt that cannot succeed would only count towards the system's lockout. For the same reason a login
    page that comes back after the attempt counts as a rejected password, whatever it says.
    """

    page: str
    """Path of the login page."""
    action: str
    """Path that the form must post to."""
    username_field: str
    password_field: str
    landing: str
    """Path that a successful sign-in ends at, redirects included."""
    sign_out_page: str | None = None
    captcha_field: str | None = None
    """Field of the captcha, where its name is not one of the usual (yzm, captcha, checkCode...). A form that
    asks for it is left to a person: the account's state says so, and nothing is sent."""
    expired_marker: bytes = b'type="password"'
    """Bytes that stand in every login page and in no proper answer: the system sends that page, with status
    200, to whoever has no session. They are looked for in every answer, and a login page without them counts
    as changed, as we would no longer see that a password was rejected."""
    maintenance_marker: str | None = None
    """Words of the page that the system shows, with status 200, when it is closed."""
    stale_marker: str | None = None
    """Words of the login page that comes back unjudged, because its one-time field had run out."""
    charset: str = "utf-8"
    """Of pages that declare none, and of the form we send."""

    def sign_in(self, credential: Credential) -> Steps[CookieSession]:
        """Fetch the page, check the form, post it and see the landing page.

        Raises as :meth:`AuthScheme.sign_in` says. Not found out: a form that means something else by the same
        names.
        """
        page = yield httpx.Request("GET", self.page)
        hidden = self._checked_form(page).hidden
        fields = {**hidden, self.username_field: credential.username, self.password_field: credential.secret}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie_header(page.extensions["cookies"]),
        }
        answer = yield httpx.Request("POST", self.action, content=form(fields, self.charset), headers=headers)
        self._check_signed_in(answer)
        return CookieSession(answer.extensions["cookies"])

    def look(self) -> Steps[str]:
        """Fetch the page, check the form and return its fingerprint; the password stays at home."""
        page = yield httpx.Request("GET", self.page)
        return self._checked_form(page).fingerprint

    def sign_out(self, session: CookieSession) -> Steps[None]:
        """Open the sign-out page, if the system has one."""
        if self.sign_out_page:
            yield self.apply(httpx.Request("GET", self.sign_out_page), session)

    def apply(self, request: httpx.Request, session: CookieSession) -> httpx.Request:
        """Put the cookies on."""
        request.headers["Cookie"] = cookie_header(session.cookies)
        return request

    def verdict(self, response: httpx.Response, session: CookieSession) -> Verdict:
        """Recognise 401, a redirect to the login page and the login page itself."""
        del session
        content = response.content
        if response.status_code == _OK:
            # Most answers are JSON and told by one byte; a search through a list's page takes 50 us.
            if content[:1] == b"{" or self.expired_marker not in content:
                return Verdict.OK
        elif response.has_redirect_location:
            return Verdict.EXPIRED if self.page in response.headers["location"] else Verdict.OK
        else:
            return Verdict.EXPIRED if response.status_code == httpx.codes.UNAUTHORIZED else Verdict.OK
        return Verdict.CAPTCHA if self._wants_captcha(response) else Verdict.EXPIRED

    def _wants_captcha(self, page: httpx.Response) -> bool:
        return (
            self.captcha_field is not None and f'name="{self.captcha_field}"'.encode("ascii") in page.content
        )

    def _checked_form(self, page: httpx.Response) -> LoginForm:
        self._check_open(page)
        found = read_login_form(page, self.password_field, self.charset)
        if found.captcha or self.captcha_field in found.asked:
            raise CaptchaRequired
        target = page.url.join(found.action)
        if (
            self.expired_marker not in page.content
            or found.method != "POST"
            or target.netloc != page.url.netloc
            or not target.path.endswith(self.action)
            or found.asked != {self.username_field, self.password_field}
        ):
            raise BadUpstreamData("login form changed")
        return found

    def _check_signed_in(self, answer: httpx.Response) -> None:
        self._check_open(answer)
        landed = answer.url.path.endswith(self.landing)
        if self.expired_marker in answer.content:
            if landed or (self.stale_marker and self.stale_marker in decode(answer, self.charset)):
                raise Unavailable("session lost while signing in")
            raise AuthRejected
        if not (landed and answer.is_success):
            raise BadUpstreamData("sign-in ended at an unknown page")

    def _check_open(self, page: httpx.Response) -> None:
        if self.maintenance_marker and self.maintenance_marker in decode(page, self.charset):
            raise Unavailable("in maintenance")
