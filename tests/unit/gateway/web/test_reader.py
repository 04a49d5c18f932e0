import pytest

from connectors.sdk import Identity, IdentityKind
from gateway.errors import InvalidInput
from gateway.web.reader import document
from tests.unit.gateway.pipeline.cards import citizen

NUMBER = citizen(1).number


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        f" {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]} ",
        NUMBER.translate({0x30 + digit: 0xFF10 + digit for digit in range(10)}),
        NUMBER[:6] + NUMBER[8:17],
    ],
    ids=["as printed", "with blanks", "full width", "15 digits"],
)
def test_a_citizen_number_is_read_however_it_is_written(text: str) -> None:
    assert document(text) == citizen(1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("E12345678", "E12345678"),
        ("e 1234 5678", "E12345678"),
        ("Ｈ10000001", "H10000001"),
        ("12345678", "12345678"),
    ],
)
def test_any_other_number_is_a_passports(text: str, number: str) -> None:
    assert document(text) == Identity(IdentityKind.PASSPORT, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1234",
        "E" * 21,
        "陈桂芳",
        "E1234-5678",
        NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1"),
        NUMBER[:6] + "19341340" + NUMBER[14:],
        "1" * 18,
        "319999341306001",
    ],
)
def test_a_slip_of_the_pen_is_told_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        document(text)
    assert refused.value.problems == (("id_number", "id_number"),)
    assert not text.strip() or text not in str(refused.value)
