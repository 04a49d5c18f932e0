import pytest

from gateway.residents.terms import MAX_TERMS, Term, TermKind, parse, whole_number
from tests.unit.gateway.pipeline.cards import citizen

AGE, DIGITS, DOOR, LETTERS, WORD = (
    TermKind.AGE_FROM,
    TermKind.DIGITS,
    TermKind.DOOR,
    TermKind.LETTERS,
    TermKind.WORD,
)


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("90+", AGE, "90"),
        ("９０＋", AGE, "90"),
        ("90岁", AGE, "90"),
        ("90岁以上", AGE, "90"),
        ("90以上", AGE, "90"),
        ("90岁+", AGE, "90"),
        ("502", DIGITS, "502"),
        ("1202", DIGITS, "1202"),
        ("6021", DIGITS, "6021"),
        ("13800006021", DIGITS, "13800006021"),
        ("123x", DIGITS, "123X"),
        ("3-502", DOOR, "3-502"),
        ("3－502", DOOR, "3-502"),
        ("3—502", DOOR, "3-502"),
        ("3号-502室", DOOR, "3-502"),
        ("3号502室", DOOR, "3-502"),
        ("3号502", DOOR, "3-502"),
        ("3幢502室", DOOR, "3-502"),
        ("3号楼502室", DOOR, "3-502"),
        ("502室", DOOR, "502"),
        ("1202室", DOOR, "1202"),
        ("cgf", LETTERS, "cgf"),
        ("ChenGuiFang", LETTERS, "chenguifang"),
        ("O'Brien", LETTERS, "obrien"),
        ("陈", WORD, "陈"),
        ("独居", WORD, "独居"),
        ("阿卜杜热合曼·买买提江", WORD, "阿卜杜热合曼·买买提江"),
        ("12", WORD, "12"),
        ("4-5-6", WORD, "4-5-6"),
    ],
)
def test_a_term_is_known_by_its_shape(typed: str, kind: TermKind, text: str) -> None:
    assert parse(typed) == (Term(kind, text),)


def test_terms_stand_apart() -> None:
    assert [term.kind for term in parse("  90+　独居、3-502 cgf ")] == [AGE, WORD, DOOR, LETTERS]


@pytest.mark.parametrize("nothing", ["", " ", "、", "\u3000 、"])
def test_nothing_is_no_term(nothing: str) -> None:
    assert parse(nothing) == ()


def test_terms_are_bounded() -> None:
    assert len(parse("陈 " * 50)) == MAX_TERMS


def test_a_term_does_not_show_itself() -> None:
    assert "陈桂芳" not in repr(parse("陈桂芳"))


@pytest.mark.parametrize("typed", ["{}", " {} ", "{:.6} {:.12}"])
def test_a_whole_number_is_told_from_a_tail(typed: str) -> None:
    number = citizen(1).number
    text = typed if "{}" in typed else f"{number[:6]} {number[6:]}"
    assert whole_number(text.format(number)) == number


def test_the_old_form_counts_as_whole() -> None:
    number = citizen(1).number
    assert whole_number(number[:6] + number[8:17]) == number


@pytest.mark.parametrize("text", ["", "6021", "13800006021", "陈桂芳", "319999193405060010", "{} 陈"])
def test_anything_else_is_no_whole_number(text: str) -> None:
    assert whole_number(text.format(citizen(1).number)) is None
