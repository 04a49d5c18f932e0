from datetime import date
from typing import Annotated

import pytest
from pydantic import ValidationError

from connectors.sdk import Identity, IdentityKind, Kind, Record, UnclassifiedField

NUMBER = "319999194001010014"


class Neighbour(Record):
    name: Annotated[str | None, Kind.NAME] = None
    birth_date: Annotated[date | None, Kind("birth")] = None
    tags: Annotated[tuple[str, ...] | None, Kind.FREE] = None


def neighbour(**fields: object) -> Neighbour:
    identity = Identity(IdentityKind.CITIZEN, NUMBER)
    return Neighbour.model_validate({"identity": identity, "local_id": "L-77", "name": "陈桂芳", **fields})


def test_kinds_are_those_of_the_data_fields_in_their_order() -> None:
    assert list(Neighbour.kinds.items()) == [
        ("name", Kind.NAME),
        ("birth_date", Kind.BIRTH),
        ("tags", Kind.FREE),
    ]
    assert Record.kinds == {}


def test_a_field_without_a_kind_stops_the_import() -> None:
    with pytest.raises(UnclassifiedField, match=r"Loose\.phone.*exactly one Kind"):

        class Loose(Record):
            phone: str | None = None


def test_a_field_with_two_kinds_stops_the_import() -> None:
    with pytest.raises(UnclassifiedField, match=r"Twofold\.phone"):

        class Twofold(Record):
            phone: Annotated[str | None, Kind.PHONE, Kind.PLAIN] = None


def test_a_subclass_inherits_kinds_and_adds_its_own() -> None:
    class Elder(Neighbour):
        care_level: Annotated[int | None, Kind.HEALTH] = None

    assert list(Elder.kinds) == ["name", "birth_date", "tags", "care_level"]
    assert list(Neighbour.kinds) == ["name", "birth_date", "tags"]


def test_no_repr_shows_the_person() -> None:
    record = neighbour(household="HH-5")
    shown = f"{record!r} {record!s} {[record]} {record.identity!r}"
    assert "Neighbour" in shown
    for secret in (NUMBER, "陈桂芳", "L-77", "HH-5"):
        assert secret not in shown


@pytest.mark.parametrize(
    "fields",
    [{"local_id": ""}, {"name": 5}, {"birth_date": "1940-01-01"}, {"phone": "1"}, {"tags": ["独居"]}],
    ids=["empty number", "wrong type", "text for a date", "unknown field", "list for a tuple"],
)
def test_refuses_what_does_not_fit(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        neighbour(**fields)


def test_records_do_not_change() -> None:
    record = neighbour()
    with pytest.raises(ValidationError):
        record.name = "别人"  # type: ignore[misc]  # the very thing that must not work
    assert record == neighbour()
