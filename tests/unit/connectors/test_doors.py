"""The doors of mocks, each with the scheme that opens it."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from connectors.sdk import (
    ApiKey,
    AuthRejected,
    AuthScheme,
    BadUpstreamData,
    Basic,
    CaptchaRequired,
    Cas,
    Credential,
    FormLogin,
    OAuth2ClientCredentials,
    SignedRequests,
    SigningStyle,
    Verdict,
)
from connectors.sdk.mock import (
    BasicDoor,
    CasDoor,
    Door,
    Faults,
    FormDoor,
    KeyDoor,
    MockUpstream,
    SignatureDoor,
    TokenDoor,
    account_of,
)
from tests.unit.connectors.talk import Talk

ACCOUNTS = {"gateway": "s3cret+of/the:gateway=", "other": "another-secret"}
FORM = FormLogin(
    page="/login",
    action="/login",
    landing="/main",
    username_field="username",
    password_field="password",
)
Made = Callable[[MockUpstream, Mapping[str, str]], Door]
PAIRS: dict[str, tuple[AuthScheme[Any], Made]] = {
    "basic": (Basic(check="/ping"), lambda mock, who: BasicDoor(mock, who, check="/ping")),
    "key": (ApiKey(check="/ping"), lambda mock, who: KeyDoor(mock, who, check="/ping")),
    "signature": (
        SignedRequests(check="/ping"),
        lambda mock, who: SignatureDoor(mock, SigningStyle(), who, check="/ping"),
    ),
    "token": (OAuth2ClientCredentials("/oauth/token"), TokenDoor),
    "form": (FORM, FormDoor),
    "cas": (Cas(server="/cas", entry="/"), CasDoor),
}
EACH = pytest.mark.parametrize("name", PAIRS)
WITH_A_SESSION = pytest.mark.parametrize("name", ["token", "form", "cas"])


def behind(name: str) -> tuple[Talk, AuthScheme[Any]]:
    scheme, make = PAIRS[name]
    mock = MockUpstream("line")
    door = make(mock, ACCOUNTS)
    door.route("POST", "/who", operation="who")(
        lambda request: httpx.Response(200, json={"who": account_of(request)})
    )
    return Talk(mock), scheme


@EACH
async def test_the_right_credential_opens_for_its_own_account(name: str) -> None:
    talk, scheme = behind(name)
    for who, secret in ACCOUNTS.items():
        session = await talk.sign_in(scheme, who, secret)
        answer = await talk.ask(scheme, session, "/who", content=b"")
        assert answer.json() == {"who": who}
        assert scheme.verdict(answer, session) is Verdict.OK
    assert (talk.mock.stats.logins, talk.mock.stats.failed_logins, talk.mock.stats.calls) == (2, 0, 2)


@EACH
async def test_a_wrong_one_is_tried_once(name: str) -> None:
    talk, scheme = behind(name)
    with pytest.raises(AuthRejected):
        await talk.sign_in(scheme, "gateway", "a-wrong-one")
    assert (talk.mock.stats.logins, talk.mock.stats.failed_logins) == (0, 1)


@EACH
async def test_whoever_shows_nothing_stays_outside(name: str) -> None:
    talk, scheme = behind(name)
    session = await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    answer = await talk.send(httpx.Request("POST", talk.base.join("who")))
    assert b"gateway" not in answer.content
    assert scheme.verdict(answer, session) in {Verdict.EXPIRED, Verdict.REJECTED}
    assert "Date" in answer.headers


@EACH
async def test_a_session_can_be_stored_and_shows_no_secret(name: str) -> None:
    talk, scheme = behind(name)
    session = await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    stored = scheme.dump(session)
    again = scheme.load(httpx.Response(200, json=stored).json())
    assert again == session
    assert (await talk.ask(scheme, again, "/who", content=b"")).json() == {"who": "gateway"}
    secrets = {value for value in _texts(stored) if len(value) > 7}
    assert secrets
    assert not any(secret in f"{session!r} {session}" for secret in secrets)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [value] if isinstance(value, str) else []


@WITH_A_SESSION
async def test_an_ended_session_is_noticed_and_renewed(name: str) -> None:
    talk, scheme = behind(name)
    session = await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    talk.mock.set_faults(Faults(expire_sessions=True))
    answer = await talk.ask(scheme, session, "/who", content=b"")
    assert scheme.verdict(answer, session) is Verdict.EXPIRED
    renewed = await talk.run(scheme.renew(Credential("gateway", ACCOUNTS["gateway"]), session))
    assert (await talk.ask(scheme, renewed, "/who", content=b"")).json() == {"who": "gateway"}


@pytest.mark.parametrize("name", ["token", "form", "cas"])
async def test_a_changed_login_is_noticed(name: str) -> None:
    talk, scheme = behind(name)
    talk.mock.set_faults(Faults(login_form_changed=True))
    with pytest.raises(BadUpstreamData):
        await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])


@pytest.mark.parametrize("name", ["form", "cas"])
async def test_a_captcha_is_noticed_at_a_look_and_at_signing_in(name: str) -> None:
    talk, scheme = behind(name)
    well = await talk.run(scheme.look())
    talk.mock.set_faults(Faults(captcha=True))
    with pytest.raises(CaptchaRequired):
        await talk.run(scheme.look())
    with pytest.raises(CaptchaRequired):
        await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    talk.mock.set_faults(Faults())
    assert await talk.run(scheme.look()) == well != ""
    assert not any(b"password" in request.content for request in talk.seen)


@pytest.mark.parametrize("name", ["basic", "key", "signature", "token"])
async def test_without_a_login_page_there_is_nothing_to_look_at(name: str) -> None:
    talk, scheme = behind(name)
    assert await talk.run(scheme.look()) == ""
    assert talk.seen == []


async def test_one_session_for_each_account() -> None:
    talk, scheme = behind("form")
    first = await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    other = await talk.sign_in(scheme, "other", ACCOUNTS["other"])
    second = await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    states = [
        scheme.verdict(await talk.ask(scheme, session, "/who", content=b""), session)
        for session in (first, other, second)
    ]
    assert states == [Verdict.EXPIRED, Verdict.OK, Verdict.OK]


@pytest.mark.parametrize("name", ["form", "cas"])
async def test_five_wrong_passwords_lock_the_account_and_no_other(name: str) -> None:
    talk, scheme = behind(name)
    for _ in range(5):
        with pytest.raises(AuthRejected):
            await talk.sign_in(scheme, "gateway", "wrong")
    with pytest.raises(AuthRejected):
        await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    await talk.sign_in(scheme, "other", ACCOUNTS["other"])


async def test_a_login_page_is_good_for_one_attempt() -> None:
    talk, scheme = behind("form")
    await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    [sent] = [request for request in talk.seen if request.method == "POST"]
    answer = await talk.send(sent)
    assert (answer.status_code, talk.mock.stats.logins) == (200, 1)


@pytest.mark.parametrize("life_s", [1, 1800])
async def test_a_token_lives_as_long_as_it_says(life_s: int) -> None:
    mock, now = MockUpstream("line"), [1000.0]
    door = TokenDoor(mock, ACCOUNTS, life_s=life_s, clock=lambda: now[0])
    door.route("POST", "/who", operation="who")(lambda _: httpx.Response(200))
    talk, scheme = Talk(mock), PAIRS["token"][0]
    session = await talk.sign_in(scheme, "gateway", ACCOUNTS["gateway"])
    for later, status in ((life_s - 0.5, 200), (life_s, 401)):
        now[0] = 1000.0 + later
        assert (await talk.ask(scheme, session, "/who", content=b"")).status_code == status


@pytest.mark.parametrize(
    ("content", "headers", "error"),
    [
        (b"grant_type=password", {}, "unsupported_grant_type"),
        (b"grant_type=client_credentials", {}, "invalid_client"),
        (b"grant_type=client_credentials", {"Authorization": "Basic *"}, "invalid_client"),
    ],
)
async def test_other_questions_for_a_token(content: bytes, headers: dict[str, str], error: str) -> None:
    talk, _ = behind("token")
    request = httpx.Request("POST", talk.base.join("oauth/token"), content=content, headers=headers)
    assert (await talk.send(request)).json() == {"error": error}
