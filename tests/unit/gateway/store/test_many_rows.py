from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, func, select

from gateway.store.many_rows import insert_rows
from gateway.store.tables import audit_run

COLUMNS = ("last", "first", "earliest", "latest")


@pytest.mark.parametrize(
    ("rows", "statements"), [(0, 0), (1, 1), (7, 3), (32, 1), (127, 7), (128, 1), (130, 2), (1000, 10)]
)
def test_every_row_is_inserted_once_with_few_statements(tmp_path: Path, rows: int, statements: int) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    audit_run.create(engine)
    given = [(n + 1, n, -n, n * n) for n in range(rows)]
    made: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: made.append(statement))
    with engine.begin() as connection:
        insert_rows(connection, audit_run, COLUMNS, given)
        assert len(made) == statements
        columns = (audit_run.c[name] for name in COLUMNS)
        assert connection.execute(select(*columns).order_by(audit_run.c.last)).all() == given
        assert connection.scalar(select(func.count()).select_from(audit_run)) == rows
    engine.dispose()
