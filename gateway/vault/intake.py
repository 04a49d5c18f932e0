"""Take a password sheet into the vault, and say of each row what became of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.sdk import Credential
from gateway.vault.vault import AccountShared, Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.vault.columns import RowNote, SheetAccount
    from gateway.vault.entry import Owner
    from gateway.vault.matching import Systems
    from gateway.vault.vault import Vault


class Result(StrEnum):
    """What became of a row."""

    CHANGED = "changed"
    """Imported in place of another name or password."""
    CHOOSE = "choose"
    """Several accounts for one system: a person must choose."""
    DAMAGED = "damaged"
    """The spreadsheet has lost the name or the password."""
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    IMPORTED = "imported"
    NO_PASSWORD = "no_password"  # noqa: S105  # a result
    NO_USERNAME = "no_username"
    NOT_CHOSEN = "not_chosen"
    SHARED = "shared"
    """The account is in the vault for another owner."""
    UNCHANGED = "unchanged"
    UNCLEAR_SYSTEM = "unclear_system"
    UNKNOWN_SYSTEM = "unknown_system"


GOOD = frozenset({
    Result.CHANGED, Result.DUPLICATE, Result.EMPTY, Result.IMPORTED, Result.NOT_CHOSEN, Result.UNCHANGED,
})  # fmt: skip
"""Results after which nothing is left to do."""

_KEPT = {Kept.CHANGED: Result.CHANGED, Kept.NEW: Result.IMPORTED, Kept.UNCHANGED: Result.UNCHANGED}


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row; holds no user name and no password."""

    place: str
    result: Result
    system: str | None
    name: str
    """What the sheet calls the system, if no password of the sheet stands in it."""
    others: tuple[str, ...]
    """The other rows that this is about."""
    notes: tuple[RowNote, ...]


async def take_in(
    accounts: Sequence[SheetAccount],
    systems: Systems,
    vault: Vault,
    owner: Owner,
    chosen: frozenset[str] = frozenset(),
    *,
    dry_run: bool = False,
) -> tuple[RowReport, ...]:
    """Import the rows of a sheet for one owner; ``chosen`` names rows to take where several compete.

    Raises Unreadable, KeyUnavailable or StoreUnavailable; the rows before are in then, and another run takes
    the rest.
    """
    reports = _sorted_out(accounts, systems, chosen)
    passwords = {account.password for account in accounts if account.password}
    finished = []
    for account, report in zip(accounts, reports, strict=True):
        done = report
        if report.result is Result.IMPORTED and report.system is not None:
            credential = Credential(account.username, account.password)
            try:
                kept = await vault.keep(report.system, owner, credential, dry_run=dry_run)
                done = replace(report, result=_KEPT[kept])
            except AccountShared:
                done = replace(report, result=Result.SHARED)
        if any(password in account.name for password in passwords):
            done = replace(done, name="")
        finished.append(done)
    return tuple(finished)


def _sorted_out(
    accounts: Sequence[SheetAccount], systems: Systems, chosen: frozenset[str]
) -> list[RowReport]:
    """Return a report for each row, ``imported`` for those to be stored."""
    reports: list[RowReport] = []
    by_system: dict[str, list[int]] = defaultdict(list)
    for n, account in enumerate(accounts):
        match = systems.match(account.name, account.address)
        result = _by_itself(account, known=match.system is not None, unclear=match.unclear)
        reports.append(
            RowReport(account.place, result, match.system, account.name, (), tuple(sorted(account.notes)))
        )
        if result is Result.IMPORTED and match.system is not None:
            by_system[match.system].append(n)
    for rows in by_system.values():
        _settle(accounts, reports, rows, chosen)
    return reports


def _by_itself(account: SheetAccount, *, known: bool, unclear: bool) -> Result:
    if account.damaged:
        return Result.DAMAGED
    if not (account.username or account.password):
        return Result.EMPTY
    if not known:
        return Result.UNCLEAR_SYSTEM if unclear else Result.UNKNOWN_SYSTEM
    if not account.password:
        return Result.NO_PASSWORD
    return Result.IMPORTED if account.username else Result.NO_USERNAME


def _settle(
    accounts: Sequence[SheetAccount], reports: list[RowReport], rows: list[int], chosen: frozenset[str]
) -> None:
    """Let the first of equal rows stand for them, and have a person choose among different ones."""
    first: dict[tuple[str, str], int] = {}
    for n in rows:
        same = first.setdefault((accounts[n].username, accounts[n].password), n)
        if same != n:
            reports[n] = replace(reports[n], result=Result.DUPLICATE, others=(accounts[same].place,))
    if len(first) == 1:
        return
    wanted = [n for n in first.values() if accounts[n].place in chosen]
    for n in first.values():
        if len(wanted) == 1:
            result = Result.IMPORTED if n in wanted else Result.NOT_CHOSEN
        else:
            result = Result.CHOOSE
        others = tuple(accounts[other].place for other in first.values() if other != n)
        reports[n] = replace(reports[n], result=result, others=others)
