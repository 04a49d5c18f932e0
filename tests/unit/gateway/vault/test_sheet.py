"""Reading password sheets: every way an office writes them, and files that are none."""

import codecs
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.vault.columns import RowNote, SheetAccount, read_accounts
from gateway.vault.sheet import Fault, SheetFault, read_sheet
from tests.unit.gateway.vault.sheets import HEADER, password, write_csv, write_town, write_workbook

ROW = ("1", "人口信息系统", "http://10.1.2.3", "", "wang", "tulip-31")


def read(path: Path) -> list[SheetAccount]:
    return list(read_accounts(read_sheet(path)))


def fault(path: Path) -> Fault:
    with pytest.raises(SheetFault) as raised:
        read(path)
    assert "tulip" not in f"{raised.value!r}{raised.value.__context__!r}"
    return raised.value.fault


def one(path: Path) -> SheetAccount:
    (found,) = read(path)
    return found


# ---- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_file_in_any_of_their_encodings(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(f"{delimiter.join(HEADER)}\r\n{delimiter.join(ROW)}\r\n".encode(encoding))
    found = one(path)
    assert (found.place, found.name, found.address) == ("2", "人口信息系统", "http://10.1.2.3")
    assert (found.username, found.password, found.damaged) == ("wang", "tulip-31", False)


def test_a_file_is_what_it_holds_whatever_its_name(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "sheet.csv", [HEADER, ROW])
    assert one(path).username == "wang"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Fault.NO_HEADER),
        (b"\xff\xfe\xd8", Fault.NOT_A_SHEET),
        (b"\x00\x01\x02tulip", Fault.NOT_A_SHEET),
        (b"\xff" * 50, Fault.NOT_A_SHEET),
        (b"PK\x03\x04tulip", Fault.NOT_A_SHEET),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, Fault.ENCRYPTED),
        (b"x" * (8 * 1024 * 1024 + 1), Fault.TOO_LARGE),
        (b"a,b\n" * 5001, Fault.TOO_LARGE),
        ("系统,密码\n人口,tulip".encode(), Fault.NO_HEADER),
        ("系统,账号,账号,密码\n人口,wang,wang,tulip".encode(), Fault.TWO_COLUMNS),
        ("系统,账号/密码\n人口,wang/tulip".encode(), Fault.NO_HEADER),
        (codecs.BOM_UTF8, Fault.NO_HEADER),
    ],
)
def test_what_is_no_sheet_is_said_to_be_none(tmp_path: Path, content: bytes, expected: Fault) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    assert fault(path) is expected


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert fault(tmp_path / "absent.csv") is Fault.UNREADABLE


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"0" * (65 * 1024 * 1024))
    assert path.stat().st_size < 100_000
    assert fault(path) is Fault.TOO_LARGE


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("letter.txt", "tulip")
    assert fault(path) is Fault.NOT_A_SHEET


