"""Chinese names as people type them: characters, pinyin, initials."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import product

from pypinyin import Style, pinyin

MAX_READINGS = 12
"""Combinations of readings kept for one name; the rare names with more are found by their characters."""


def normalised(text: str) -> str:
    """Return text as it is compared: compatibility forms and case folded, without blanks and middle dots."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if not char.isspace() and char not in "·•・.-'")


@lru_cache(maxsize=8192)
def _readings(char: str) -> tuple[str, ...]:
    """Return every reading of a character without tones: a surname (曾 单 仇 解 查) is read unlike a word."""
    if char.isascii():
        return (char,)
    found = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    plain = {
        "".join(c for c in reading if c.isascii() and c.isalpha()) for reading in (found[0] if found else [])
    }
    return tuple(sorted(plain - {""}))


def spellings(name: str) -> frozenset[str]:
    """Return the pinyin spellings of a name, full (``chenguifang``) and initials (``cgf``), all readings."""
    per_char = [readings for char in normalised(name) if (readings := _readings(char))]
    found: set[str] = set()
    for number, combination in enumerate(product(*per_char)):
        if number >= MAX_READINGS:
            break
        found |= {"".join(combination), "".join(reading[0] for reading in combination)}
    return frozenset(found - {""})
