"""Sign in, sign out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import AccountLocked, Busy, GatewayError, WrongPassword
from gateway.portal.page import see_other
from gateway.portal.paths import HOME, own_path
from gateway.portal.words import ZH
from gateway.web import cookies, respond
from gateway.web.api.session import enter, leave
from gateway.web.endpoint import is_secure
from gateway.web.words import PROBLEMS, Language

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.portal.page import Visit

_USERNAME, _PASSWORD = 128, 256


async def form(visit: Visit) -> web.StreamResponse:
    """Show the form; who is signed in already goes where they wanted to go."""
    back = own_path(visit.request.query.get("next"))
    if visit.maybe_session is not None:
        return see_other(back)
    known = cookies.session_id(visit.request, secure=is_secure(visit.services)) is not None
    said = "session_over" if known else "sign_in_first"
    if "out" in visit.request.query:
        said = "signed_out"
    elif back == HOME and not known:
        said = ""
    return visit.page("login.html", back=back, said=said, fault=None, username="")


async def sign_in(visit: Visit) -> web.StreamResponse:
    """Sign in; a failure shows the form again with the user name, never the password."""
    username = visit.form.get("username", "").strip()
    password = visit.form.get("password", "")
    back = own_path(visit.form.get("next"))
    if not 0 < len(username) <= _USERNAME or not 0 < len(password) <= _PASSWORD:
        return _again(visit, back, username[:_USERNAME], (ZH["form_empty"], ZH["form_empty_text"]), 422)
    secure = is_secure(visit.services)
    former = cookies.session_id(visit.request, secure=secure)
    try:
        session_id, _ = await enter(visit.services, visit.request_id, username, password, former)
    except WrongPassword:
        return _again(visit, back, username, _words("wrong_password"), 422)
    except (AccountLocked, Busy) as error:
        return _refused(visit, back, username, error)
    response = see_other(back)
    cookies.set_session(response, session_id, secure=secure)
    return response


async def sign_out(visit: Visit) -> web.StreamResponse:
    """End the session; the browser is told to forget what it kept."""
    secure = is_secure(visit.services)
    session_id = cookies.session_id(visit.request, secure=secure)
    await leave(visit.services, visit.request_id, visit.session, session_id)
    response = see_other("/login?out=1")
    cookies.clear_session(response, secure=secure)
    return response


def _refused(visit: Visit, back: str, username: str, error: GatewayError) -> web.Response:
    plain = respond.of_error(error, Language.ZH, visit.request_id)
    code = "account_locked" if isinstance(error, AccountLocked) else "busy"
    answer = _again(visit, back, username, _words(code), plain.status)
    answer.headers["Retry-After"] = plain.headers["Retry-After"]
    return answer


def _words(code: str) -> tuple[str, str]:
    """Return title and text of a problem."""
    _, title, text = PROBLEMS[code]
    return title[Language.ZH], text[Language.ZH]


def _again(visit: Visit, back: str, username: str, fault: tuple[str, str], status: int) -> web.Response:
    return visit.page("login.html", status=status, back=back, said="", fault=fault, username=username)
