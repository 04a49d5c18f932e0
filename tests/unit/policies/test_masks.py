"""Masks hide: for every kind, whatever the value."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.sdk.citizen_id import CitizenId
from connectors.sdk.kinds import Kind
from policies.masks import mask

kinds = st.sampled_from(Kind)
# An upstream may deliver what is masked already; that may stay as it is.
texts = st.text(min_size=1).filter(lambda text: "*" not in text)
others = st.one_of(st.integers(), st.booleans(), st.dates(), st.lists(st.text()).map(tuple))
births = st.dates(min_value=date(1920, 1, 1), max_value=date(2026, 1, 1))
ids = st.builds(CitizenId.make, st.just("319999"), births, st.integers(0, 999))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Kind.ID, "319999193505120021", "3****************1"),
        (Kind.ID, "E12345678", "E*******8"),
        (Kind.ID, "1234", "***"),
        (Kind.PHONE, "13800006021", "138****6021"),
        (Kind.PHONE, "65310000", "***"),
        (Kind.PHONE, "阿卜杜热合曼·买买提江", "***"),
        (Kind.PHONE, "１３８００００６０２１", "***"),
        (Kind.NAME, "陈桂芳", "陈**"),
        (Kind.NAME, "𠮷田", "𠮷*"),
        (Kind.NAME, "喆", "*"),
        (Kind.NAME, "", "*"),
        (Kind.ADDRESS, "玉田路100弄3号502室", "玉田路***"),
        (Kind.ADDRESS, "玉田路１００弄", "玉田路***"),
        (Kind.ADDRESS, "四平路三百弄二号", "四平路***"),
        (Kind.ADDRESS, "市光二村12号", "市光二村***"),
        (Kind.ADDRESS, "某处", "***"),
        (Kind.ADDRESS, "3-502", "***"),
        (Kind.BIRTH, date(1935, 5, 12), "***"),
        (Kind.FREE, "儿子 陈先生 13800006021", "***"),
        (Kind.HEALTH, 4, "***"),
        (Kind.PLAIN, "女", "***"),
        (Kind.RELIEF, ("低保",), "***"),
        (Kind.RELIEF, "", "***"),
    ],
)
def test_how_it_looks(kind: Kind, value: str, expected: str) -> None:
    assert mask(kind, value) == expected


@given(kinds, texts)
@example(Kind.NAME, "A")
@example(Kind.ADDRESS, "路1")
def test_text_never_comes_out_as_it_is(kind: Kind, text: str) -> None:
    hidden = mask(kind, text)
    assert hidden != text
    assert "*" in hidden


@given(kinds, others)
def test_what_is_not_text_is_hidden_whole(kind: Kind, value: int | date | tuple[str, ...]) -> None:
    assert mask(kind, value) == "***"


@given(ids)
def test_an_id_shows_both_ends_and_nothing_between(citizen: CitizenId) -> None:
    assert mask(Kind.ID, citizen.number) == f"3{'*' * 16}{citizen.number[-1]}"


@given(st.from_regex(r"1[0-9]{10}", fullmatch=True))
def test_a_mobile_number_hides_its_middle(number: str) -> None:
    assert mask(Kind.PHONE, number) == f"{number[:3]}****{number[-4:]}"


@given(st.text(), st.from_regex(r"[0-9]{1,4}", fullmatch=True), st.text())
def test_no_digit_of_an_address_is_left(before: str, number: str, after: str) -> None:
    hidden = mask(Kind.ADDRESS, before + number + after)
    assert not any(sign.isdecimal() for sign in hidden)
    assert hidden.endswith("***")


@given(st.sampled_from([Kind.BIRTH, Kind.FREE, Kind.HEALTH, Kind.PLAIN, Kind.RELIEF]), texts)
def test_the_rest_tells_nothing_not_even_the_length(kind: Kind, text: str) -> None:
    assert mask(kind, text) == "***"
