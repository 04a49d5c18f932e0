"""The words that stand above the columns of password sheets."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Column(StrEnum):
    """What a column holds."""

    ADDRESS = "address"
    PASSWORD = "password"  # noqa: S105  # the name of a column
    SYSTEM = "system"
    USERNAME = "username"


_ADDRESS: Final = """
地址 网址 链接 入口 访问地址 登录地址 登陆地址 登录网址 登陆网址 系统地址 系统网址 平台地址 平台网址 网站地址
访问网址 登录入口 登录链接 url address link website site
"""
_CREDENTIAL: Final = """
密码 口令 登录密码 登陆密码 系统密码 用户密码 现密码 新密码 当前密码 password pwd passwd
"""
_SYSTEM: Final = """
系统 平台 系统名称 平台名称 系统名 平台名 名称 应用 应用名称 业务系统 信息系统 网站 网站名称 软件
system platform application app name
"""
_USERNAME: Final = """
用户名 用户 账号 帐号 账户 帐户 登录名 登陆名 登录账号 登陆账号 登录帐号 登陆帐号 用户账号 用户帐号 用户名称
登录用户名 username user account login loginname userid accountname
"""

HEADINGS: Final[Mapping[Column, frozenset[str]]] = {
    Column.ADDRESS: frozenset(_ADDRESS.split()),
    Column.PASSWORD: frozenset(_CREDENTIAL.split()),
    Column.SYSTEM: frozenset(_SYSTEM.split()),
    Column.USERNAME: frozenset(_USERNAME.split()),
}
