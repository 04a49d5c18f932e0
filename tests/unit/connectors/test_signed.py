from dataclasses import dataclass, replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import AuthRejected, BadUpstreamData, Credential, Verdict
from connectors.sdk.auth.refusals import Refusals
from connectors.sdk.auth.signature import WHOLE_REQUEST, Algorithm, Joined, Part, SigningStyle
from connectors.sdk.auth.signed import SignedRequests, SignedSession
from connectors.sdk.mock import Faults, MockUpstream
from connectors.sdk.mock.door import account_of
from connectors.sdk.mock.signature import SignatureDoor
from tests.unit.connectors.said import said
from tests.unit.connectors.talk import Talk

START = 1_790_000_000.0
SECRET = "哨兵+secret/=="
STYLES = {
    "whole request": SigningStyle(),
    "sm3": SigningStyle(algorithm=Algorithm.HMAC_SM3, body_header="X-Digest", ticks_per_s=1),
    "id, time, nonce": SigningStyle(canonical=Joined((Part.CLIENT, Part.TIMESTAMP, Part.NONCE), joiner="")),
    "sha1": SigningStyle(algorithm=Algorithm.SHA1, canonical=Joined((*WHOLE_REQUEST, Part.SECRET))),
    "md5": SigningStyle(
        algorithm=Algorithm.MD5, canonical=Joined((*WHOLE_REQUEST, Part.SECRET), ordered=True)
    ),
}


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


class Exchange(Talk):
    """A data exchange that wants signatures, and a client with a clock of its own."""

    def __init__(self, style: SigningStyle = STYLES["whole request"]) -> None:
        super().__init__(MockUpstream("disability"), httpx.URL("http://line.example:8080/app/"))
        self.theirs, self.ours = Clock(), Clock()
        clients = {"gateway": SECRET, "other": "another"}
        door = SignatureDoor(self.mock, style, clients, check="/app/ping", clock=self.theirs)
        door.refuse = lambda refusal: httpx.Response(401, json={"code": refusal.value})
        for method in ("GET", "POST"):
            answer = door.guard(lambda request: httpx.Response(200, text=account_of(request)))
            self.mock.route(method, "/app/who", operation="who")(answer)
        self.mock.route("POST", "/app/what", operation="what")(answer)
        self.scheme = SignedRequests(check="/ping", style=style, now=self.ours)

    async def enter(self, secret: str = SECRET, client: str = "gateway") -> SignedSession:
        return await self.sign_in(self.scheme, client, secret)

    async def signed(self, session: SignedSession) -> httpx.Request:
        await self.ask(self.scheme, session, "/who?a=1", content=b"body")
        return self.seen[-1]


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
async def test_what_one_side_signs_the_other_lets_in(style: SigningStyle) -> None:
    talk = Exchange(style)
    session = await talk.enter()
    for content in (None, b"", "查".encode()):
        answer = await talk.ask(talk.scheme, session, "/who?page=1", content=content)
        assert answer.text == "gateway"
    assert (talk.mock.stats.logins, talk.mock.stats.failed_logins) == (1, 0)
    assert not any(SECRET.encode() in repr(request.headers.raw).encode() for request in talk.seen)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
async def test_a_request_is_good_once(style: SigningStyle) -> None:
    talk = Exchange(style)
    request = await talk.signed(await talk.enter())
    assert (await talk.send(request)).json() == {"code": "replay"}


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/app/who?a=1", b"body"),
        ("POST", "/app/what?a=1", b"body"),
        ("POST", "/app/who?a=2", b"body"),
        ("POST", "/app/who", b"body"),
        ("POST", "/app/who?a=1", b"bodY"),
    ],
    ids=["method", "path", "query", "no query", "body"],
)
@pytest.mark.parametrize("name", ["whole request", "sm3", "sha1", "md5"])
async def test_a_signature_of_one_request_does_not_fit_another(
    name: str, method: str, path: str, content: bytes
) -> None:
    talk = Exchange(STYLES[name])
    session = await talk.enter()
    signed = talk.scheme.apply(httpx.Request("POST", talk.base.join("who?a=1"), content=b"body"), session)
    headers = {key: value for key, value in signed.headers.items() if key.startswith("x-")}
    stolen = httpx.Request(method, talk.base.join(path), headers=headers, content=content)
    assert (await talk.send(stolen)).json() == {"code": "signature"}
    assert (await talk.send(signed)).status_code == 200, "a stolen signature does not use up the nonce"


async def test_a_body_under_another_digest_is_refused() -> None:
    style = replace(STYLES["id, time, nonce"], body_header="X-Digest")
    talk = Exchange(style)
    signed = talk.scheme.apply(
        httpx.Request("POST", talk.base.join("who"), content=b"body"), await talk.enter()
    )
    signed.headers["X-Digest"] = "0" * 64
    assert (await talk.send(signed)).json() == {"code": "signature"}


