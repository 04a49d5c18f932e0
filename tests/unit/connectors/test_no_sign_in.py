"""No sign-in: nothing is sent, and a system that wants a credential by now is no answer."""

import httpx

from connectors.sdk import NoSignIn, Verdict
from connectors.sdk.mock import MockUpstream
from tests.unit.connectors.talk import Talk


async def test_nothing_is_sent_to_sign_in_and_no_request_is_changed() -> None:
    mock = MockUpstream("open")
    mock.route("GET", "/who", operation="who")(lambda request: httpx.Response(200, text=str(request.url)))
    talk, scheme = Talk(mock), NoSignIn()
    session = await talk.sign_in(scheme, "gateway", "a-secret")
    assert not talk.seen
    answer = await talk.ask(scheme, session, "/who")
    assert scheme.verdict(answer, session) is Verdict.OK
    assert b"a-secret" not in b"".join(value for _, value in talk.seen[0].headers.raw)
    assert scheme.load(scheme.dump(session)) == session


def test_a_system_that_wants_a_credential_by_now_is_not_asked_again() -> None:
    scheme = NoSignIn()
    session = scheme.load({})
    assert scheme.verdict(httpx.Response(401), session) is Verdict.REJECTED
