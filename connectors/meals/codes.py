"""What the system's codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.sdk import IdentityKind, Throttled, UpstreamError

ORDERED: Final[Mapping[str, bool]] = {"0": True, "9": False}
"""The state of an order: running, or stopped; of any other we say nothing."""

MEAL_TAG: Final = "助餐"

WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

CARDS: Final[Mapping[IdentityKind, str]] = {IdentityKind.CITIZEN: "1", IdentityKind.PASSPORT: "2"}

MEANINGS: Final[Mapping[str, type[UpstreamError]]] = {"BUSY": Throttled}
"""What the values of ``CODE`` mean; one that is not here is bad data."""
