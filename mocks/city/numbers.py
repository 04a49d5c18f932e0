"""Numbers that people go by: documents, phones, and the line systems' own. None of them is anybody's.

Citizen IDs have the region 319999, which no office has; phones begin with prefixes that no carrier has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.sdk.citizen_id import CitizenId
from mocks.city.draws import choose

if TYPE_CHECKING:
    from datetime import date

REGION: Final = "319999"
_PHONE_PREFIXES: Final = ("154", "160", "161", "163", "164", "168", "169")
_PHONES: Final = 10**8
# Sequences 996 to 999 are kept for centenarians, 000 for nobody.
_SEQUENCES: Final = 497
_HOUSEHOLD_BASE: Final = 600_000_001
_LOCAL_BASE: Final = 3_101_000_000
_DUPLICATE_BASE: Final = 3_901_000_000


class IdOffice:
    """Issue each citizen ID once."""

    def __init__(self) -> None:
        """Begin with none issued."""
        self._issued: dict[int, int] = {}

    def issue(self, birth: date, *, male: bool) -> str:
        """Return a new number; raises ValueError when that day's 497 numbers of the gender are used up."""
        key = 2 * birth.toordinal() + male
        count = self._issued.get(key, 0)
        if count == _SEQUENCES:
            raise ValueError("a city of so many people would need one citizen ID twice")
        self._issued[key] = count + 1
        # 211 and 497 have no common factor: every step lands on a sequence not yet used that day.
        step = (count * 211 + key * 89) % _SEQUENCES
        return CitizenId.make(REGION, birth, 2 * step + (1 if male else 2)).number


def passport(pid: int) -> str:
    """Return a passport number, one for each pid."""
    return f"XM{pid * 7_654_321 % 10_000_000:07d}"


def phone(pid: int, nth: int = 0) -> str:
    """Return a person's phone, or with `nth` 1, 2 one that nobody has as their first."""
    serial = (pid + nth * (_PHONES // 3)) % _PHONES
    return f"{choose(_PHONE_PREFIXES, pid, nth)}{serial * 73_939_133 % _PHONES:08d}"


def household_number(index: int) -> str:
    """Return the number of the n-th household, from 0."""
    return str(_HOUSEHOLD_BASE + index)


def household_index(number: str) -> int:
    """Undo `household_number`; -1 for what is not a number at all."""
    return int(number) - _HOUSEHOLD_BASE if number.isascii() and number.isdigit() else -1


def local_number(pid: int, *, duplicate: bool = False) -> str:
    """Return the household system's own number of a person, or that of their second entry."""
    return str((_DUPLICATE_BASE if duplicate else _LOCAL_BASE) + pid)


def local_pid(number: str) -> tuple[int, bool]:
    """Undo `local_number`: the pid, and whether it is the second entry's; pid 0 for nonsense."""
    if not (number.isascii() and number.isdigit()):
        return 0, False
    duplicate = int(number) > _DUPLICATE_BASE
    return max(0, int(number) - (_DUPLICATE_BASE if duplicate else _LOCAL_BASE)), duplicate
