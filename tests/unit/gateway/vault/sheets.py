"""Password sheets as cadres really have them, made by XlsxWriter; every secret in them is made up."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

HEADER = ("序号", "系统/平台", "登录地址", "备注", "用户名/账号", "密码（区分大小写）")


def password(n: int) -> str:
    """Return the made-up password of the system with this number."""
    return f"Mùdàn-{n:02}-wisteria!{n * 7919}"


def write_csv(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> Path:
    """Write a CSV file as a spreadsheet program does."""
    text = "\r\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def write_workbook(path: Path, rows: Sequence[Sequence[object]], *, top: int = 0) -> Path:
    """Write plain rows from row `top` (0 is the first) on."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("密码")
        for n, row in enumerate(rows, start=top):
            sheet.write_row(n, 0, row)
    return path


def write_town(path: Path, systems: int = 22) -> Path:
    """Write the sheet of one committee.

    A title over all columns, a blank row, a header in the office's own order, and one row for each system,
    numbered from 0 at row 4; of system 5 the name is merged over two rows with two accounts, after system 9
    there is a blank row, the row of system 12 is hidden; numbers are stored as numbers.
    """
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("密码纸")
        sheet.merge_range(0, 0, 0, 5, "2026年居委会各条线系统账号密码表（内部资料）")
        sheet.write_row(2, 0, HEADER)
        row = 3
        for n in range(systems):
            sheet.write_row(row, 0, (n + 1, f"条线{n:02}系统 ", f"http://10.1.2.{n}:8080/login.jsp", ""))
            sheet.write(row, 4, 13800000000 + n if n % 2 else f"cadre{n:02}　")
            sheet.write_string(row, 5, password(n) + (" " if n % 3 else ""))
            if n == 5:
                sheet.merge_range(row, 1, row + 1, 1, f"条线{n:02}系统")
                row += 1
                sheet.write_row(row, 4, ("second05", password(n) + "-two"))
            row += 2 if n == 9 else 1
            if n == 12:
                sheet.set_row(row - 1, None, None, {"hidden": True})
    return path
