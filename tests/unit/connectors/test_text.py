import httpx
import pytest

from connectors.sdk import BadUpstreamData, decode
from connectors.sdk.text import charset_of

RARE = "𠮷田𬱖，阿卜杜热合曼·买买提江，㛃堃喆"


def answer(content: bytes, content_type: str = "") -> httpx.Response:
    return httpx.Response(
        200, content=content, headers={"Content-Type": content_type} if content_type else {}
    )


@pytest.mark.parametrize("declared", ["gb2312", "GBK", "gb18030", "GB_2312-80", "cp936", "x-gbk"])
def test_reads_the_whole_gb_family_as_gb18030(declared: str) -> None:
    response = answer(RARE.encode("gb18030"), f"text/html;charset={declared}")
    assert decode(response) == RARE


@pytest.mark.parametrize(
    ("response", "charset"),
    [
        (answer(b"", "text/html; charset='GBK'"), "gb18030"),
        (answer(b'<?xml version="1.0" encoding="GB2312"?>'), "gb18030"),
        (answer(b'<meta http-equiv=Content-Type content="text/html; charset=gbk">', "text/html"), "gb18030"),
        (answer(b'<?xml version="1.0" encoding="GB2312"?>', "text/xml; charset=UTF-8"), "utf-8"),
        (answer(b"x" * 1024 + b" charset=gbk"), "latin-1"),
        (answer(b"{}"), "latin-1"),
        (answer(b'{"remark": "charset=gbk"}', "application/json"), "latin-1"),
        (answer(b'["encoding=gbk"]'), "latin-1"),
    ],
    ids=["header", "xml", "meta", "header-first", "too-late", "default", "json", "json list"],
)
def test_finds_the_declared_charset(response: httpx.Response, charset: str) -> None:
    assert charset_of(response, "latin-1") == charset


@pytest.mark.parametrize(
    "response",
    [
        answer("市光二村居委会主任".encode(), "text/html;charset=GB18030"),
        answer("玉田".encode("gb18030"), "application/json;charset=UTF-8"),
        answer(b"abc", "text/html;charset=klingon"),
        answer(b"616263", "text/html;charset=hex"),
        answer(b"\xff\xff\xff", "text/html;charset=GBK"),
    ],
    ids=["utf-8 said to be gb18030", "gb18030 said to be utf-8", "unknown", "no charset at all", "noise"],
)
def test_refuses_text_that_is_not_what_it_says(response: httpx.Response) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        decode(response)
    # Python's own error would carry the bytes along.
    assert caught.value.__context__ is None


def test_short_text_that_reads_both_ways_passes() -> None:
    assert decode(answer("联通".encode("gb18030"), "text/html;charset=GBK")) == "联通"
    assert decode(answer(b"plain", "text/html;charset=GBK")) == "plain"
