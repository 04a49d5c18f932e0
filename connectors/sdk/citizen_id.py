"""Citizen identity numbers (公民身份号码) as people write them and as systems store them.

Source: GB 11643-1999 (18 characters); the 15-digit form it replaced is still stored in old systems.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal

from stdnum.cn.ric import calc_check_digit

_FULL_WIDTH: Final = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {0xFF38: "X", 0xFF58: "X"}
_CURRENT: Final = re.compile(r"[0-9]{17}[0-9X]")
_BODY: Final = re.compile(r"[0-9]{17}")
_OLD: Final = re.compile(r"[0-9]{15}")
# A number is issued where the clocks say UTC+8; a server in another zone must not refuse a child born today.
_ISSUER_TIME: Final = timezone(timedelta(hours=8))
# Nobody numbered since 1984 was born before; an earlier year is a slip that the check digit let through.
_FIRST_YEAR: Final = 1800
_OLD_CENTENARIANS: Final = range(996, 1000)


def _birth_date(digits: str) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        raise ValueError("citizen ID: the birth date does not exist") from None
    if birth.year < _FIRST_YEAR:
        raise ValueError("citizen ID: the birth date is too long ago")
    return birth


def _completed(body: str) -> str:
    # The library expects the whole number and leaves its last character out of the sum.
    return body + calc_check_digit(body + "0")


@dataclass(frozen=True, slots=True, repr=False)
class CitizenId:
    """Hold one valid citizen ID.

    `number` has 18 characters, a closing X in upper case. Equal numbers are equal IDs.
    Construction raises ValueError on a wrong shape, birth date or check digit, in words that never hold
    the number; `repr` and `str` do not show it either.
    NOT guaranteed: that the number was issued, that the person lives, or that the region code (of the
    first registration) exists or ever did: abolished codes stay valid for life.
    """

    number: str

    def __post_init__(self) -> None:
        """Refuse what is no citizen ID."""
        if not _CURRENT.fullmatch(self.number):
            raise ValueError("citizen ID: not 17 digits and a digit or X")
        _birth_date(self.number[6:14])
        if calc_check_digit(self.number) != self.number[17]:
            raise ValueError("citizen ID: the check digit does not fit")

    @classmethod
    def parse(cls, text: str, *, today: date | None = None) -> CitizenId:
        """Read an ID of 18 or 15 characters.

        Takes blanks anywhere, full-width characters and a small x. A 15-digit number belongs to a birth in
        the 1900s, or in the 1800s where its sequence is 996-999 (kept for centenarians); it has no check
        digit, so a slip of the pen in it mostly goes unseen.
        `today` is the last possible birth date; by default the present day in China.
        Raises ValueError, whose message never holds `text`.
        """
        compact = "".join(text.split()).translate(_FULL_WIDTH).replace("x", "X")
        if _OLD.fullmatch(compact):
            century = "18" if int(compact[12:]) in _OLD_CENTENARIANS else "19"
            compact = _completed(f"{compact[:6]}{century}{compact[6:]}")
        citizen_id = cls(compact)
        if citizen_id.birth_date > (today or datetime.now(_ISSUER_TIME).date()):
            raise ValueError("citizen ID: the birth date is in the future")
        return citizen_id

    @classmethod
    def make(cls, region: str, birth: date, sequence: int) -> CitizenId:
        """Compose an ID from a 6-digit region, a birth date and a sequence 0-999 (odd: male).

        For synthetic people; use region 319999, which no office has. Raises ValueError on a wrong part.
        """
        body = f"{region}{birth:%Y%m%d}{sequence:03d}"
        if not _BODY.fullmatch(body):
            raise ValueError("citizen ID: not a region of 6 digits and a sequence of 0 to 999")
        return cls(_completed(body))

    @property
    def region(self) -> str:
        """Return the 6-digit region of the first registration, which says nothing of the present one."""
        return self.number[:6]

    @property
    def birth_date(self) -> date:
        """Return the date of birth that the number states."""
        return _birth_date(self.number[6:14])

    @property
    def gender(self) -> Literal["male", "female"]:
        """Return the gender that the sequence states: odd is male."""
        return "male" if int(self.number[16]) % 2 else "female"

    @property
    def old_form(self) -> str:
        """Return the 15-digit form.

        Raises ValueError where `parse` would not lead back here: for births since 2000, and for births
        whose century the old form would mistake.
        """
        centenarian = int(self.number[14:17]) in _OLD_CENTENARIANS
        if self.number[6:8] != ("18" if centenarian else "19"):
            raise ValueError("citizen ID: this number has no 15-digit form")
        return self.number[:6] + self.number[8:17]

    def __repr__(self) -> str:
        """Hide the number: a repr ends up in logs and tracebacks."""
        return "CitizenId(****)"
