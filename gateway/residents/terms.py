"""What a person typed into the search box, taken apart."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.sdk import CitizenId

MAX_TERMS = 6

_DOOR = re.compile(r"(\d{1,4})(?:[号幢栋]楼?[-—]?|[-—])(\d{1,5})室?")
_ROOM = re.compile(r"(\d{3,5})室")
_AGE = re.compile(r"(\d{1,3})(?:岁)?(?:\+|以上|岁)")
_DIGITS = re.compile(r"\d{3,18}[xX]?")
_LETTERS = re.compile(r"[A-Za-z']{1,40}")


class TermKind(StrEnum):
    """What a part of a search means."""

    AGE_FROM = "age_from"
    DIGITS = "digits"
    """A room, or the tail of a phone or ID number."""
    DOOR = "door"
    """``3-502``, or a room alone: ``502``."""
    LETTERS = "letters"
    """Pinyin, initials, or a name in Latin letters."""
    WORD = "word"
    """A name, a part of one, or a tag."""


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a search."""

    kind: TermKind
    text: str = field(repr=False)


def parse(query: str) -> tuple[Term, ...]:
    """Split a search into terms, all of which must match; at most six count."""
    return tuple(
        _term(word) for word in unicodedata.normalize("NFKC", query).replace("、", " ").split()[:MAX_TERMS]
    )


def whole_number(query: str) -> str | None:
    """Return the citizen number, in its 18-character form, that a search consists of, else None."""
    try:
        return CitizenId.parse(query).number
    except ValueError:
        return None


def _term(word: str) -> Term:
    age = _AGE.fullmatch(word)
    if age:
        return Term(TermKind.AGE_FROM, age.group(1))
    door = _DOOR.fullmatch(word) or _ROOM.fullmatch(word)
    if door:
        return Term(TermKind.DOOR, "-".join(door.groups()))
    if _DIGITS.fullmatch(word):
        return Term(TermKind.DIGITS, word.upper())
    if _LETTERS.fullmatch(word):
        return Term(TermKind.LETTERS, word.casefold().replace("'", ""))
    return Term(TermKind.WORD, word)
