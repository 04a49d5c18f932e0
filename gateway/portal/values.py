"""What a field's value reads like."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from gateway.portal.words import LABELS, YES_NO

if TYPE_CHECKING:
    from connectors.sdk.record import Value

_DOOR = re.compile(r"(\d{1,4})-(\d{1,5})")
_UNITS = {"age": "{} 岁", "allowance": "{:,} 元/月", "care_level": "{} 级"}
_YES, _NO = "是", "否"


def label(name: str) -> str:
    """Return what a field is called."""
    return LABELS.get(name, name)


def reads(name: str, value: Value) -> str:
    """Return a value in words; not escaped."""
    if isinstance(value, bool):
        return YES_NO.get(name, (_YES, _NO))[0 if value else 1]
    if isinstance(value, str):
        return door(value) if name == "door" else value
    if isinstance(value, int):
        return _UNITS.get(name, "{}").format(value)
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "、".join(value)


def door(text: str) -> str:
    """Return ``3号楼 502室`` for ``3-502``; anything else as it is."""
    found = _DOOR.fullmatch(text)
    return f"{found[1]}号楼 {found[2]}室" if found else text
