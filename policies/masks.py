"""How each kind of field looks when masked. Masks hide: what stays must not lead back to the person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.sdk.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.sdk.record import Value

_HIDDEN = "***"
_PHONE_DIGITS = 11
_FIRST_DIGIT = re.compile(r"\d")


def mask(kind: Kind, value: Value) -> str:
    """Return the masked form of a value; never longer than useful, never empty, never the value itself."""
    return _MASKS[kind](value if isinstance(value, str) else "", value)


def _hidden(_text: str, _value: Value) -> str:
    return _HIDDEN


def _id(text: str, _value: Value) -> str:
    """Keep the first and the last: a prefix, birth date and tail together would leave two people in Shanghai."""
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}" if len(text) > 4 else _HIDDEN  # noqa: PLR2004  # nothing to hide behind


def _phone(text: str, _value: Value) -> str:
    """Keep the network's three digits and the last four, as people are used to."""
    return f"{text[:3]}****{text[-4:]}" if len(text) == _PHONE_DIGITS else _HIDDEN


def _name(text: str, _value: Value) -> str:
    return f"{text[0]}{'*' * (len(text) - 1)}" if len(text) > 1 else "*"


def _address(text: str, _value: Value) -> str:
    """Keep the road, hide everything from the first number on."""
    number = _FIRST_DIGIT.search(text)
    return text[: number.start()] + _HIDDEN if number and number.start() else _HIDDEN


_MASKS: dict[Kind, Callable[[str, Value], str]] = {
    Kind.ADDRESS: _address,
    Kind.BIRTH: _hidden,
    Kind.FREE: _hidden,
    Kind.HEALTH: _hidden,
    Kind.ID: _id,
    Kind.NAME: _name,
    Kind.PHONE: _phone,
    Kind.PLAIN: _hidden,
    Kind.RELIEF: _hidden,
}
