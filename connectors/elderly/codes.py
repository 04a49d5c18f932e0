"""What the system's codes mean, in the official words. Its numbers are its own, not the standards'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.sdk import SessionExpired, Throttled, Unavailable, UpstreamError

GENDER: Final[Mapping[str, str]] = {"M": "男", "F": "女", "U": "未知", "N": "未说明"}

RESIDENCE_STATUS: Final[Mapping[str, str]] = {"01": "户在人不在", "02": "人户一致", "03": "人在户不在"}

TAGS: Final[Mapping[str, str]] = {
    "01": "独居",
    "02": "纯老家庭",
    "03": "孤老",
    "04": "失独",
    "05": "老伙伴",
    "06": "一键通",
    "07": "助餐",
}

DECEASED: Final = "9"
"""The ``status`` of a person whose file was closed by death."""
DECEASED_TAG: Final = "已故"

CARE_LEVELS: Final = range(7)
"""Levels of the unified needs assessment (统一需求评估)."""

OK: Final = 0
NOTHING_FOUND: Final = 40400
MEANINGS: Final[Mapping[int, type[UpstreamError]]] = {
    40100: SessionExpired,
    42900: Throttled,
    50300: Unavailable,
}
"""What the other values of ``code`` mean; one that is not here is bad data."""
