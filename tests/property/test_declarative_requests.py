"""Whatever a question holds, a described request goes to the described place."""

import json
from urllib.parse import parse_qsl, unquote

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.declarative.request import next_link, request_for
from connectors.declarative.shape import Endpoint
from connectors.declarative.template import Unaskable

BASE = httpx.URL("https://line.example:8443/app/")
ENDPOINT = Endpoint.model_validate(
    {
        "path": "/v1/{query.name}/x-{query.region}.json",
        "query_string": {"q": "{query.name}", "both": "{query.region}+{query.name}", "fixed": "a=b&c"},
        "json": {"name": "{query.name}", "in": ["前{query.name}后"]},
    }
)
FORM = Endpoint.model_validate({"path": "/f", "form": {"n": "{query.name}", "r": "{query.region}"}})
HOSTILE = st.sampled_from(
    [
        *("", ".", "..", "/", "\\", "=", ";", "+", " ", "%", "{", "}", '"', "\x00", "\ud800", "陈", "𠮷"),
        *("//evil.example", "a/../b", "%2e%2e", "%2F", "?x=1", "#f", "&r=1", "@evil", ":80", "%zz"),
        *("\r\nHost: evil", "{query.name}"),
    ]
)
VALUES = st.one_of(HOSTILE, st.text(max_size=30), st.lists(HOSTILE, max_size=5).map("".join))


@given(name=VALUES, region=VALUES)
@example(name="..", region="")
@example(name="a", region="/../../../etc")
def test_a_value_changes_what_is_asked_and_never_where(name: str, region: str) -> None:
    values = {"query.name": name, "query.region": region}
    try:
        request = request_for(ENDPOINT, BASE, values, "utf-8")
    except Unaskable:
        assert name in {"", ".", ".."} or any("\ud800" <= char <= "\udfff" for char in name + region)
        return
    url = request.url
    assert (url.scheme, url.host, url.port, url.userinfo, url.fragment) == (
        "https",
        "line.example",
        8443,
        b"",
        "",
    )
    path, _, query = url.raw_path.decode("ascii").partition("?")
    assert [unquote(part) for part in path.split("/")] == ["", "app", "v1", name, f"x-{region}.json"]
    assert parse_qsl(query, keep_blank_values=True) == [
        ("q", name),
        ("both", f"{region}+{name}"),
        ("fixed", "a=b&c"),
    ]
    assert request.headers["host"] == "line.example:8443"
    assert json.loads(request.content) == {"name": name, "in": [f"前{name}后"]}


@given(name=VALUES, region=VALUES, charset=st.sampled_from(("utf-8", "gb18030")))
def test_a_value_makes_no_other_member_of_a_form(name: str, region: str, charset: str) -> None:
    values = {"query.name": name, "query.region": region}
    try:
        request = request_for(FORM, BASE, values, charset)
    except Unaskable:
        assert any("\ud800" <= char <= "\udfff" for char in name + region)
        return
    assert str(request.url) == "https://line.example:8443/app/f"
    sent = parse_qsl(request.content.decode("ascii"), keep_blank_values=True, encoding=charset)
    assert sent == [("n", name), ("r", region)]


@given(link=st.one_of(VALUES, st.lists(HOSTILE, max_size=8).map("".join), st.text().map("//".__add__)))
def test_a_next_link_changes_the_query_string_alone(link: str) -> None:
    first = httpx.Request("POST", "https://line.example:8443/app/list?a=1", content=b"{}")
    try:
        url = next_link(first, link).url
    except (ValueError, httpx.InvalidURL):
        return
    assert (url.scheme, url.netloc, url.path) == ("https", b"line.example:8443", "/app/list")
