"""A password sheet as a grid of cells: CSV in UTF-8, UTF-16 or GB18030, or an XLSX workbook."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from python_calamine import CalamineWorkbook

_MAX_BYTES = 8 * 1024 * 1024
_MAX_INFLATED = 64 * 1024 * 1024
_MAX_ROWS = 5_000
_MAX_COLUMNS = 200
_SAFE_DIGITS = 15
"""A spreadsheet keeps so many digits of a number and makes the rest zero."""

_NOT_A_WORKBOOK = (
    EOFError,
    KeyError,
    RuntimeError,
    ValueError,
    etree.LxmlError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the parts of a damaged or foreign archive raise."""

_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Fault(StrEnum):
    """Why a sheet cannot be read at all."""

    ENCRYPTED = "encrypted"
    NO_HEADER = "no_header"
    NOT_A_SHEET = "not_a_sheet"
    TOO_LARGE = "too_large"
    TWO_COLUMNS = "two_columns"
    UNREADABLE = "unreadable"


class SheetFault(Exception):
    """Mend the sheet; ``str()`` is a fixed word, as a sheet is nothing but secrets."""

    def __init__(self, fault: Fault, place: str = "") -> None:
        """Take what is wrong and where: row and columns, never their content."""
        super().__init__(fault.value)
        self.fault = fault
        self.place = place


class CellNote(StrEnum):
    """What a reader of the sheet would not see of a cell."""

    DAMAGED = "damaged"
    """A date, a truth value, or a number whose digits the spreadsheet has rounded: the text is lost."""
    NUMBER = "number"
    """Stored as a number: zeros in front would be lost."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell."""

    text: str = field(default="", repr=False)
    note: CellNote | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the number that the spreadsheet shows."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One table: a CSV file, or a worksheet."""

    name: str
    """Empty for a CSV file."""
    rows: tuple[Row, ...] = field(repr=False)


def read_sheet(path: Path) -> tuple[Page, ...]:
    """Return the pages of a sheet, merged cells filled in; raises SheetFault.

    What a file is says its content, not its name. Formulas count as what they last came to.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError:
        raise SheetFault(Fault.UNREADABLE) from None
    if len(content) > _MAX_BYTES:
        raise SheetFault(Fault.TOO_LARGE)
    if content.startswith(b"PK"):
        return _workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        # The container of .xls, and of an .xlsx with a password.
        raise SheetFault(Fault.ENCRYPTED)
    return (_csv(content),)


def _csv(content: bytes) -> Page:
    text = _decoded(content)
    if "\0" in text:
        raise SheetFault(Fault.NOT_A_SHEET)
    head = text[:4096]
    delimiter = max("\t;,", key=head.count)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            rows.append(Row(number, tuple(_text_cell(text) for text in cells[:_MAX_COLUMNS])))
            if number > _MAX_ROWS:
                raise SheetFault(Fault.TOO_LARGE)
    except csv.Error:
        raise SheetFault(Fault.NOT_A_SHEET) from None
    return Page("", tuple(rows))


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        # Chinese in GB18030 is hardly ever proper UTF-8 by chance; the reverse would be read as rubbish.
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetFault(Fault.NOT_A_SHEET)


def _text_cell(text: str) -> Cell:
    # What Excel writes into a CSV file for a long number.
    return Cell("", CellNote.DAMAGED) if _ROUNDED.fullmatch(text.strip()) else Cell(text)


def _workbook(content: bytes) -> tuple[Page, ...]:
    # Loaded here: only this command reads workbooks.
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MAX_INFLATED:
                raise SheetFault(Fault.TOO_LARGE)
            hidden = _hidden_rows(parts)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return tuple(_page(workbook, name, hidden.get(name, frozenset())) for name in workbook.sheet_names)
    except (CalamineError, *_NOT_A_WORKBOOK):
        pass  # raised below: what a parser says may quote the sheet
    raise SheetFault(Fault.NOT_A_SHEET)


def _page(workbook: CalamineWorkbook, name: str, hidden: frozenset[int]) -> Page:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.total_height > _MAX_ROWS or sheet.total_width > _MAX_COLUMNS:
        raise SheetFault(Fault.TOO_LARGE)
    grid = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        # Downwards only: a heading over two columns names the first of them.
        for row in grid[top : bottom + 1]:
            if left < len(row):
                row[left] = grid[top][left]
    return Page(
        name, tuple(Row(number, tuple(cells), number in hidden) for number, cells in enumerate(grid, 1))
    )


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return Cell(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Cell("", CellNote.DAMAGED)
    if abs(value) >= 10**_SAFE_DIGITS:
        return Cell("", CellNote.DAMAGED)
    return Cell(str(int(value)) if value == int(value) else repr(value), CellNote.NUMBER)


def _hidden_rows(parts: zipfile.ZipFile) -> dict[str, frozenset[int]]:
    """Return the numbers of hidden rows by worksheet, which calamine does not tell."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _elements(parts, "xl/_rels/workbook.xml.rels", "{*}Relationship")
    }
    found: dict[str, frozenset[int]] = {}
    for sheet in _elements(parts, "xl/workbook.xml", f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if name in parts.namelist():
            rows = _elements(parts, name, f"{_MAIN}row")
            found[sheet.get("name", "")] = frozenset(
                int(row.get("r", "0")) for row in rows if row.get("hidden") in {"1", "true"}
            )
    return found


def _elements(parts: zipfile.ZipFile, name: str, tag: str) -> Iterable[etree._Element]:
    """Yield the elements of one kind, without entities, and forget what stands in them."""
    with parts.open(name) as file:
        for _event, element in etree.iterparse(
            file, tag=tag, resolve_entities=False, no_network=True, load_dtd=False
        ):
            yield element
            element.clear()
