"""Who may send what from where; over HTTP, at the sign-in, which is public, and at a search, which is not."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.web.limits import MAX_BODY
from tests.unit.gateway.pipeline.cards import card
from tests.unit.gateway.web.site import PASSPHRASE, Answer, Site, site

in_one_loop = pytest.mark.asyncio(loop_scope="module")
PUBLIC = "https://cloud.example.test"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A gateway that browsers reach as they see it."""
    async with site(tmp_path_factory.mktemp("plain"), [card(1)]) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxied(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A gateway behind a proxy that ends HTTPS."""
    async with site(tmp_path_factory.mktemp("proxied"), [card(1)], public_url=PUBLIC) as made:
        yield made


async def sign_in(running: Site, **headers: str) -> Answer:
    """Send a sign-in that cannot succeed; 422 means that its origin was accepted."""
    return await running.ask("POST", "/api/v1/session", body={"username": "x"}, **headers)


async def search(running: Site, **headers: str) -> Answer:
    return await running.ask("POST", "/api/v1/residents/search", "cadre", body={"query": "陈"}, **headers)


# ---- origins


@in_one_loop
@pytest.mark.parametrize("own", [True, False])
async def test_our_own_pages_may_send(plain: Site, own: bool) -> None:
    origin = {"Origin": plain.url} if own else {}
    assert (await sign_in(plain, **origin)).status == 422
    assert (await search(plain, **origin)).status == 200


@in_one_loop
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.test",
        "https://127.0.0.1",
        "http://127.0.0.1",
        "http://localhost:1",
        "null",
        "",
        "http://127.0.0.1.evil.test",
    ],
)
async def test_other_origins_may_not(plain: Site, origin: str) -> None:
    for answer in (await sign_in(plain, Origin=origin), await search(plain, Origin=origin)):
        assert (answer.status, answer.json["code"]) == (403, "cross_site")


@in_one_loop
@pytest.mark.parametrize(
    ("site_of", "accepted"),
    [("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False), ("", False)],
)
async def test_the_browsers_word_counts(plain: Site, site_of: str, accepted: bool) -> None:
    assert (await sign_in(plain, Sec_Fetch_Site=site_of)).status == (422 if accepted else 403)


@in_one_loop
async def test_a_form_of_ours_without_referrer_is_ours(plain: Site) -> None:
    assert (await sign_in(plain, Origin="null", Sec_Fetch_Site="same-origin")).status == 422
    assert (await sign_in(plain, Origin="null", Sec_Fetch_Site="none")).status == 403


@in_one_loop
@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        (PUBLIC, True),
        (f"{PUBLIC}:443", False),
        ("http://cloud.example.test", False),
        (f"{PUBLIC}.evil.test", False),
    ],
)
async def test_behind_a_proxy_the_public_address_counts_and_no_host_header(
    proxied: Site, origin: str, accepted: bool
) -> None:
    assert (await sign_in(proxied, Origin=origin)).status == (422 if accepted else 403)
    own = proxied.url
    assert (await sign_in(proxied, Origin=own)).status == 403
    assert (await sign_in(proxied, Origin="http://evil.test", Host="evil.test")).status == 403


@in_one_loop
async def test_reading_needs_no_origin(plain: Site) -> None:
    answer = await plain.ask(
        "GET", "/api/v1/me", "cadre", Origin="http://evil.test", Sec_Fetch_Site="cross-site"
    )
    assert answer.status == 200
    assert not {name for name in answer.headers if name.lower().startswith("access-control-")}


# ---- tokens and sessions


@in_one_loop
@pytest.mark.parametrize("token", ["", "x", "é", "0" * 43])
async def test_a_change_needs_the_sessions_token(plain: Site, token: str) -> None:
    answer = await search(plain, X_CSRF_Token=token)
    assert (answer.status, answer.json["code"]) == (403, "cross_site")


@in_one_loop
async def test_another_sessions_token_is_none(plain: Site) -> None:
    _, other = await plain.signed_in("admin")
    assert (await search(plain, X_CSRF_Token=other)).status == 403


@in_one_loop
@pytest.mark.parametrize(
    "cookie", ["session=", "session=x", "session=" + "A" * 43, "session=\xff", "other=1"]
)
async def test_no_session_is_told_before_anything_else(plain: Site, cookie: str) -> None:
    answer = await plain.ask("POST", "/api/v1/residents/search", body=b"{", Cookie=cookie)
    assert (answer.status, answer.json["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"]


@in_one_loop
async def test_over_https_the_cookie_is_bound_to_the_host(proxied: Site) -> None:

    body = {"username": "cadre", "password": PASSPHRASE}
    answer = await proxied.ask("POST", "/api/v1/session", body=body, Origin=PUBLIC)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    value = cookie.partition(";")[0]
    assert (await proxied.ask("GET", "/api/v1/me", Cookie=value)).status == 200
    assert (await proxied.ask("GET", "/api/v1/me", Cookie=value.removeprefix("__Host-"))).status == 401


# ---- bodies


@in_one_loop
@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"[]", "application/json", 400, "malformed"),
        (b'"x"', "application/json", 400, "malformed"),
        (b"", "application/json", 400, "malformed"),
        (b'{"query": "\xff"}', "application/json", 400, "malformed"),
        (b'{"query": "\\ud800"}', "application/json", 400, "malformed"),
        (b"[" * 5000, "application/json", 400, "malformed"),
        (b"{}", "application/json", 422, "invalid_input"),
        (b'{"query": 5}', "application/json", 422, "invalid_input"),
        (b'{"query": "x", "colour": 1}', "application/json", 422, "invalid_input"),
        (b'{"query": "x", "limit": 51}', "application/json", 422, "invalid_input"),
        (b'{"query": ""}', "application/json", 422, "invalid_input"),
        (b'{"query": "x", "purpose": "curiosity"}', "application/json", 422, "invalid_input"),
        (b'{"query": "x"}', "text/plain", 415, "unsupported_media_type"),
        (b'{"query": "x"}', "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"query": "' + b"x" * MAX_BODY + b'"}', "application/json", 413, "too_large"),
    ],
)
async def test_a_body_is_what_it_should_be_or_refused(
    plain: Site, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = await plain.ask(
        "POST", "/api/v1/residents/search", "cadre", body=body, Content_Type=content_type
    )
    assert (answer.status, answer.json["code"]) == (status, code)


@in_one_loop
async def test_faults_of_a_body_name_its_fields_and_not_its_values(plain: Site) -> None:
    answer = await plain.ask(
        "POST",
        "/api/v1/residents/search",
        "cadre",
        body={"query": "陈" * 65, "limit": "13800006021", "colour": "319999193405060011"},
    )
    assert [fault["field"] for fault in answer.json["errors"]] == ["query", "limit", "colour"]
    assert all(fault["message"] for fault in answer.json["errors"])
    assert "13800006021" not in answer.raw.decode()
    assert "319999193405060011" not in answer.raw.decode()


# ---- the log


@in_one_loop
async def test_a_request_is_logged_by_its_route_and_not_by_its_address(plain: Site) -> None:
    secret = "319999193405060011"
    await plain.ask("GET", f"/api/v1/residents/{secret}?purpose={secret}", "cadre")
    await plain.ask("GET", f"/{secret}", Cookie=f"session={secret}", User_Agent=secret)
    lines = await plain.logged()
    assert [line["route"] for line in lines][-2:] == ["/api/v1/residents/{resident}", "none"]
    assert secret not in str(lines)
