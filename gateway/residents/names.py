"""Chinese names as people type them: characters, pinyin, initials."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import combinations, islice, product
from typing import TYPE_CHECKING

from pypinyin import Style, pinyin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_READINGS = 24
"""Combinations of readings kept for one name; the rare names with more are found by their characters."""

_JOINTS = "·•・‧.-'‘’"
"""What stands between the parts of a name, in one system or another."""


def normalised(text: str) -> str:
    """Return text as it is compared: compatibility forms and case folded, without blanks and middle dots."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if not char.isspace() and char not in _JOINTS)


@lru_cache(maxsize=8192)
def _readings(char: str) -> tuple[str, ...]:
    """Return every reading of a character without tones, the usual one first; none for what is not read.

    All of them, as a surname (曾 单 仇 解 查 朴 任) is read unlike the same character in a word.
    """
    latin = "".join(part for part in unicodedata.normalize("NFKD", char) if part.isascii() and part.isalnum())
    if latin:
        return (latin,)
    found = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    plain = ("".join(c for c in reading if c.isascii() and c.isalpha()) for reading in (found or [[]])[0])
    return tuple(dict.fromkeys(reading for reading in plain if reading))


def spellings(name: str) -> frozenset[str]:
    """Return the pinyin spellings of a name, full (``chenguifang``) and initials (``cgf``), all readings."""
    per_char = [readings for char in normalised(name) if (readings := _readings(char))]
    found: set[str] = set()
    for combination in islice(_combined(per_char), MAX_READINGS):
        found |= {"".join(combination), "".join(reading[0] for reading in combination)}
    return frozenset(found - {""})


def _combined(per_char: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Yield one reading for each character: the usual ones first, then ever more unusual ones.

    The surname's come before the rest, so that no bound cuts them off.
    """
    usual = [readings[0] for readings in per_char]
    rare = [place for place, readings in enumerate(per_char) if len(readings) > 1]
    for count in range(len(rare) + 1):
        for places in combinations(rare, count):
            for chosen in product(*(per_char[place][1:] for place in places)):
                combination = usual.copy()
                for place, reading in zip(places, chosen, strict=True):
                    combination[place] = reading
                yield combination
