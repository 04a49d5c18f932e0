"""`audit verify` names what was done to the record, and says ok to what was left alone."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.flow.place import Place
from tests.flow.running import command


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


TAMPERINGS = [_changed, _hash_changed, _removed, _reordered, _truncated, _chain_dropped]


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_a_tampered_record_is_named(
    evidence: Path, tmp_path: Path, tamper: Callable[[sqlite3.Connection, str, int], int]
) -> None:
    data = tmp_path / "data"
    shutil.copytree(evidence, data)
    with closing(sqlite3.connect(data / "state.db")) as database:
        chain, last = _longest_chain(database)
        assert last >= 40
        first_bad = tamper(database, chain, last)
        database.commit()

    code, told = _verify(data)

    assert code == 1
    assert chain in told
    assert "ok" not in told.split()
    if first_bad > 0:
        # What is removed or cut off is named by itself, by its neighbour, or by the anchored head beyond it.
        numbers = {int(number) for number in re.findall(r"\b\d{1,6}\b", told.replace(chain, ""))}
        assert numbers & {first_bad - 1, first_bad, first_bad + 1, last}, told


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


def test_what_was_left_alone_is_ok(evidence: Path) -> None:
    code, told = _verify(evidence)

    assert code == 0, told
    assert re.fullmatch(r"ok \d+ events, \d+ checkpoints", told.strip())


def test_verifying_may_happen_while_the_gateway_works(lasting_place: Place) -> None:
    code, told = _verify(lasting_place.gateway.data)

    assert code == 0, told


def test_a_folder_without_a_record_is_no_success(tmp_path: Path) -> None:
    code, told = _verify(tmp_path / "nothing-here")

    assert code in {1, 2}
    assert "Traceback" not in told
    assert not (tmp_path / "nothing-here").exists()
