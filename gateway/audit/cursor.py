"""Where a page of events ended, as an opaque word for the next page."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from gateway.clock import SHANGHAI
from gateway.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI)
_LATEST = 253_402_000_000_000_000
_PLAIN = re.compile(r"([0-9]{1,18})/([0-9A-Za-z.-]{1,40})/([0-9]{1,18})")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event of a page."""

    at: datetime
    chain: str
    seq: int

    def __str__(self) -> str:
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(f"{micros}/{self.chain}/{self.seq}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, word: str) -> Self:
        """Read a cursor back; raises :class:`InvalidInput` for any other word.

        Does not check that there is such an event: a cursor is a place, not a right.
        """
        try:
            plain = base64.b64decode(word[:_LONGEST] + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
            found = _PLAIN.fullmatch(plain.decode("ascii"))
        except (binascii.Error, ValueError):
            found = None
        if found is None or len(word) > _LONGEST or int(found[1]) > _LATEST:
            raise InvalidInput(("cursor", "take it from the answer before, as it stands"))
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), found[2], int(found[3]))
