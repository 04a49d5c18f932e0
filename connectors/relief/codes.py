"""What the system's codes and its old words mean, in the present official words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.sdk.soap import ErrorWords

PROGRAMMES: Final[Mapping[str, str]] = {
    "01": "低保",
    "02": "低保边缘",
    "03": "刚性支出困难",
    "04": "特困供养",
    "05": "受灾",
    "06": "临时救助",
    # The numbers from before 2025 still occur, with the old names and with the new.
    "12": "低保边缘",
    "13": "刚性支出困难",
}
PROGRAMME_NAMES: Final[Mapping[str, str]] = {
    **{name: name for name in PROGRAMMES.values()},
    "低收入困难": "低保边缘",
    "支出型贫困": "刚性支出困难",
}

STATUS: Final[Mapping[str, str]] = {"1": "在享", "2": "停发", "3": "复核中", "4": "已终止"}

PAID: Final[Mapping[str, str]] = {"1": "每月", "2": "一次性"}
"""How an amount is paid out."""

NOBODY: Final = "查无此人"
"""The answer, in the place of XML, about a person without a case; nil is another."""

ERRORS: Final = ErrorWords(
    rejected=("密码错误", "用户不存在", "账号已停用"),
    expired=("key已过期", "key无效"),
    throttled=("超过限额", "访问过于频繁"),
    unavailable=("系统维护", "系统升级"),
)