@given(st.binary(max_size=400))
def test_any_bytes_end_in_rows_or_in_a_fault(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "sheet"
    path.write_bytes(content)
    with suppress(SheetFault):
        read(path)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_workbook_ends_in_rows_or_in_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    with zipfile.ZipFile(write_town(folder / "town.xlsx", 3)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    place = data.draw(st.integers(0, len(parts[name]) - 1))
    parts[name] = parts[name][:place] + data.draw(st.binary(max_size=4)) + parts[name][place + 1 :]
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as made:
        for each, content in parts.items():
            made.writestr(each, content)
    (folder / "damaged.xlsx").write_bytes(damaged.getvalue())
    with suppress(SheetFault):
        read(folder / "damaged.xlsx")


# ---- the sheet of a committee


def test_the_sheet_of_a_committee(tmp_path: Path) -> None:
    found = read(write_town(tmp_path / "town.xlsx"))
    assert len(found) == 23
    assert [account.place for account in found[:3]] == ["4", "5", "6"]
    assert (found[0].name, found[0].username, found[0].password) == ("条线00系统", "cadre00", password(0))
    assert found[1].username == "13800000001"
    assert [account.name for account in found[5:7]] == ["条线05系统"] * 2
    assert [account.place for account in found[5:7]] == ["9", "10"]
    assert found[6].password == password(5) + "-two"
    assert not any(RowNote.ABOVE in account.notes for account in found)
    assert found[11].place == "16"
    hidden = [account.name for account in found if RowNote.HIDDEN in account.notes]
    assert hidden == ["条线12系统"]
    assert not any(account.damaged for account in found)


def test_several_pages_and_a_header_that_changes(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("居委", "街道"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADER)
            sheet.write_row(1, 0, ROW)
            sheet.write_row(3, 0, ("密码", "账号", "网址"))
            sheet.write_row(4, 0, ("herons-5", "gu", "http://10.9.9.9"))
        book.add_worksheet("说明").write(0, 0, "内部资料")
    found = read(path)
    assert [account.place for account in found] == ["居委!2", "居委!5", "街道!2", "街道!5"]
    assert (found[3].address, found[3].username, found[3].password) == ("http://10.9.9.9", "gu", "herons-5")


def test_a_header_merged_over_two_rows_and_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for column, word in ((0, "系统"), (2, "账号"), (4, "密码")):
            sheet.merge_range(0, column, 1, column + 1, word)
        sheet.write_row(2, 0, ("人口", "", "wang", "", "tulip-31"))
    assert (one(path).username, one(path).password) == ("wang", "tulip-31")


# ---- cells


@pytest.mark.parametrize(
    ("username", "secret", "expected"),
    [
        ("wang ", " tulip-31\t", ("wang", "tulip-31")),
        ("　wang　", "　tulip-31　", ("wang", "tulip-31")),
        ("\u200bwang\ufeff", "\u200btulip-31\xa0", ("wang", "tulip-31")),
        ("ｗａｎｇ０１", "Ｔｕｌｉｐ＠３１", ("wang01", "Tulip@31")),
        ("13800000000.0", "001234", ("13800000000", "001234")),
        ("wang", "0012.0", ("wang", "0012.0")),
        ("无", "—", ("", "")),
        ("/", "暂无", ("", "")),
        ("wang", "扫码登录", ("wang", "")),
        ("wang", "tu lip", ("wang", "tu lip")),
        ("王芳", "tulip", ("王芳", "tulip")),
    ],
)
def test_cells_are_read_as_they_are_meant(
    tmp_path: Path, username: str, secret: str, expected: tuple[str, str]
) -> None:
    found = one(write_csv(tmp_path / "sheet.csv", [HEADER, (*ROW[:4], username, secret)]))
    assert (found.username, found.password) == expected
    assert (RowNote.WIDE in found.notes) == ("Ｔ" in secret)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1234, "1234"), (13800000000.0, "13800000000"), (0.5, "0.5"), ("001234", "001234")],
)
def test_a_number_in_place_of_a_password_is_told(tmp_path: Path, value: object, expected: str) -> None:
    found = one(write_workbook(tmp_path / "sheet.xlsx", [HEADER, (*ROW[:5], value)]))
    assert found.password == expected
    assert (RowNote.NUMBER in found.notes) == (not isinstance(value, str))


def test_what_the_spreadsheet_has_lost_is_not_guessed(tmp_path: Path) -> None:
    rows = [HEADER, (*ROW[:5], 319999199001010000), (*ROW[:5], True), (*ROW[:4], 10**16, "tulip")]
    assert all(found.damaged for found in read(write_workbook(tmp_path / "sheet.xlsx", rows)))
    for lost in ("1.38E+10", "3.19999E+17"):
        assert one(write_csv(tmp_path / "sheet.csv", [HEADER, (*ROW[:4], lost, "tulip")])).damaged
    assert one(write_csv(tmp_path / "sheet.csv", [HEADER, (*ROW[:5], "x" * 300)])).damaged


def test_a_system_without_a_name_is_the_one_above(tmp_path: Path) -> None:
    rows = [
        HEADER, ROW, ("", "", "", "", "li", "x1"), ("", "同上", "同上", "", "gu", "同上"), ("",) * 6,
        ("", "", "", "", "shen", "x3"),
    ]  # fmt: skip
    found = read(write_csv(tmp_path / "sheet.csv", rows))
    assert [one.name for one in found] == ["人口信息系统"] * 3 + [""]
    assert [RowNote.ABOVE in one.notes for one in found] == [False, True, True, False]
    assert found[2].password == "x1"


def test_no_row_shows_what_stands_in_it(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "sheet.csv", [HEADER, ROW])
    said = f"{read_sheet(path)!r}{read(path)!r}"
    assert "tulip" not in said
    assert "wang" not in said
