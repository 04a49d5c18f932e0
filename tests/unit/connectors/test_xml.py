import pytest

from connectors.sdk import BadUpstreamData
from connectors.sdk.xml import child_text, child_texts, parse_xml
from tests.unit.connectors.said import said

BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;">]><lolz>&lol3;</lolz>"""
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
REMOTE_DTD = '<!DOCTYPE a SYSTEM "http://elsewhere.invalid/a.dtd"><a/>'


def test_reads_text_whatever_encoding_the_declaration_names() -> None:
    root = parse_xml('<?xml version="1.0" encoding="GB2312"?>\n<R><XM> 𠮷田𬱖 </XM><KH/></R>')
    assert child_text(root, "XM") == "𠮷田𬱖"
    assert child_text(root, "KH") is None
    assert child_text(root, "absent") is None


def test_a_row_is_read_in_one_pass_as_child_by_child() -> None:
    row = parse_xml("<R><A> 一 </A><B/><C> </C><A>二</A><D>三<X>四</X></D></R>")
    read = child_texts(row)
    assert read == {"A": "一", "B": None, "C": None, "D": "三"}
    assert all(child_text(row, tag) == text for tag, text in read.items())


def test_comments_neither_count_as_children_nor_split_a_text() -> None:
    root = parse_xml("<R><XM>陈<!-- 曾用名 -->桂芳</XM><!-- x --><?pi x?></R>")
    assert [child.tag for child in root] == ["XM"]
    assert child_text(root, "XM") == "陈桂芳"


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(BOMB, id="entity bomb"),
        pytest.param(EXTERNAL, id="external entity"),
        pytest.param(REMOTE_DTD, id="remote DTD"),
        pytest.param("<a>&undefined;</a>", id="undefined entity"),
        pytest.param("<R><XM>陈桂芳</X", id="truncated"),
        pytest.param("", id="empty"),
        pytest.param(" " * 2_000_000, id="nothing but blanks"),
        pytest.param("<?xml " * 300_000, id="nothing but beginnings"),
        pytest.param("查无此人", id="no XML"),
        pytest.param("<R>\x00陈桂芳</R>", id="control character"),
        pytest.param("<R>\ud800陈桂芳</R>", id="lone surrogate"),
        pytest.param("<a>" * 300 + "</a>" * 300, id="too deep"),
        pytest.param(f"<a>{'x' * 10_000_001}</a>", id="too long a text"),
    ],
)
def test_refuses_what_is_hostile_or_broken_without_quoting_it(hostile: str) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        parse_xml(hostile)
    assert "陈" not in said(caught.value)
    assert "undefined" not in said(caught.value)
