"""Which column of a password sheet holds what, and the accounts that stand in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.vault.headings import HEADINGS, Column
from gateway.vault.sheet import Cell, CellNote, Fault, SheetFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateway.vault.sheet import Page, Row

_HEADER_WITHIN = 30
"""Rows that may stand above the header: titles, instructions, who made it."""

_MAX_LENGTH = 256
_BRACKETS = re.compile(r"[(\[{【〔].*?[)\]}】〕]")
_BETWEEN = re.compile(r"[/|、,;或\n]+")
_NOT_WORDS = re.compile(r"[\s:*#_.-]+")
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_CHINESE = re.compile(r"[㐀-鿿]")
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "没有", "none", "n/a"})
_AS_ABOVE = frozenset({"同上", '"', "〃", "″"})


class RowNote(StrEnum):
    """What a person should know of how a row was read."""

    ABOVE = "above"
    """The system was taken from the row above."""
    HIDDEN = "hidden"
    """The spreadsheet hides this row."""
    NUMBER = "number"
    """The password is stored as a number: zeros in front would be lost."""
    WIDE = "wide"
    """Full-width characters of the password were made half-width."""


@dataclass(frozen=True, slots=True)
class SheetAccount:
    """One row below a header, cleaned; ``repr()`` shows nothing of what stands in it."""

    place: str
    """The row's number, after the page's name and ``!`` when there are several pages."""
    name: str = field(repr=False)
    address: str = field(repr=False)
    username: str = field(repr=False)
    password: str = field(repr=False)
    damaged: bool
    """Whether the user name or the password was lost in the spreadsheet."""
    notes: frozenset[RowNote]


def read_accounts(pages: Sequence[Page]) -> tuple[SheetAccount, ...]:
    """Return the rows below the headers, blank ones left out.

    The columns stand in any order, and a second header may change it. Raises SheetFault when no page has a
    header, or one has two columns for one thing.
    """
    with_header = [(page, header) for page in pages if (header := _header_of(page)) is not None]
    if not with_header:
        raise SheetFault(Fault.NO_HEADER)
    several = len(with_header) > 1
    return tuple(
        account
        for page, header in with_header
        for account in _accounts(page, header, f"{_line(page.name)}!" if several else "")
    )


def _header_of(page: Page) -> int | None:
    """Return where in the page's rows the first header is."""
    rows = enumerate(page.rows[:_HEADER_WITHIN])
    return next((n for n, row in rows if _columns(row, page.name) is not None), None)


def _accounts(page: Page, start: int, prefix: str) -> Iterator[SheetAccount]:
    columns: Mapping[Column, int] = {}
    above: SheetAccount | None = None
    for row in page.rows[start:]:
        if (found := _columns(row, page.name)) is not None:
            columns, above = found, None
        elif any(cell.text.strip() or cell.note for cell in (_at(row, columns, one) for one in Column)):
            above = _account(row, columns, prefix, above)
            yield above
        else:
            above = None


def _account(
    row: Row, columns: Mapping[Column, int], prefix: str, above: SheetAccount | None
) -> SheetAccount:
    name, address = (
        _line(_at(row, columns, Column.SYSTEM).text),
        _line(_at(row, columns, Column.ADDRESS).text),
    )
    user, word = _at(row, columns, Column.USERNAME), _at(row, columns, Column.PASSWORD)
    username, password = _username(user.text), _trimmed(word.text).translate(_HALF_WIDTH)
    notes = {RowNote.HIDDEN} if row.hidden else set()
    if above is not None:
        if name in _AS_ABOVE | {""} and address in _AS_ABOVE | {""}:
            name, address = above.name, above.address
            notes.add(RowNote.ABOVE)
        username = above.username if username in _AS_ABOVE else username
        password = above.password if password in _AS_ABOVE else password
    if word.note is CellNote.NUMBER:
        notes.add(RowNote.NUMBER)
    if password != _trimmed(word.text):
        notes.add(RowNote.WIDE)
    return SheetAccount(
        place=f"{prefix}{row.number}",
        name=name,
        address=address,
        username="" if username.casefold() in _NOTHING else username,
        # Words such as "scan the code to sign in" stand where there is no password.
        password="" if password.casefold() in _NOTHING or _CHINESE.search(password) else password,
        damaged=CellNote.DAMAGED in {user.note, word.note} or max(len(username), len(password)) > _MAX_LENGTH,
        notes=frozenset(notes),
    )


def _at(row: Row, columns: Mapping[Column, int], column: Column) -> Cell:
    place = columns.get(column, len(row.cells))
    return row.cells[place] if place < len(row.cells) else Cell()


def _columns(row: Row, page: str) -> dict[Column, int] | None:
    """Return the columns if the row is a header: it names user name, password, and the system somehow."""
    found: dict[Column, list[int]] = {}
    for n, cell in enumerate(row.cells):
        for column in _meant(cell.text):
            found.setdefault(column, []).append(n)
    if (
        not {Column.USERNAME, Column.PASSWORD} <= found.keys()
        or not {Column.SYSTEM, Column.ADDRESS} & found.keys()
    ):
        return None
    for places in found.values():
        if len(places) > 1:
            columns = "+".join(_letters(n) for n in places)
            raise SheetFault(Fault.TWO_COLUMNS, f"{page} {row.number}: {columns}".strip())
    return {column: places[0] for column, places in found.items()}


def _meant(text: str) -> set[Column]:
    if len(text) > _MAX_LENGTH:
        return set()
    plain = _BRACKETS.sub("", unicodedata.normalize("NFKC", text)).casefold()
    words = {_NOT_WORDS.sub("", part) for part in [plain, *_BETWEEN.split(plain)]}
    meant = {column for column, known in HEADINGS.items() if words & known}
    # One cell that names both, as "账号/密码", is a title or a column of two things: neither can be read.
    return meant if len(meant) == 1 else set()


def _letters(n: int) -> str:
    return (_letters(n // 26 - 1) if n > 25 else "") + chr(ord("A") + n % 26)  # noqa: PLR2004  # the alphabet


def _line(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    return " ".join("".join(one if one.isprintable() else " " for one in folded).split())[:_MAX_LENGTH]


def _trimmed(text: str) -> str:
    return text.translate(_INVISIBLE).strip()


def _username(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _trimmed(text)).strip()
    # A phone number that went through a spreadsheet as a number and came out in a CSV file.
    return plain.removesuffix(".0") if re.fullmatch(r"[0-9]+\.0", plain) else plain
