"""What the system's codes mean, in the official words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.sdk import Throttled, Unavailable, UpstreamError

CATEGORIES: Final[Mapping[str, str]] = {
    "1": "视力残疾",
    "2": "听力残疾",
    "3": "言语残疾",
    "4": "肢体残疾",
    "5": "智力残疾",
    "6": "精神残疾",
    "7": "多重残疾",
}
"""GB/T 26341-2010."""

GRADES: Final[Mapping[str, str]] = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}
"""GB/T 26341-2010: one is the gravest."""

SUBSIDIES: Final[Mapping[str, str]] = {"A1": "困难残疾人生活补贴", "A2": "重度残疾人护理补贴"}

VETERANS: Final[Mapping[str, str]] = {
    "Y01": "残疾军人",
    "Y02": "复员军人",
    "Y03": "带病回乡退伍军人",
    "Y04": "参战退役军人",
    "Y05": "烈士遗属",
}

DISABLED_TAG: Final = "残疾"
VETERAN_TAG: Final = "优抚"

OK: Final = "OK"
MEANINGS: Final[Mapping[str, type[UpstreamError]]] = {
    "FLOW_LIMITED": Throttled,
    "MAINTENANCE": Unavailable,
}
"""What the other values of ``code`` mean; one that is not here is bad data."""
