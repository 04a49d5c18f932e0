"""What a person may leave in the audit trail in own words."""

from __future__ import annotations

import re

LONGEST_NOTE = 500
"""Characters of a note that are kept."""

_LONG = 15
_GROUP = 4
_GAP = r"[\s.\-·]"
_GAPS = re.compile(_GAP)
_RUN = re.compile(rf"\d[\dXxＸｘ]*(?:{_GAP}\d[\dXxＸｘ]*)*")
_CITIZEN = re.compile(r"\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXxＸｘ]")
_PHONE = re.compile(
    # Mobile numbers, with or without the country's code; then landlines with their area code.
    rf"(?<!\d)(?:\+?(?:00)?86{_GAP}?)?1{_GAP}?[3-9]{_GAP}?\d(?:{_GAP}?\d){{8}}(?!\d)"
    rf"|(?<!\d)0\d{{2,3}}{_GAP}?\d(?:{_GAP}?\d){{6,7}}(?!\d)"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def scrubbed(note: str) -> str:
    """Return a note without numbers that name or reach a person, at most 500 characters long.

    ``[number]`` takes the place of 15 digits (or X) in a row, also when they stand in groups of four or more
    or are grouped as citizen numbers are, and of phone numbers. Digits of every script count. Not found:
    numbers written in words, names, addresses.
    """
    whole = _SURROGATE.sub("\ufffd", note)
    # The numbers go first: a cut through one would leave its beginning.
    return _PHONE.sub("[number]", _RUN.sub(_without_long, whole))[:LONGEST_NOTE]


def _without_long(run: re.Match[str]) -> str:
    """Judge digits that only single blanks, dots and hyphens part: a region code and a door are no number."""
    groups = _GAPS.split(run[0])
    grouped = all(len(group) >= _GROUP for group in groups[:-1]) and sum(map(len, groups)) >= _LONG
    if grouped or max(map(len, groups)) >= _LONG or _CITIZEN.search("".join(groups)):
        return "[number]"
    return run[0]
