"""How each kind of field looks when masked. Masks hide: what stays must not lead back to the person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.sdk.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.sdk.record import Value

_HIDDEN = "***"
_SHORTEST_ID = 5
"""A shorter number has too little between its ends to hide behind."""
_MOBILE = re.compile(r"[0-9]{11}")
# Digits of any script, and Chinese numerals that count a lane, house or room: of 四平路三百弄 the second.
_NUMBER = re.compile(r"\d|[〇零一二三四五六七八九十百千两]+(?=[弄号幢栋室楼层座单组队])")


def mask(kind: Kind, value: Value) -> str:
    """Return the masked form of a value: never empty, never the value itself unless that is a mask already.

    What is not text is hidden whole. Readable on purpose stay a name's first character, a mobile number's
    network and last four, both ends of an ID, an address up to its first number. *Not* guaranteed: that a
    value in the wrong field (a name as an address) is hidden.
    """
    return _MASKS[kind](value) if isinstance(value, str) else _HIDDEN


def _hidden(_text: str) -> str:
    return _HIDDEN


def _id(text: str) -> str:
    """Keep both ends: a prefix, birth date and tail together would leave two people in Shanghai."""
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}" if len(text) >= _SHORTEST_ID else _HIDDEN


def _phone(text: str) -> str:
    """Keep the network's three digits and the last four, as people are used to."""
    return f"{text[:3]}****{text[-4:]}" if _MOBILE.fullmatch(text) else _HIDDEN


def _name(text: str) -> str:
    return f"{text[0]}{'*' * (len(text) - 1)}" if len(text) > 1 else "*"


def _address(text: str) -> str:
    """Keep the road, hide everything from the first number on."""
    number = _NUMBER.search(text)
    return text[: number.start()] + _HIDDEN if number else _HIDDEN


_MASKS: dict[Kind, Callable[[str], str]] = {
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
