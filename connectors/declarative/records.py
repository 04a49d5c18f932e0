"""The record type of a description, and how a row becomes a record."""

from __future__ import annotations

import re
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import create_model

from connectors.declarative.part import word_of
from connectors.sdk import CitizenId, Identity, IdentityKind, Kind, Record, Value

if TYPE_CHECKING:
    from connectors.declarative.pointer import Pointer
    from connectors.declarative.shape import Description, FieldOf, Person

_TYPES: Final[dict[str, Any]] = {
    "boolean": bool,
    "citizen_id": str,
    "date": date,
    "integer": int,
    "list": tuple[str, ...],
    "text": str,
}
_REGION: Final = re.compile(r"[0-9]{12}|[0-9]{9}|[0-9]{6}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}")
_LOCAL_ID: Final = re.compile(r"\S{1,64}")
_LONGEST: Final = 200
_LONGEST_FREE: Final = 2000
_MOST_ITEMS: Final = 100


def record_type(description: Description, version: str) -> type[Record]:
    """Make the type: one field for each of the description's, with its kind.

    It stands in this module under a name of its own, so that its records can be pickled; the same description
    gives the same type. Raises UnclassifiedField as :class:`Record` does.
    """
    name = f"{description.name.title().replace('_', '')}Person_{version}"
    module = sys.modules[__name__]
    made = getattr(module, name, None)
    if made is None:
        fields: dict[str, Any] = {
            field: (Annotated[_TYPES[said.type] | None, said.kind], None)
            for field, said in description.fields.items()
        }
        made = create_model(name, __base__=Record, __module__=__name__, **fields)
        setattr(module, name, made)
    found: type[Record] = made
    return found


def record(description: Description, made: type[Record], row: Any) -> Record:
    """Translate one row. Absent, null and empty mean the same: the system does not say.

    Raises ValueError, quoting nothing, for a value of another type, a date of another form and a citizen
    number that is none.
    """
    person = description.person
    local_id = _text(person.local_id.find(row), _LONGEST)
    if not local_id or not _LOCAL_ID.fullmatch(local_id):
        raise ValueError("no number of the person")
    return made(
        identity=_identity(description.name, person, row, local_id),
        local_id=local_id,
        household=_number(person.household, row),
        registered_region=_region(person.registered_region, row),
        residence_region=_region(person.residence_region, row),
        **{name: _value(field, row) for name, field in description.fields.items()},
    )


def _identity(system: str, person: Person, row: Any, local_id: str) -> Identity:
    citizen = _number(person.citizen_id, row)
    if citizen:
        return Identity(IdentityKind.CITIZEN, CitizenId.parse(citizen).number)
    passport = "".join((_number(person.passport, row) or "").split()).upper()
    if passport:
        return Identity(IdentityKind.PASSPORT, passport)
    return Identity(IdentityKind.LOCAL, f"{system}:{local_id}")


def _value(field: FieldOf, row: Any) -> Value | None:
    given = field.from_.find_or_none(row)
    if given is None or given == "":
        return None
    match field.type:
        case "boolean":
            return _coded(field, given) if field.codes else _boolean(given)
        case "citizen_id":
            return CitizenId.parse(_text(given, _LONGEST) or "").number
        case "date":
            return _date(_text(given, _LONGEST), field.format)
        case "integer":
            return _coded(field, given) if field.codes else _integer(given)
        case "list":
            return _items(field, given)
        case _:
            longest = _LONGEST_FREE if field.kind is Kind.FREE else _LONGEST
            return _coded(field, given) if field.codes else _text(given, longest)


def _coded(field: FieldOf, given: Any) -> Value | None:
    """Return a code's meaning; None for one that we do not know."""
    if isinstance(given, dict | list | float):
        raise ValueError("no code")  # noqa: TRY004  # what is wrong with data is a ValueError
    return (field.codes or {}).get(word_of(given))


def _items(field: FieldOf, given: Any) -> tuple[str, ...] | None:
    if isinstance(given, str):
        given = given.split(field.separator) if field.separator else [given]
    if not isinstance(given, list) or len(given) > _MOST_ITEMS:
        raise ValueError("no list")
    known = [_coded(field, item) if field.codes else _text(item, _LONGEST) for item in given]
    return tuple(dict.fromkeys(str(item) for item in known if item))


def _text(given: Any, longest: int) -> str | None:
    """Return a text without blanks around it; a whole number, such as a telephone's, is taken as text."""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise ValueError("no text")  # noqa: TRY004  # what is wrong with data is a ValueError
    text = str(given).strip()
    if len(text) > longest:
        raise ValueError("a text too long")
    return text or None


def _boolean(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError("neither true nor false")  # noqa: TRY004  # what is wrong with data is a ValueError
    return given


def _integer(given: Any) -> int | None:
    text = _text(given, _LONGEST)
    if text and not _NUMBER.fullmatch(text):
        raise ValueError("no whole number")
    return int(text) if text else None


def _date(text: str | None, form: str | None) -> date | None:
    if text is None:
        return None
    if form is None:
        return date.fromisoformat(text)
    return datetime.strptime(text, form).date()  # noqa: DTZ007  # a day, of no zone


def _number(where: Pointer | None, row: Any) -> str | None:
    given = where.find_or_none(row) if where else None
    return None if given is None else _text(given, _LONGEST)


def _region(where: Pointer | None, row: Any) -> str:
    text = _number(where, row) or ""
    return text if _REGION.fullmatch(text) else ""
