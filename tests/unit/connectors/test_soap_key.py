import httpx
import pytest

from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    Credential,
    SessionExpired,
    Throttled,
    Unavailable,
    Verdict,
)
from connectors.sdk.auth.soap_key import KeySession, SoapKey
from connectors.sdk.run import converse
from connectors.sdk.soap import KEY_PLACE, ErrorWords, SoapService
from connectors.sdk.xml import child_text, parse_xml
from tests.unit.connectors.said import said

BASE = httpx.URL("http://relief.invalid/")
KEY = "0a1b2c3d4e5f"
WORDS = ErrorWords(
    rejected=("密码错误",), expired=("key已过期",), throttled=("超过限额",), unavailable=("系统维护",)
)
SERVICE = SoapService("/services/X", "http://x.invalid", WORDS)
SCHEME = SoapKey(SERVICE)


def soap(value: str, *, attributes: str = "", charset: str = "gb18030") -> httpx.Response:
    body = (
        '<?xml version="1.0" encoding="GB2312"?><soapenv:Envelope'
        ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        f'<ns1:r xmlns:ns1="http://x.invalid"><v{attributes}>{value}</v></ns1:r>'
        "</soapenv:Body></soapenv:Envelope>"
    )
    headers = {"Content-Type": "text/xml;charset=GB2312"}
    return httpx.Response(200, headers=headers, content=body.encode(charset))


def error(message: str) -> httpx.Response:
    return soap(f'{{ errorMsg:"{message}" }}')


async def sign_in(answer: httpx.Response, seen: list[httpx.Request] | None = None) -> KeySession:
    async def send(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return answer

    return await converse(SCHEME.sign_in(Credential("gate&way", "<秘密>")), send, BASE)


async def test_asks_for_a_key_with_the_credential_escaped() -> None:
    seen: list[httpx.Request] = []
    assert await sign_in(soap(KEY), seen) == KeySession(KEY)
    [request] = seen
    [call] = parse_xml(request.content.decode())[0]
    assert call.tag == "{http://x.invalid}getKey"
    assert (child_text(call, "user"), child_text(call, "password")) == ("gate&way", "<秘密>")
    assert str(request.url) == "http://relief.invalid/services/X"
    assert request.headers["soapaction"] == '""'


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (error("用户名或密码错误！"), AuthRejected),
        (error("今日调用次数超过限额"), Throttled),
        (error("系统维护中"), Unavailable),
        (error("陈桂芳"), BadUpstreamData),
        (soap("", attributes=' xsi:nil="true"'), BadUpstreamData),
        (soap("no key"), BadUpstreamData),
        (soap("&lt;KEY&gt;0a1b2c3d4e5f&lt;/KEY&gt;"), BadUpstreamData),
        (soap("陈桂芳陈桂芳陈桂芳陈桂芳"), BadUpstreamData),
        (soap("<b>陈桂芳</b>"), BadUpstreamData),
        (httpx.Response(200, text="<html>陈桂芳"), BadUpstreamData),
        (httpx.Response(200, text="<html>陈桂芳</html>"), BadUpstreamData),
        (httpx.Response(404, text="陈桂芳"), BadUpstreamData),
        (httpx.Response(500, text="<faultstring>陈桂芳</faultstring>"), Unavailable),
        (soap("陈桂芳，查无此人，查无此人", charset="utf-8"), BadUpstreamData),
    ],
)
async def test_other_answers_mean_what_they_say_and_are_not_quoted(
    answer: httpx.Response, meaning: type[Exception]
) -> None:
    with pytest.raises(meaning) as caught:
        await sign_in(answer)
    assert "陈" not in said(caught.value)


def test_the_key_takes_its_place_in_the_body_alone() -> None:
    request = SERVICE.call("queryPerson", {"xm": "<key/> & 𠮷"}, url=BASE.join("/services/X"))
    marked = SCHEME.apply(request, KeySession("a<&b12345"))
    [call] = parse_xml(marked.content.decode())[0]
    assert [child.tag for child in call] == ["key", "xm"]
    assert child_text(call, "key") == "a<&b12345"
    assert child_text(call, "xm") == "<key/> & 𠮷"
    assert marked.headers["content-length"] == str(len(marked.content))
    assert marked.headers["content-type"] == "text/xml; charset=utf-8"
    assert KEY_PLACE in request.content, "the request can be marked again with another key"


def test_characters_that_xml_cannot_carry_are_left_out() -> None:
    request = SERVICE.call("querySearch", {"xm": "陈\x00桂\ud800芳\x0b"})
    assert child_text(parse_xml(request.content.decode())[0][0], "xm") == "陈桂芳"


def test_a_request_without_a_place_for_the_key_is_our_own_defect() -> None:
    with pytest.raises(RuntimeError):
        SCHEME.apply(httpx.Request("POST", BASE, content=b"<a/>"), KeySession(KEY))


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (error("key已过期，需重新申请！"), Verdict.EXPIRED),
        (soap("{ &quot;errorMsg&quot; : &quot;key已过期&quot; }"), Verdict.EXPIRED),
        (soap("<![CDATA[{ errorMsg:'key已过期' }]]>"), Verdict.EXPIRED),
        (error("今日调用次数超过限额"), Verdict.OK),
        (soap("&lt;R&gt;{ errorMsg:&quot;key已过期&quot; }&lt;/R&gt;"), Verdict.OK),
        (soap("&lt;R&gt;陈桂芳&lt;/R&gt;"), Verdict.OK),
        (httpx.Response(200, content=b"errorMsg \xff\xff"), Verdict.OK),
    ],
)
def test_only_the_error_in_place_of_the_answer_says_that_the_key_is_over(
    answer: httpx.Response, verdict: Verdict
) -> None:
    assert SCHEME.verdict(answer, KeySession(KEY)) is verdict


def test_reading_an_expired_answer_says_the_same() -> None:
    with pytest.raises(SessionExpired):
        SERVICE.answer(error("key已过期，需重新申请！"))


def test_the_key_does_not_show_in_a_repr() -> None:
    assert KEY not in repr(KeySession(KEY))
