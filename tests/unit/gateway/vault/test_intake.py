"""A sheet goes into the vault: each row reported, nothing guessed, nothing left to find in the database."""

import base64
from pathlib import Path

import httpx
import pytest

from connectors.sdk import Credential
from gateway.vault.columns import RowNote, read_accounts
from gateway.vault.entry import SERVICE, EntryState, Owner, Why
from gateway.vault.intake import Result, RowReport, take_in
from gateway.vault.matching import KnownSystem, Systems
from gateway.vault.sheet import read_sheet
from gateway.vault.vault import Vault
from tests.unit.gateway.vault.sheets import password, write_csv, write_town

WANG = Owner("wang")
TOWN = Systems(
    [KnownSystem(f"line{n:02}", httpx.URL(f"http://10.1.2.{n}:8080/"), (f"条线{n:02}",)) for n in range(22)]
)


async def taken(
    vault: Vault, path: Path, owner: Owner = WANG, *chosen: str, dry_run: bool = False
) -> dict[str, RowReport]:
    accounts = read_accounts(read_sheet(path))
    reports = await take_in(accounts, TOWN, vault, owner, frozenset(chosen), dry_run=dry_run)
    return {report.place: report for report in reports}


def results(reports: dict[str, RowReport]) -> dict[str, Result]:
    return {place: report.result for place, report in reports.items()}


async def test_a_sheet_of_22_systems(vault: Vault, tmp_path: Path) -> None:
    sheet = write_town(tmp_path / "town.xlsx")
    dry = await taken(vault, sheet, dry_run=True)
    assert await vault.list() == ()
    reports = await taken(vault, sheet)
    assert reports == dry
    of = results(reports)
    assert [place for place, result in of.items() if result is not Result.IMPORTED] == ["9", "10"]
    assert of["9"] is of["10"] is Result.CHOOSE
    assert (reports["9"].others, reports["9"].system) == (("10",), "line05")
    assert len(await vault.list()) == 21
    assert results(await taken(vault, sheet, WANG, "10"))["9"] is Result.NOT_CHOSEN
    assert await vault.open(await vault.find("line05", WANG)) == Credential("second05", password(5) + "-two")
    for n in range(22):
        if n != 5:
            name = str(13800000000 + n) if n % 2 else f"cadre{n:02}"
            assert await vault.open(await vault.find(f"line{n:02}", WANG)) == Credential(name, password(n))
    assert set(results(await taken(vault, sheet, WANG, "10")).values()) == {
        Result.UNCHANGED,
        Result.NOT_CHOSEN,
    }


async def test_no_password_stands_in_the_database(vault: Vault, tmp_path: Path) -> None:
    await taken(vault, write_town(tmp_path / "town.xlsx"), WANG, "10")
    files = [path for path in tmp_path.iterdir() if path.name.startswith("state.db")]
    assert {path.name for path in files} >= {"state.db", "state.db-wal"}
    stored = b"".join(path.read_bytes() for path in files)
    assert b"line05" in stored
    for n in range(22):
        for secret in (password(n), f"cadre{n:02}", f"13800000{n:03}"):
            for bytes_ in (secret.encode(), secret.encode("utf-16-le"), secret.encode("gb18030")):
                for form in (
                    bytes_,
                    bytes_[::-1],
                    bytes_.hex().encode(),
                    base64.b64encode(bytes_).rstrip(b"="),
                ):
                    assert form not in stored


async def test_every_row_says_what_became_of_it(vault: Vault, tmp_path: Path) -> None:
    await vault.keep("line03", SERVICE, Credential("GATEWAY", "x"))
    await vault.keep("line04", WANG, Credential("wang", "old"))
    rows = [
        ("系统", "网址", "账号", "密码"),
        ("条线00系统", "", "wang", "a-password"),
        ("条线00", "", "wang", "a-password"),
        ("条线01", "", "", ""),
        ("条线01", "", "wang", ""),
        ("条线01", "", "", "b-password"),
        ("医保", "", "wang", "c-password"),
        ("条线01", "http://10.1.2.2:8080", "wang", "d-password"),
        ("条线03", "", "gateway", "e-password"),
        ("条线04", "", "wang", "f-password"),
        ("条线06", "", "1.38E+10", "g-password"),
        ("条线07 h-password", "", "wang", "h-password"),
        ("", "", "li", "i-password"),
    ]
    reports = await taken(vault, write_csv(tmp_path / "sheet.csv", rows))
    assert results(reports) == {
        "2": Result.IMPORTED,
        "3": Result.DUPLICATE,
        "4": Result.EMPTY,
        "5": Result.NO_PASSWORD,
        "6": Result.NO_USERNAME,
        "7": Result.UNKNOWN_SYSTEM,
        "8": Result.UNCLEAR_SYSTEM,
        "9": Result.SHARED,
        "10": Result.CHANGED,
        "11": Result.DAMAGED,
        "12": Result.UNKNOWN_SYSTEM,
        "13": Result.UNKNOWN_SYSTEM,
    }
    assert reports["3"].others == ("2",)
    assert reports["13"].notes == (RowNote.ABOVE,)
    assert (reports["7"].name, reports["12"].name) == ("医保", "")
    assert "password" not in repr(reports).replace("no_password", "").replace("NO_PASSWORD", "")
    assert "wang" not in repr(reports)


async def test_a_choice_is_one_row_of_each_system(vault: Vault, tmp_path: Path) -> None:
    rows = [("系统", "账号", "密码"), *(("条线00", f"w{n}", f"p-{n}") for n in range(3))]
    sheet = write_csv(tmp_path / "sheet.csv", rows)
    for chosen in ((), ("9",), ("2", "3")):
        assert set(results(await taken(vault, sheet, WANG, *chosen)).values()) == {Result.CHOOSE}
    assert await vault.list() == ()
    assert results(await taken(vault, sheet, WANG, "3")) == {
        "2": Result.NOT_CHOSEN, "3": Result.IMPORTED, "4": Result.NOT_CHOSEN,
    }  # fmt: skip


@pytest.mark.parametrize("owner", [Owner("li"), SERVICE])
async def test_one_sheet_cannot_be_imported_for_two(vault: Vault, tmp_path: Path, owner: Owner) -> None:
    sheet = write_town(tmp_path / "town.xlsx", 4)
    await taken(vault, sheet)
    for dry_run in (True, False):
        assert set(results(await taken(vault, sheet, owner, dry_run=dry_run)).values()) == {Result.SHARED}
    assert len(await vault.list()) == 4


async def test_the_sheet_again_does_not_bring_a_rejected_password_back(vault: Vault, tmp_path: Path) -> None:
    sheet = write_town(tmp_path / "town.xlsx", 2)
    await taken(vault, sheet)
    await vault.note(await vault.find("line01", WANG), EntryState.NEEDS_ATTENTION, Why.REJECTED)
    assert results(await taken(vault, sheet))["5"] is Result.UNCHANGED
    assert not (await vault.find("line01", WANG)).may_sign_in
