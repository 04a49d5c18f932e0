"""What may be chosen as a password: long enough, and not one of those that are tried first."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

from gateway.identity.passwords import MAX_LENGTH

MIN_LENGTH = 10
"""Characters."""

_FEW_DISTINCT = 5
_FEW_LETTERS = 3
_LONGEST_PERIOD = 6
_SHORTEST_RUN = 4
_SPARE = 2

# What fingers and counting make without thinking; read forwards and backwards.
_TRACKS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()",
)
_RUNS = frozenset(
    line[start : start + _SHORTEST_RUN]
    for track in _TRACKS
    for line in (track, track[::-1])
    for start in range(len(line) - _SHORTEST_RUN + 1)
)
_PLAIN = [str.maketrans("@4310$57!", f"aae{one}ossti") for one in "il"]


def problems(password: str, username: str = "") -> tuple[str, ...]:
    """Return what is wrong with the choice, as sentences that say what to do; empty when it may be used.

    No mixture of character classes is asked for, nor a regular change (both as NIST SP 800-63B advises).
    Passwords known from leaks elsewhere are *not* recognised, only the habits in ``common_passwords.txt``.
    """
    folded = unicodedata.normalize("NFKC", password).casefold()
    found = []
    if len(password) < MIN_LENGTH:
        found.append(f"use at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        found.append(f"use at most {MAX_LENGTH} characters")
    if username and len(folded.replace(username.casefold(), "")) < MIN_LENGTH / 2:
        found.append("do not build it from the user name")
    if _common(folded):
        found.append(
            "this is among the first that are guessed; use three or four words that do not belong together"
        )
    return tuple(found)


def _common(folded: str) -> bool:
    """Tell whether little is left once runs, repetition, decoration and well-known words are taken away."""
    letters = "".join(filter(str.isalpha, folded))
    marks = sum(not c.isalnum() for c in folded)
    start, end = _core(folded)
    core = folded[start:end]
    return (
        len(set(folded)) < _FEW_DISTINCT
        or (len(letters) <= _FEW_LETTERS and marks < _FEW_LETTERS and letters.isascii())
        or _outside_runs(folded) <= _SPARE
        or _outside_runs(core) <= _SPARE
        or _repeats(folded)
        or _repeats(core)
        or _familiar(letters)
        or any(_familiar("".join(filter(str.isalpha, core.translate(plain)))) for plain in _PLAIN)
    )


def _core(folded: str) -> tuple[int, int]:
    """Return where the first letter stands and the last one ends: digits and marks around are decoration."""
    places = [place for place, c in enumerate(folded) if c.isalpha()]
    return (places[0], places[-1] + 1) if places else (0, 0)


def _outside_runs(text: str) -> int:
    """Count the characters that belong to no run of four or more."""
    covered: set[int] = set()
    for start in range(len(text) - _SHORTEST_RUN + 1):
        if text[start : start + _SHORTEST_RUN] in _RUNS:
            covered.update(range(start, start + _SHORTEST_RUN))
    return len(text) - len(covered) if text else _SPARE + 1


def _repeats(text: str) -> bool:
    periods = range(1, min(_LONGEST_PERIOD, len(text) // 2) + 1)
    return len(text) >= _SHORTEST_RUN and any(text[period:] == text[:-period] for period in periods)


def _familiar(letters: str) -> bool:
    """Tell whether the letters are one well-known word or name, or two in a row."""
    words = _words()
    return letters in words or any(
        letters[:cut] in words and letters[cut:] in words for cut in range(1, len(letters))
    )


@cache
def _words() -> frozenset[str]:
    """Read the list: words as they stand, and every surname alone and with every given name."""
    text = files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    sections: dict[str, list[str]] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif not line.startswith("#"):
            sections.setdefault(section, []).extend(line.split())
    surnames = sections["surnames"]
    names = (surname + given for surname in surnames for given in sections["given names"])
    return frozenset(sections["words"]).union(surnames, names)
