"""What the vault's commands say, in Chinese and in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.vault_check import Checked
from gateway.vault.columns import RowNote
from gateway.vault.entry import EntryState, Why
from gateway.vault.intake import GOOD, Result
from gateway.vault.sheet import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.vault.entry import Entry
    from gateway.vault.intake import RowReport
    from gateway.vault.sheet import SheetFault

Both = tuple[str, str]
"""The same in Chinese and in English."""

RESULTS: dict[Result, Both] = {
    Result.CHANGED: ("已更新", "imported in place of the old one"),
    Result.CHOOSE: (
        "同一系统有几个账号，请选一个：加 --choose 行号",
        "several accounts: choose one with --choose ROW",
    ),
    Result.DAMAGED: (
        "表格里已不是原来的账号或密码（变成了日期，或数字太长被舍入）：请用 vault set 录入",
        "the spreadsheet has lost it (a date, or a long number rounded): enter it with vault set",
    ),
    Result.DUPLICATE: ("重复", "duplicate"),
    Result.EMPTY: ("账号、密码都是空的", "empty: no user name, no password"),
    Result.IMPORTED: ("已存入", "imported"),
    Result.NO_PASSWORD: ("没有密码", "no password"),
    Result.NO_USERNAME: ("没有用户名", "no user name"),
    Result.NOT_CHOSEN: ("未选用", "not chosen"),
    Result.SHARED: (
        "这个账号已在别人名下：一个账号不能两人共用",
        "this account is in the vault for another owner: accounts are not shared",
    ),
    Result.UNCHANGED: ("没有变化", "unchanged"),
    Result.UNCLEAR_SYSTEM: (
        "名称和地址对不上同一个系统：请核对",
        "name and address do not mean one and the same system",
    ),
    Result.UNKNOWN_SYSTEM: (
        "没有配置这个系统：可在 systems.yaml 里加 aliases",
        "unknown system: its name may be added to aliases in systems.yaml",
    ),
}
NOTES: dict[RowNote, Both] = {
    RowNote.ABOVE: ("系统名取自上一行", "system taken from the row above"),
    RowNote.HIDDEN: ("表格里隐藏的行", "a hidden row"),
    RowNote.NUMBER: (
        "密码存成了数字，若以 0 开头请用 vault set 重录",
        "stored as a number: if it begins with 0, enter it with vault set",
    ),
    RowNote.WIDE: ("密码里的全角字符已转成半角", "full-width characters of the password made half-width"),
}
FAULTS: dict[Fault, Both] = {
    Fault.ENCRYPTED: (
        "这是旧版 .xls 或加了密码的表格：请另存为不加密的 .xlsx 或 .csv",
        "an old .xls or a workbook with a password: save it as a plain .xlsx or .csv",
    ),
    Fault.NO_HEADER: (
        "找不到表头：要有“系统”或“网址”一列，还有“用户名”和“密码”两列",
        "no header found: it needs columns for the system or its address, the user name and the password",
    ),
    Fault.NOT_A_SHEET: ("不是 CSV 或 XLSX 表格", "neither CSV nor XLSX"),
    Fault.TOO_LARGE: ("表格太大", "the sheet is too large"),
    Fault.TWO_COLUMNS: (
        "有两列表头是一个意思，请改掉一个：",
        "two columns have headings of one meaning, rename one: ",
    ),
    Fault.UNREADABLE: ("打不开这个文件", "the file cannot be read"),
}
CHECKED: dict[Checked, Both] = {
    Checked.CAPTCHA: (
        "系统要验证码：请本人登录一次",
        "the system wants a captcha: sign in there yourself once",
    ),
    Checked.KEY_UNAVAILABLE: ("密钥服务器不应答", "the key server does not answer"),
    Checked.LOGIN_CHANGED: ("登录页面变了：请告诉管理员", "the login has changed: tell the administrator"),
    Checked.NO_ANSWER: ("系统不应答，以后再试", "the system does not answer: try later"),
    Checked.NOT_CONFIGURED: ("没有配置这个系统", "no such system in systems.yaml"),
    Checked.OK: ("登录成功", "ok"),
    Checked.REJECTED: (
        "用户名或密码不对：请更正后用 vault set 录入；不会再试",
        "user name or password rejected: enter the right one with vault set; it is not tried again",
    ),
    Checked.REJECTED_BEFORE: (
        "密码曾被拒绝，未再试：请用 vault set 更正",
        "rejected before, not tried: use vault set",
    ),
    Checked.UNREADABLE: ("打不开：密钥不对或数据被改", "does not open: wrong key, or changed"),
}
STATES: dict[EntryState | Why, Both] = {
    EntryState.OK: ("正常", "ok"),
    EntryState.UNCHECKED: ("未试过", "unchecked"),
    EntryState.NEEDS_ATTENTION: ("要处理", "needs attention"),
    Why.CAPTCHA: ("要验证码", "captcha"),
    Why.LOGIN_CHANGED: ("登录页面变了", "login changed"),
    Why.REJECTED: ("用户名或密码不对", "rejected"),
}
DELETE_SHEET: Both = (
    "请现在就删掉这份表格：里面仍有全部密码。回收站、聊天记录和纸质件也要清掉。",
    "Now delete the sheet: it still holds every password. So do the recycle bin, chats and paper copies.",
)
DRY_RUN: Both = ("这是试运行，什么也没有存入。", "A dry run: nothing was imported.")


def say(words: Both, lang: str) -> str:
    """Return the words in a language: Chinese for ``zh...``, else English."""
    return words[0] if lang.casefold().startswith("zh") else words[1]


def row_line(report: RowReport, lang: str) -> str:
    """Return what became of one row, as one line."""
    about = [say(RESULTS[report.result], lang)]
    if report.others:
        others = "、".join(report.others)
        about.append(say((f"另见第 {others} 行", f"see row {others.replace('、', ', ')}"), lang))
    about += [say(NOTES[note], lang) for note in report.notes]
    place = say((f"第 {report.place} 行", f"row {report.place}"), lang)
    return "\t".join([place, report.system or report.name or "?", say(("；", "; "), lang).join(about)])


def summary_line(reports: Sequence[RowReport], lang: str) -> str:
    """Return how many rows went in and how many need somebody."""
    kept = sum(report.result in {Result.IMPORTED, Result.CHANGED, Result.UNCHANGED} for report in reports)
    left = sum(report.result not in GOOD for report in reports)
    return say(
        (
            f"共 {len(reports)} 行：{kept} 个账号在库，{left} 行要处理。",
            f"{len(reports)} rows: {kept} accounts in the vault, {left} need you.",
        ),
        lang,
    )


def entry_line(entry: Entry, lang: str) -> str:
    """Return one entry without its secrets."""
    state = say(STATES[entry.state], lang)
    if entry.why is not None:
        state += say((f"（{STATES[entry.why][0]}）", f" ({STATES[entry.why][1]})"), lang)
    since = entry.since.isoformat(timespec="seconds")
    return "\t".join([entry.system, str(entry.owner), state, since, entry.sealed.key_id])


def fault_line(fault: SheetFault, lang: str) -> str:
    """Return why a sheet cannot be read."""
    return say(FAULTS[fault.fault], lang) + fault.place