@pytest.mark.parametrize(("client", "secret"), [("gateway", "wrong"), ("nobody", SECRET), ("other", SECRET)])
async def test_a_wrong_secret_is_tried_once(client: str, secret: str) -> None:
    talk = Exchange()
    with pytest.raises(AuthRejected) as caught:
        await talk.enter(secret, client)
    assert talk.mock.stats.failed_logins == 1
    assert "哨兵" not in said(caught.value)


@pytest.mark.parametrize("skew_s", [-80_000, -1200, 0, 1200, 80_000])
async def test_clocks_that_differ_are_set_right_at_the_first_answer(skew_s: int) -> None:
    talk = Exchange()
    talk.mock.set_faults(Faults(clock_skew_s=skew_s))
    session = await talk.enter()
    assert session.skew_s == skew_s
    assert (await talk.ask(talk.scheme, session, "/who")).status_code == 200
    assert talk.mock.stats.failed_logins == 0, "a clock that is off costs no attempt"


async def test_a_clock_set_later_ends_the_session_and_the_next_sign_in_learns_it() -> None:
    talk = Exchange()
    session = await talk.enter()
    talk.theirs.now += 601
    answer = await talk.ask(talk.scheme, session, "/who")
    assert answer.json() == {"code": "clock"}
    assert talk.scheme.verdict(answer, session) is Verdict.EXPIRED
    renewed = await talk.run(talk.scheme.renew(Credential("gateway", SECRET), session))
    assert (await talk.ask(talk.scheme, renewed, "/who")).status_code == 200


async def test_the_window_is_ten_minutes_wide_on_both_sides() -> None:
    talk = Exchange()
    session = await talk.enter()
    for seconds, status in ((-601, 401), (-599, 200), (599, 200), (601, 401)):
        talk.ours.now = START + seconds
        assert (await talk.ask(talk.scheme, session, "/who")).status_code == status


async def test_a_nonce_is_remembered_as_long_as_its_timestamp_passes() -> None:
    talk = Exchange()
    session = await talk.enter()
    request = await talk.signed(session)
    await talk.signed(session)
    talk.theirs.now += 599
    assert (await talk.send(request)).json() == {"code": "replay"}
    talk.theirs.now += 2
    assert (await talk.send(request)).json() == {"code": "clock"}


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 21 Nov 2026 25:00:00 GMT"])
async def test_without_a_date_our_own_clock_counts(date: str) -> None:
    steps = Exchange().scheme.sign_in(Credential("gateway", SECRET))
    next(steps)
    request = steps.send(dated(date))
    assert request.headers["X-Timestamp"] == "1790000000000"


def dated(date: str) -> httpx.Response:
    return httpx.Response(
        401, headers={"Date": date}, request=httpx.Request("GET", "http://line.example/ping")
    )


async def test_clocks_a_day_apart_are_not_believed() -> None:
    talk = Exchange()
    talk.mock.set_faults(Faults(clock_skew_s=100_000))
    with pytest.raises(BadUpstreamData):
        await talk.enter()
    assert len(talk.seen) == 1


@pytest.mark.parametrize("client", ["", "哨兵", "a\r\nX-Evil: 1", "a b"])
async def test_a_name_that_no_header_carries_is_not_sent(client: str) -> None:
    talk = Exchange()
    with pytest.raises(AuthRejected) as caught:
        await talk.enter(client=client)
    assert talk.seen == []
    assert "哨兵" not in said(caught.value)


@pytest.mark.parametrize("name", ["X-Client-Id", "X-Timestamp", "X-Nonce", "X-Signature"])
async def test_nothing_may_be_missing(name: str) -> None:
    talk = Exchange()
    request = talk.scheme.apply(httpx.Request("GET", talk.base.join("who")), await talk.enter())
    del request.headers[name]
    assert (await talk.send(request)).json() == {"code": "missing"}


@pytest.mark.parametrize("timestamp", ["1e12", "soon", "-1", "9" * 17])
async def test_a_timestamp_is_a_number(timestamp: str) -> None:
    talk = Exchange()
    request = talk.scheme.apply(httpx.Request("GET", talk.base.join("who")), await talk.enter())
    request.headers["X-Timestamp"] = timestamp
    assert (await talk.send(request)).json() == {"code": "clock"}


def test_a_refusal_in_words_leads_to_one_more_sign_in() -> None:
    scheme = SignedRequests(
        check="/ping", refusals=Refusals(expired=frozenset({"5"}), rejected=frozenset({"6"}))
    )
    session = SignedSession("a", "b", 0)
    for code, verdict in (("5", Verdict.EXPIRED), (6, Verdict.EXPIRED), (0, Verdict.OK)):
        assert scheme.verdict(httpx.Response(200, json={"code": code}), session) is verdict


@given(client=st.text(), secret=st.text(), skew_s=st.floats(allow_nan=False, allow_infinity=False))
def test_a_session_comes_back_as_it_was_stored(client: str, secret: str, skew_s: float) -> None:
    scheme = SignedRequests(check="/ping")
    session = SignedSession(client, secret, skew_s)
    assert scheme.load(scheme.dump(session)) == session


def test_the_secret_does_not_show() -> None:
    assert "哨兵" not in repr(SignedSession("哨兵", SECRET, 0))
