"""Python's collector of cyclic garbage, told what kind of process this is."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 20_000
"""Objects more than before at which the newest are looked through: about 150 cold lookups, a millisecond."""
MIDDLE: Final = 5
"""Looks at the newest before one at those that outlived them."""
OLD: Final = 100
"""Looks at those before one at all, which also waits until a quarter more has come to stay."""


def look_seldom() -> None:
    """Leave what is there by now alone for good, and look less often at what is to come.

    What stays in this process are cached records, which hold no cycles. By Python's own measure (700, 10, 10)
    a cold lookup took half as long again, looking through them in vain. Call it when everything is open.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
