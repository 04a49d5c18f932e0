"""How much memory records take, by estimate."""

from __future__ import annotations

from sys import getsizeof
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.sdk import Record

RECORD_BYTES = 1_150
"""A record's own objects (measured with tracemalloc); its values come on top."""
SAMPLE = 64
"""How many records of a list are looked at: they resemble each other."""


class Scales:
    """Weigh answers: one record of each type, and samples of lists.

    Weighing a record takes longer than all else that the cache does with it, so a few are taken to weigh what
    others of their type did.
    """

    def __init__(self) -> None:
        """Start without having seen any."""
        self._of_type: dict[type[Record], int] = {}

    def weight(self, records: Sequence[Record]) -> int:
        """Return about how many bytes records take; values that several of them share count for each."""
        if not records:
            return 0
        kind = type(records[0])
        if kind not in self._of_type or len(records) >= SAMPLE:
            sample = records[:: max(1, len(records) // SAMPLE)]
            self._of_type[kind] = sum(map(_weight, sample)) // len(sample)
        return self._of_type[kind] * len(records)


def _weight(record: Record) -> int:
    values = list(record.__dict__.values())
    words = [word for value in values if isinstance(value, tuple) for word in value]
    return RECORD_BYTES + sum(map(getsizeof, [*values, *words]))
