import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.note import LONGEST_NOTE, scrubbed


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("身份证319999195001011234", "身份证[number]"),
        ("31999919500101123X 来访", "[number] 来访"),
        ("31999919500101123x。", "[number]。"),
        ("３１９９９９１９５００１０１１２３Ｘ", "[number]"),
        ("319999 19500101 1234", "[number]"),
        ("319999-1950-0101-1234", "[number]"),
        ("319999 1950 01 01 123X", "[number]"),
        ("3199 9919 5001 0112 34", "[number]"),
        ("2026-11-21 2026-11-25", "2026-11-21 2026-11-25"),
        ("310104003012 3-502 2026-11-21 10:30", "310104003012 3-502 2026-11-21 10:30"),
        ("旧号319999500101123", "旧号[number]"),
        ("6222 0000 1234 5678 901", "[number]"),
        ("13800001234", "[number]"),
        ("138 0000 1234", "[number]"),
        ("+86 138-0000-1234", "[number]"),
        ("8613800001234", "[number]"),
        ("008613800001234", "[number]"),
        ("021-64311234", "[number]"),
        ("0755 12345678", "[number]"),
        ("打过13800001234和13900001234", "打过[number]和[number]"),
        ("委310104003012 3-502", "委310104003012 3-502"),
        ("2026-11-21 上午", "2026-11-21 上午"),
        ("补贴1200元，第3次", "补贴1200元，第3次"),
        ("工单20261121", "工单20261121"),
        ("", ""),
    ],
)
def test_numbers_that_name_or_reach_a_person_go(note: str, kept: str) -> None:
    assert scrubbed(note) == kept


def test_a_note_is_bounded() -> None:
    assert scrubbed("谈" * 600) == "谈" * LONGEST_NOTE


def test_a_number_across_the_bound_leaves_no_beginning() -> None:
    assert "3199" not in scrubbed("谈" * (LONGEST_NOTE - 10) + "319999195001011234")


def test_half_characters_do_not_stop_the_record() -> None:
    assert scrubbed("a\ud83db").encode() == "a\ufffdb".encode()


@given(st.text(max_size=30), st.from_regex(r"3199991[0-9]{10}[0-9X]", fullmatch=True), st.text(max_size=30))
def test_no_citizen_number_is_left(before: str, number: str, after: str) -> None:
    assert number not in scrubbed(before + number + after)


@given(st.text(alphabet="0123456789Xx -.年", max_size=600))
def test_no_long_run_is_left(note: str) -> None:
    assert not re.search(r"\d[\dXx]{14}", scrubbed(note))
