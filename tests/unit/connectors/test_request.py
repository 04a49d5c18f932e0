"""A whole request is what httpx would have made."""

import httpx
import pytest

from connectors.sdk.request import WholeRequest, whole_request

HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


@pytest.mark.parametrize(
    "url",
    [
        "http://line.test/a",
        "https://line.test:8443/a?b=%20c",
        "http://line.test:80/",
        "http://[::1]:8080/x",
        "/a",
    ],
)
@pytest.mark.parametrize("content", [b"x" * 10, "陈桂芳".encode("gb18030")], ids=["ascii", "gb18030"])
def test_it_is_the_one_that_httpx_makes(url: str, content: bytes) -> None:
    theirs = httpx.Request("POST", url, headers=HEADERS, content=content)
    ours = whole_request("POST", httpx.URL(url), HEADERS, content)
    if theirs.url.is_relative_url:
        theirs.headers.pop("Host", None)
    assert vars(ours).keys() == vars(theirs).keys(), "httpx sets something else by now"
    assert (ours.method, ours.url, ours.extensions) == (theirs.method, theirs.url, theirs.extensions)
    assert sorted(ours.headers.raw) == sorted(theirs.headers.raw)
    assert ours.content == ours.read() == theirs.content
    assert b"".join(ours.stream) == content  # type: ignore[arg-type]  # both kinds of stream in one type


def test_it_shows_no_body() -> None:
    request = WholeRequest("POST", httpx.URL("http://line.test/"), httpx.Headers(), b"319999")
    assert "319999" not in repr(request)
