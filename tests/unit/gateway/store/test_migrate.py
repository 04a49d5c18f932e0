import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from gateway.errors import StoreUnavailable
from gateway.store import migrate
from gateway.store.migrate import SchemaFault, upgrade
from gateway.store.migrations import HEAD
from gateway.store.tables import metadata


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def shape(path: Path) -> dict[str, object]:
    """Tables with columns (type, not null, key), foreign keys and indexes, as SQLite itself sees them."""
    with sqlite3.connect(path) as db:
        tables: dict[str, object] = {
            name: db.execute(f"PRAGMA table_info({name})").fetchall()
            + db.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        indexes: dict[str, object] = {
            name: db.execute(f"PRAGMA index_info({name})").fetchall()
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
        }
    db.close()
    return tables | indexes


async def test_migrations_make_what_the_tables_say(path: Path, tmp_path: Path) -> None:
    await upgrade(url(path))
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    direct = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(direct)
    direct.dispose()
    migrated = {name: what for name, what in shape(path).items() if "alembic" not in name}
    assert migrated == shape(tmp_path / "direct.db")


def test_head_names_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_a_second_run_changes_nothing(path: Path) -> None:
    await upgrade(url(path))
    before = shape(path)
    await upgrade(url(path))
    assert shape(path) == before


def test_nothing_to_do_does_not_load_alembic(path: Path) -> None:
    asyncio.run(upgrade(url(path)))
    program = (
        "import asyncio, sys\n"
        "from gateway.store.migrate import upgrade\n"
        f"asyncio.run(upgrade({url(path)!r}))\n"
        "print('alembic' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_several_at_once(path: Path) -> None:
    await asyncio.gather(*(upgrade(url(path)) for _ in range(4)))
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    db.close()


async def test_a_failed_step_leaves_nothing_behind(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE login_throttle (x)")
    db.close()
    with pytest.raises(StoreUnavailable):
        await upgrade(url(path))
    assert set(shape(path)) == {"login_throttle"}


async def test_a_database_of_a_newer_version_is_refused(path: Path) -> None:
    await upgrade(url(path))
    with sqlite3.connect(path) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    with pytest.raises(SchemaFault, match="9999"):
        await upgrade(url(path))


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no folder"):
        await upgrade(url(tmp_path / "absent" / "state.db"))
