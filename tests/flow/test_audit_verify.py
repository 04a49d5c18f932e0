"""`audit verify` names what was done to the record, and says ok to what was left alone."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flow.place import Place
from tests.flow.running import Command, command, commands


@pytest.fixture(scope="module")
def evidence(lasting_place: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with some forty events, copied while the gateway runs as a backup would be."""

    async def work() -> None:
        async with lasting_place.as_("wang") as cadre:
            people = lasting_place.town.several(40)
            await asyncio.gather(*(cadre.lookup(person["id_number"]) for person in people))

    lasting_place.revive()
    asyncio.run(work())
    copy = tmp_path_factory.mktemp("evidence") / "data"
    shutil.copytree(lasting_place.gateway.data, copy)
    with closing(sqlite3.connect(copy / "state.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return copy


def _verify(data: Path) -> tuple[int, str]:
    done = command("audit", "verify", "--data", data)
    return done.returncode, done.stdout + done.stderr


def _longest_chain(database: sqlite3.Connection) -> tuple[str, int]:
    row = database.execute(
        "SELECT chain, max(seq) FROM audit_event GROUP BY chain ORDER BY 2 DESC LIMIT 1"
    ).fetchone()
    return str(row[0]), int(row[1])


def _changed(database: sqlite3.Connection, chain: str, _last: int) -> int:
    body = database.execute("SELECT body FROM audit_event WHERE chain = ? AND seq = 9", (chain,)).fetchone()[
        0
    ]
    other = body.replace(b"wang", b"weng")
    assert other != body
    database.execute("UPDATE audit_event SET body = ? WHERE chain = ? AND seq = 9", (other, chain))
    return 9


def _hash_changed(database: sqlite3.Connection, chain: str, _last: int) -> int:
    database.execute(
        "UPDATE audit_event SET hash = zeroblob(length(hash)) WHERE chain = ? AND seq = 11", (chain,)
    )
    return 11


def _removed(database: sqlite3.Connection, chain: str, _last: int) -> int:
    database.execute("DELETE FROM audit_event WHERE chain = ? AND seq = 12", (chain,))
    return 12


def _reordered(database: sqlite3.Connection, chain: str, _last: int) -> int:
    for number, other in ((14, -1), (15, 14), (-1, 15)):
        database.execute("UPDATE audit_event SET seq = ? WHERE chain = ? AND seq = ?", (other, chain, number))
    return 14


def _truncated(database: sqlite3.Connection, chain: str, last: int) -> int:
    database.execute("DELETE FROM audit_event WHERE chain = ? AND seq > ?", (chain, last - 3))
    return last - 2


def _chain_dropped(database: sqlite3.Connection, chain: str, _last: int) -> int:
    database.execute("DELETE FROM audit_event WHERE chain = ?", (chain,))
    return -1


TAMPERINGS: list[Callable[[sqlite3.Connection, str, int], int]] = [
    _changed,
    _hash_changed,
    _removed,
    _reordered,
    _truncated,
    _chain_dropped,
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the command said of a record that somebody laid hands on."""

    chain: str
    last: int
    first_bad: int
    code: int
    told: str


@pytest.fixture(scope="module")
def verdicts(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    """Tamper with a copy for each way, and verify them all in one process."""
    done: list[tuple[Path, str, int, int]] = []
    for tamper in TAMPERINGS:
        data = tmp_path_factory.mktemp("tampered") / "data"
        shutil.copytree(evidence, data)
        with closing(sqlite3.connect(data / "state.db")) as database:
            chain, last = _longest_chain(database)
            assert last >= 40
            done.append((data, chain, last, tamper(database, chain, last)))
            database.commit()
    results = commands(*(Command(("audit", "verify", "--data", str(data))) for data, *_ in done))
    return {
        tamper.__name__: Verdict(chain, last, bad, result.returncode, result.stdout + result.stderr)
        for tamper, (_, chain, last, bad), result in zip(TAMPERINGS, done, results, strict=True)
    }


@pytest.mark.parametrize("tamper", [tamper.__name__ for tamper in TAMPERINGS])
def test_a_tampered_record_is_named(verdicts: dict[str, Verdict], tamper: str) -> None:
    verdict = verdicts[tamper]

    assert verdict.code == 1
    assert verdict.chain in verdict.told
    assert "ok" not in verdict.told.split()
    if verdict.first_bad > 0:
        # What is removed or cut off is named by itself, by its neighbour, or by the anchored head beyond it.
        numbers = {int(each) for each in re.findall(r"\b\d{1,6}\b", verdict.told.replace(verdict.chain, ""))}
        near = {verdict.first_bad - 1, verdict.first_bad, verdict.first_bad + 1, verdict.last}
        assert numbers & near, verdict.told


def test_an_old_copy_of_the_database_is_found(evidence: Path, tmp_path: Path, lasting_place: Place) -> None:
    old = tmp_path / "data"
    shutil.copytree(evidence, old)

    async def one_more() -> None:
        async with lasting_place.as_("wang") as cadre:
            answer = await cadre.lookup(lasting_place.town.fresh()["id_number"])
            assert answer.status_code == 200

    asyncio.run(one_more())
    shutil.copy(lasting_place.gateway.data / "audit.anchor", old / "audit.anchor")

    code, told = _verify(old)

    assert code == 1, told


def test_what_was_left_alone_is_ok_even_while_the_gateway_works(
    evidence: Path, lasting_place: Place, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nothing-here"
    alone, working, missing = commands(
        *(
            Command(("audit", "verify", "--data", str(data)))
            for data in (evidence, lasting_place.gateway.data, nowhere)
        )
    )

    for verdict in (alone, working):
        assert verdict.returncode == 0, verdict.stdout + verdict.stderr
        assert re.fullmatch(r"ok \d+ events, \d+ checkpoints", verdict.stdout.strip())
    # A folder without a record is no success, and is not made into one.
    assert missing.returncode in {1, 2}
    assert missing.stderr.strip()
    assert not nowhere.exists()
