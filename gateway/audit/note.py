"""What a person may leave in the audit trail in own words."""

from __future__ import annotations

import re

LONGEST_NOTE = 500
"""Characters of a note that are kept."""

_GAP = r"[\s.\-·]?"
_NUMBER = re.compile(
    # Citizen numbers, bank cards and the like: 15 digits or more, however they are grouped.
    rf"\d(?:{_GAP}[\dXxＸｘ]){{14,}}"
    # Mobile numbers, with or without the country's code; then landlines with their area code.
    rf"|(?<!\d)(?:\+?(?:00)?86{_GAP})?1{_GAP}[3-9]{_GAP}\d(?:{_GAP}\d){{8}}(?!\d)"
    rf"|(?<!\d)0\d{{2,3}}{_GAP}\d(?:{_GAP}\d){{6,7}}(?!\d)"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def scrubbed(note: str) -> str:
    """Return a note without numbers that name or reach a person, at most 500 characters long.

    Each becomes ``[number]``; digits of every script count, and rather too much goes than too little. Not
    found: numbers written in words, names, addresses.
    """
    # The numbers go first: a cut through one would leave its beginning.
    return _NUMBER.sub("[number]", _SURROGATE.sub("\ufffd", note))[:LONGEST_NOTE]
