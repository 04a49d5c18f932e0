import httpx
import pytest

from connectors.sdk import AuthRejected, Verdict
from connectors.sdk.auth.api_key import ApiKey, ApiKeySession
from connectors.sdk.mock import MockUpstream
from connectors.sdk.mock.credentials import KeyDoor
from connectors.sdk.mock.door import account_of
from tests.unit.connectors.said import said
from tests.unit.connectors.talk import Talk

KEY = "k3y-of.the+gateway/=="
SCHEME = ApiKey(check="/ping", header="Authorization", prefix="Key ", name_header="X-App-Id")


@pytest.fixture
def talk() -> Talk:
    mock = MockUpstream("meals")
    door = KeyDoor(mock, {"other": "x", "gateway": KEY}, check="/ping", header="Authorization", prefix="Key ")
    door.route("GET", "/who", operation="who")(lambda request: httpx.Response(200, text=account_of(request)))
    return Talk(mock)


async def test_the_key_is_tried_out_once_and_travels_in_headers_alone(talk: Talk) -> None:
    session = await talk.sign_in(SCHEME, "gateway", KEY)
    answer = await talk.ask(SCHEME, session, "/who")
    assert (answer.text, talk.mock.stats.logins) == ("gateway", 1)
    for request in talk.seen:
        assert request.headers["Authorization"] == f"Key {KEY}"
        assert request.headers["X-App-Id"] == "gateway"
        assert KEY not in str(request.url)
    assert SCHEME.load(SCHEME.dump(session)) == session


async def test_a_wrong_one_is_refused_after_one_attempt(talk: Talk) -> None:
    with pytest.raises(AuthRejected):
        await talk.sign_in(SCHEME, "gateway", "another")
    assert (talk.mock.stats.failed_logins, len(talk.seen)) == (1, 1)


async def test_without_a_key_nobody_is_let_in(talk: Talk) -> None:
    answer = await talk.send(httpx.Request("GET", talk.base.join("who")))
    assert (answer.status_code, talk.mock.stats.failed_logins) == (401, 0)


@pytest.mark.parametrize("key", ["", "哨兵", "key\r\nX-Evil: 1", "key ", "key\x7f"])
@pytest.mark.parametrize("part", ["name", "key"])
async def test_what_a_header_cannot_carry_is_not_sent_and_not_quoted(talk: Talk, part: str, key: str) -> None:
    plain = ApiKey(check="/ping", name_header="X-App-Id")
    with pytest.raises(AuthRejected) as caught:
        await talk.sign_in(plain, *((key, "good") if part == "name" else ("good", key)))
    assert talk.seen == []
    assert "哨兵" not in said(caught.value)


def test_a_refusal_later_on_is_final() -> None:
    assert SCHEME.verdict(httpx.Response(401), ApiKeySession({})) is Verdict.REJECTED
    assert SCHEME.verdict(httpx.Response(200, json={}), ApiKeySession({})) is Verdict.OK


def test_the_key_does_not_show() -> None:
    assert KEY not in repr(ApiKeySession({"X-Api-Key": KEY}))
