import base64
from collections.abc import Callable
from urllib.parse import parse_qs, unquote_plus

import httpx
import pytest

from connectors.sdk import AuthRejected, BadUpstreamData, Credential, Throttled, Unavailable, Verdict
from connectors.sdk.auth.oauth2 import BearerSession, OAuth2ClientCredentials
from connectors.sdk.run import converse
from tests.unit.connectors.said import said

BASE = httpx.URL("http://elderly.invalid/")
CREDENTIAL = Credential("gateway", "p:ss+word 养老%")
TOKEN = "mF_9.B5f-4.1JqM"
SCHEME = OAuth2ClientCredentials("/oauth/token", now=lambda: 1000.0)


async def sign_in(
    answer: httpx.Response, asked: Callable[[httpx.Request], None] = lambda _: None
) -> BearerSession:
    async def send(request: httpx.Request) -> httpx.Response:
        asked(request)
        return answer

    return await converse(SCHEME.sign_in(CREDENTIAL), send, BASE)


def granted(**changes: object) -> httpx.Response:
    answer = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 1800} | changes
    return httpx.Response(200, json={key: value for key, value in answer.items() if value is not None})


async def test_asks_by_basic_with_form_encoded_names_and_keeps_token_and_end() -> None:
    seen: list[httpx.Request] = []
    session = await sign_in(granted(), seen.append)

    assert session == BearerSession(TOKEN, 2800.0)
    [request] = seen
    assert request.method == "POST"
    assert str(request.url) == "http://elderly.invalid/oauth/token"
    assert parse_qs(request.content.decode()) == {"grant_type": ["client_credentials"]}
    kind, _, basic = request.headers["authorization"].partition(" ")
    name, _, secret = base64.b64decode(basic).decode("ascii").partition(":")
    assert (kind, unquote_plus(name), unquote_plus(secret)) == ("Basic", "gateway", CREDENTIAL.secret)


async def test_scope_is_sent_when_there_is_one() -> None:
    steps = OAuth2ClientCredentials("/oauth/token", scope="elders.read").sign_in(CREDENTIAL)
    assert parse_qs(next(steps).content.decode())["scope"] == ["elders.read"]


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "access_denied"])
@pytest.mark.parametrize("status", [400, 401])
async def test_refused_client_is_rejected(status: int, error: str) -> None:
    with pytest.raises(AuthRejected):
        await sign_in(httpx.Response(status, json={"error": error, "error_description": "陈桂芳"}))


async def test_401_without_json_is_rejected_too() -> None:
    with pytest.raises(AuthRejected):
        await sign_in(httpx.Response(401, text="no"))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(400, json={"error": "invalid_request"}), id="our request is wrong"),
        pytest.param(httpx.Response(400, text="陈桂芳"), id="400 without JSON"),
        pytest.param(httpx.Response(403, text="陈桂芳"), id="another status"),
        pytest.param(httpx.Response(200, text="<html>陈桂芳"), id="no JSON"),
        pytest.param(httpx.Response(200, json=["陈桂芳"]), id="no object"),
        pytest.param(granted(access_token=None), id="no token"),
        pytest.param(granted(access_token="陈桂芳"), id="no bearer token"),
        pytest.param(granted(access_token="x\r\nX-Evil: 1"), id="forged header"),
        pytest.param(granted(token_type="mac"), id="another token type"),
        pytest.param(granted(expires_in="陈桂芳"), id="no number"),
        pytest.param(granted(expires_in=-1), id="over already"),
    ],
)
async def test_unexpected_answers_are_bad_data_and_not_quoted(answer: httpx.Response) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        await sign_in(answer)
    assert "陈桂芳" not in said(caught.value)


async def test_a_busy_end_point_may_be_tried_later() -> None:
    with pytest.raises(Throttled) as caught:
        await sign_in(httpx.Response(429, headers={"Retry-After": "7"}))
    assert caught.value.retry_after_s == 7
    with pytest.raises(Unavailable):
        await sign_in(httpx.Response(503))


def test_the_token_goes_into_the_header_and_nowhere_else() -> None:
    request = httpx.Request("POST", "http://elderly.invalid/api", content=b"{}")
    marked = SCHEME.apply(request, BearerSession(TOKEN, 0))
    assert marked.headers["authorization"] == f"Bearer {TOKEN}"
    assert str(marked.url) == "http://elderly.invalid/api"
    assert marked.content == b"{}"


def test_only_401_says_that_the_session_is_over() -> None:
    session = BearerSession(TOKEN, 0)
    assert SCHEME.verdict(httpx.Response(401), session) is Verdict.EXPIRED
    assert SCHEME.verdict(httpx.Response(403), session) is Verdict.OK
    assert SCHEME.verdict(httpx.Response(200), session) is Verdict.OK


def test_nothing_secret_shows_in_a_repr() -> None:
    assert TOKEN not in repr(BearerSession(TOKEN, 0))
    assert CREDENTIAL.secret not in repr(CREDENTIAL)
