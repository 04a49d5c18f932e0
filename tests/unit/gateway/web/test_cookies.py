from http.cookies import SimpleCookie

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.web.cookies import clear_session, session_id, set_session

ID = "Ab3-_" * 8


def sent(*headers: str, secure: bool = False) -> str | None:
    request = make_mocked_request("GET", "/", headers=[("Cookie", header) for header in headers])
    return session_id(request, secure=secure)


@pytest.mark.parametrize(
    "header",
    [
        f"session={ID}",
        f"a=b; session={ID}",
        f"session={ID}; a=b",
        f"a=b;session={ID};c=d",
        f"mysession=x; session={ID}",
    ],
)
def test_the_session_is_read_among_other_cookies(header: str) -> None:
    assert sent(header) == ID


@pytest.mark.parametrize(
    "header", ["", "a=b", f"mysession={ID}", f"Session={ID}", "session", f"a=session={ID}"]
)
def test_no_other_cookie_is_a_session(header: str) -> None:
    assert sent(header) is None


def test_without_the_header_there_is_none() -> None:
    assert sent() is None


def test_over_https_only_the_hosts_own_cookie_counts() -> None:
    assert sent(f"session={ID}", secure=True) is None
    assert sent(f"__Host-session={ID}; session=other", secure=True) == ID
    assert sent(f"__Host-session={ID}") is None


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(secure: bool) -> None:
    response = web.Response()
    set_session(response, ID, secure=secure)
    name = "__Host-session" if secure else "session"
    cookie = SimpleCookie(response.cookies.output(header=""))[name]
    assert cookie.value == ID
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert bool(cookie["secure"]) is secure
    assert (cookie["domain"], cookie["max-age"], cookie["expires"]) == ("", "", ""), "ends with the browser"


@pytest.mark.parametrize("secure", [False, True])
def test_a_cleared_cookie_is_the_same_cookie_ended(secure: bool) -> None:
    response = web.Response()
    clear_session(response, secure=secure)
    cookie = SimpleCookie(response.cookies.output(header=""))["__Host-session" if secure else "session"]
    assert (cookie.value, cookie["max-age"], cookie["path"], bool(cookie["secure"])) == ("", "0", "/", secure)
