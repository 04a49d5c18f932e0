import httpx
import pytest

from connectors.sdk import AuthRejected, BadUpstreamData, Credential, Unavailable, Verdict
from connectors.sdk.auth.basic import Basic, BasicSession
from connectors.sdk.auth.refusals import Refusals
from connectors.sdk.mock import MockUpstream
from connectors.sdk.mock.credentials import BasicDoor
from connectors.sdk.mock.door import account_of
from tests.unit.connectors.said import said
from tests.unit.connectors.talk import Talk

SCHEME = Basic(check="/ping")
SECRET = "口令é𠮷: &"


@pytest.fixture
def talk() -> Talk:
    mock = MockUpstream("meals")
    door = BasicDoor(mock, {"王芳": SECRET, "Aladdin": "open sesame"}, check="/ping")
    door.route("GET", "/who", operation="who")(lambda request: httpx.Response(200, text=account_of(request)))
    return Talk(mock)


def header(username: str, password: str, charset: str = "utf-8") -> str:
    steps = Basic(check="/ping", charset=charset).sign_in(Credential(username, password))
    return next(steps).headers["Authorization"]


def test_the_examples_of_the_rfc() -> None:
    assert header("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 section 2
    assert header("test", "123£") == "Basic dGVzdDoxMjPCow=="  # section 2.1
    assert header("test", "123\u00a3", "latin-1") == "Basic dGVzdDoxMjOj"


def test_one_word_typed_in_two_ways_is_one_password() -> None:
    assert header("u", "cafe\u0301") == header("u", "caf\u00e9")


async def test_the_credential_is_tried_out_once_and_sent_along(talk: Talk) -> None:
    session = await talk.sign_in(SCHEME, "王芳", SECRET)
    answer = await talk.ask(SCHEME, session, "/who")
    assert (answer.text, talk.mock.stats.logins, talk.mock.stats.failed_logins) == ("王芳", 1, 0)
    assert SCHEME.load(SCHEME.dump(session)) == session


@pytest.mark.parametrize(("username", "password"), [("王芳", "口令"), ("nobody", SECRET), ("", "")])
async def test_a_wrong_one_is_refused_after_one_attempt(talk: Talk, username: str, password: str) -> None:
    with pytest.raises(AuthRejected):
        await talk.sign_in(SCHEME, username, password)
    assert (talk.mock.stats.failed_logins, len(talk.seen)) == (1, 1)


async def test_whoever_shows_nothing_is_turned_away_without_counting_as_an_attempt(talk: Talk) -> None:
    answer = await talk.send(httpx.Request("GET", talk.base.join("who")))
    assert (answer.status_code, talk.mock.stats.failed_logins) == (401, 0)
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("nonsense", ["Basic *", "Basic ÿ", "Basic", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="])
async def test_nonsense_is_turned_away(talk: Talk, nonsense: str) -> None:
    headers = [(b"Authorization", nonsense.encode())]
    answer = await talk.send(httpx.Request("GET", talk.base.join("who"), headers=headers))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("username", "password", "charset"),
    [
        ("a:b", "哨兵", "utf-8"),
        ("a", "哨兵\n", "utf-8"),
        ("a", "哨兵", "latin-1"),
        ("a", "哨兵\ud800", "utf-8"),
    ],
    ids=["colon", "control character", "charset", "half a character"],
)
async def test_what_cannot_be_written_is_not_sent_and_not_quoted(
    talk: Talk, username: str, password: str, charset: str
) -> None:
    with pytest.raises(AuthRejected) as caught:
        await talk.sign_in(Basic(check="/ping", charset=charset), username, password)
    assert talk.seen == []
    assert "哨兵" not in said(caught.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403), AuthRejected),
        (httpx.Response(200, json={"code": 40102}), AuthRejected),
        (httpx.Response(200, json={"code": "40101"}), Unavailable),
        (httpx.Response(404), BadUpstreamData),
        (httpx.Response(302, headers={"Location": "/ping"}), BadUpstreamData),
        (httpx.Response(503), Unavailable),
    ],
)
async def test_other_answers_to_the_trial(answer: httpx.Response, error: type[Exception]) -> None:
    refusals = Refusals(expired=frozenset({"40101"}), rejected=frozenset({"40102"}))
    mock = MockUpstream("meals")
    mock.route("GET", "/ping", operation="ping")(lambda _: answer)
    talk = Talk(mock)
    with pytest.raises(error):
        await talk.sign_in(Basic(check="/ping", refusals=refusals), "a", "b")
    assert len(talk.seen) == 1


def test_a_refusal_later_on_is_final_for_the_password_itself_was_sent() -> None:
    session = BasicSession("Basic x")
    assert SCHEME.verdict(httpx.Response(401), session) is Verdict.REJECTED
    assert SCHEME.verdict(httpx.Response(403), session) is Verdict.OK
    assert SCHEME.verdict(httpx.Response(200, json={"code": "40101"}), session) is Verdict.OK


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b'{"status": 7}', Verdict.EXPIRED),
        (b'{"status": "7"}', Verdict.EXPIRED),
        (b'{"status": "no"}', Verdict.REJECTED),
        (b'{"status": 8}', Verdict.OK),
        (b'{"data": {"status": 7}}', Verdict.OK),
        (b"{status: 7}", Verdict.OK),
        (b"[7]", Verdict.OK),
        (b"", Verdict.OK),
        (b'{"status": 7, "data": "%s"}' % (b"x" * 5000), Verdict.OK),
    ],
)
def test_a_system_may_say_it_in_words(content: bytes, verdict: Verdict) -> None:
    refusals = Refusals(member="status", expired=frozenset({"7"}), rejected=frozenset({"no"}))
    assert refusals.verdict(httpx.Response(200, content=content)) is verdict


def test_the_header_does_not_show() -> None:
    assert "QWxh" not in repr(BasicSession("Basic QWxh"))
