import time

import pytest
import yaml

from connectors.sdk.marked_yaml import Mark, read_yaml, unreadable


def test_every_part_knows_its_place() -> None:
    read = read_yaml("name: acme\nfields:\n  phone: {from: mobile,\n    kind: phone}\nok: [0, yes]\n")
    assert read.content == {
        "name": "acme",
        "fields": {"phone": {"from": "mobile", "kind": "phone"}},
        "ok": [0, "yes"],
    }
    assert read.key(("fields", "phone", "kind")) == Mark(4, 5)
    assert read.value(("fields", "phone", "kind")) == Mark(4, 11)
    assert read.value(("ok", 1)) == Mark(5, 9)
    assert read.key(("fields", "phone", "absent", "deeper")) == Mark(3, 3)
    assert read.value(("fields", "absent")) == Mark(2, 1)
    assert read.key(("absent",)) == Mark(1, 1)


def test_every_key_that_stands_twice_is_found_and_a_merge_is_no_second_time() -> None:
    read = read_yaml("a: &base {x: 1, y: 2}\nb: {<<: *base, y: 3}\nc: {x: 1,\n  x: 2}\na: 5\n")
    assert read.twice == ((Mark(4, 3), "x"), (Mark(5, 1), "a"))
    assert read.content["b"] == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("01", "01"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-21", "2026-11-21"),
        ("-7", -7),
        ("0", 0),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ("", None),
        ('"1"', "1"),
    ],
)
def test_what_looks_like_text_is_text(text: str, value: object) -> None:
    found = read_yaml(f"key: {text}").content["key"]
    assert found == value
    assert type(found) is type(value)


def test_a_key_is_what_is_written() -> None:
    assert read_yaml("{01: a, true: b, ~: c}").content == {"01": "a", "true": "b", "~": "c"}


@pytest.mark.parametrize(
    "text",
    ["&a [*a]", "a: &a {b: {c: *a}}", "? [1]\n: 2", "!!python/object:os.system x", "a: [", "a: 1\n---\nb: 2"],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError) as refused:
        read_yaml(text)
    assert unreadable(refused.value).startswith("line ")


def test_an_empty_text_holds_nothing() -> None:
    read = read_yaml("# nothing\n")
    assert read.content is None
    assert read.key(("a",)) == Mark(1, 1)


def test_aliases_of_aliases_take_no_time() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 15))
    began = time.monotonic()
    read_yaml(text)
    assert time.monotonic() - began < 2


def test_why_a_file_cannot_be_read_is_said_without_its_words() -> None:
    assert (
        unreadable(FileNotFoundError(2, "No such file or directory", "/srv/secret"))
        == "No such file or directory"
    )
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xff".decode()
    assert unreadable(caught.value) == "UnicodeDecodeError"
