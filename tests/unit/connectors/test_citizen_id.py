"""What counts as a citizen ID, how people write it, and that no error gives it away."""

from __future__ import annotations

import copy
import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.citizen_id import CitizenId

TODAY = date(2026, 11, 21)
# The examples printed in the standard (GB 11643): nobody's numbers.
PUBLISHED = ("11010519491231002X", "440524188001010014")

births = st.dates(min_value=date(1800, 1, 1), max_value=TODAY)
ids = st.builds(CitizenId.make, st.just("319999"), births, st.integers(0, 999))
twentieth = st.builds(
    CitizenId.make,
    st.just("319999"),
    st.dates(min_value=date(1900, 1, 1), max_value=date(1999, 12, 31)),
    st.integers(0, 995),
)


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_examples_pass(number: str) -> None:
    assert CitizenId.parse(number).number == number


def test_parts() -> None:
    woman, man = (CitizenId.parse(number) for number in PUBLISHED)
    assert (woman.region, woman.birth_date, woman.gender) == ("110105", date(1949, 12, 31), "female")
    assert (man.region, man.birth_date, man.gender) == ("440524", date(1880, 1, 1), "male")


@pytest.mark.parametrize(
    "text",
    [
        " 11010519491231002X\n",
        "110105 19491231 002X",
        "110105\u300019491231\u00a0002x",
        "11010519491231002x",
        "\uff11\uff11\uff10\uff11\uff10\uff15\uff11\uff19\uff14\uff19\uff11\uff12\uff13\uff11\uff10\uff10\uff12\uff38",
        "11010519491231002\uff58",
        "110105491231002",
        "110105 491231 002",
    ],
    ids=[
        "outer blanks",
        "inner blanks",
        "wide blanks",
        "small x",
        "full width",
        "full-width x",
        "15 digits",
        "15 spaced",
    ],
)
def test_the_ways_people_write_it(text: str) -> None:
    assert CitizenId.parse(text).number == "11010519491231002X"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "陈桂芳",
        "1101051949123100",
        "11010519491231002",
        "11010519491231002XX",
        "11010519491231002Y",
        "X1010519491231002X",
        "110105194912310021",
        "11010519490230002X",
        "110105490230002",
        "11010549123100X",
        "-11010549123100",
        "1101051949123100²X",
        "١١٠١٠٥٤٩١٢٣١٠٠٢",
        "E12345678",
    ],
)
def test_refusals_never_quote_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="citizen ID") as refused:
        CitizenId.parse(text)
    if text.strip():
        assert text.strip() not in str(refused.value)
        assert text.strip() not in repr(refused.value.__cause__)


def test_unknown_region_is_valid() -> None:
    assert CitizenId.make("319999", date(1990, 5, 4), 12).region == "319999"


@pytest.mark.parametrize("region", ["31999", "3199999", "31999X", ""])
def test_make_refuses_a_wrong_region(region: str) -> None:
    with pytest.raises(ValueError, match="citizen ID"):
        CitizenId.make(region, date(1990, 5, 4), 12)


@pytest.mark.parametrize("sequence", [-1, 1000])
def test_make_refuses_a_wrong_sequence(sequence: int) -> None:
    with pytest.raises(ValueError, match="citizen ID"):
        CitizenId.make("319999", date(1990, 5, 4), sequence)


def test_born_today_but_not_tomorrow() -> None:
    number = CitizenId.make("319999", TODAY, 8).number
    assert CitizenId.parse(number, today=TODAY).birth_date == TODAY
    with pytest.raises(ValueError, match="future"):
        CitizenId.parse(number, today=date(2026, 11, 20))


def test_the_present_day_is_the_limit_by_default() -> None:
    with pytest.raises(ValueError, match="future"):
        CitizenId.parse(CitizenId.make("319999", date(9999, 12, 31), 8).number)


def test_a_birth_before_all_registers_is_refused() -> None:
    with pytest.raises(ValueError, match="long ago"):
        CitizenId.make("319999", date(1799, 12, 31), 8)


@pytest.mark.parametrize(("old", "year"), [("319999200101995", 1920), ("319999200101996", 1820)])
def test_old_sequences_996_to_999_are_centenarians(old: str, year: int) -> None:
    citizen_id = CitizenId.parse(old)
    assert citizen_id.birth_date == date(year, 1, 1)
    assert citizen_id.old_form == old


@pytest.mark.parametrize(
    ("birth", "sequence"), [(date(2000, 1, 1), 12), (date(1950, 1, 1), 997), (date(1880, 1, 1), 12)]
)
def test_no_old_form_that_would_lead_elsewhere(birth: date, sequence: int) -> None:
    with pytest.raises(ValueError, match="15-digit"):
        _ = CitizenId.make("319999", birth, sequence).old_form


def test_nothing_shows_the_number() -> None:
    citizen_id = CitizenId.parse(PUBLISHED[0])
    for shown in (repr(citizen_id), str(citizen_id), f"{citizen_id}", repr({"who": citizen_id})):
        assert "CitizenId(****)" in shown
        assert not any(character.isdigit() for character in shown)


def test_frozen_hashable_and_copied() -> None:
    citizen_id = CitizenId.parse(PUBLISHED[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        citizen_id.number = PUBLISHED[1]  # type: ignore[misc]
    assert len({citizen_id, CitizenId.parse("110105491231002")}) == 1
    assert copy.deepcopy(citizen_id) == citizen_id


@given(ids)
def test_every_made_id_reads_back(citizen_id: CitizenId) -> None:
    assert CitizenId.parse(citizen_id.number, today=TODAY) == citizen_id


@given(twentieth)
def test_old_form_leads_back(citizen_id: CitizenId) -> None:
    assert len(citizen_id.old_form) == 15
    assert CitizenId.parse(citizen_id.old_form) == citizen_id


@given(ids, st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(citizen_id: CitizenId, place: int, by: int) -> None:
    wrong = str((int(citizen_id.number[place]) + by) % 10)
    with pytest.raises(ValueError, match="citizen ID"):
        CitizenId.parse(citizen_id.number[:place] + wrong + citizen_id.number[place + 1 :])


@given(ids, st.integers(0, 15))
def test_any_swap_of_neighbours_is_found(citizen_id: CitizenId, place: int) -> None:
    number = citizen_id.number
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(ValueError, match="citizen ID"):
            CitizenId.parse(swapped)


@given(st.text(max_size=24))
def test_any_text_is_read_or_refused_in_our_own_words(text: str) -> None:
    try:
        citizen_id = CitizenId.parse(text, today=TODAY)
    except ValueError as refused:
        assert str(refused).startswith("citizen ID: ")  # noqa: PT017 - both outcomes are right for some text
    else:
        assert CitizenId.parse(citizen_id.number, today=TODAY) == citizen_id
