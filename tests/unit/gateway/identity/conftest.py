"""One installation's sign-in, on a real database file and a clock that the test moves."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from gateway.identity.accounts import Account, AccountDetails
from gateway.identity.enrolment import Enrolment
from gateway.identity.passwords import Cost, Passwords
from gateway.identity.repository import AccountRepository, SessionRepository, ThrottleRepository
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.throttle import Throttle
from gateway.store.engine import open_engine
from gateway.store.tables import metadata
from gateway.tasks import Tasks
from policies.model import RoleInScope
from tests.unit.gateway.clock import StillClock

PASSWORD = "herons over Suzhou Creek"
WEAK = Cost(memory_kib=8, passes=1)


@dataclass
class Process:
    """What one gateway process holds: its own connections and memory."""

    engine: AsyncEngine
    tasks: Tasks
    passwords: Passwords
    accounts: AccountRepository
    sessions: Sessions
    sign_in: SignIn
    enrolment: Enrolment


@dataclass
class House:
    """One store, one clock, any number of processes."""

    path: Path
    clock: StillClock
    running: list[Process] = field(default_factory=list)

    def open(self, cost: Cost = WEAK, **options: Any) -> Process:
        engine = open_engine(f"sqlite+aiosqlite:///{self.path}")
        tasks, passwords = Tasks(), Passwords(cost)
        accounts = AccountRepository(engine)
        sessions = Sessions(SessionRepository(engine), self.clock, tasks, **options)
        throttle = Throttle(ThrottleRepository(engine), b"k" * 32, self.clock)
        sign_in = SignIn(accounts, passwords, throttle, sessions, self.clock)
        enrolment = Enrolment(accounts, passwords, self.clock)
        process = Process(engine, tasks, passwords, accounts, sessions, sign_in, enrolment)
        self.running.append(process)
        return process

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the file past all of our code."""
        connection = sqlite3.connect(self.path)
        try:
            rows = connection.execute(sql, values).fetchall()
            connection.commit()
        finally:
            connection.close()
        return rows

    @contextmanager
    def without(self, table: str) -> Iterator[None]:
        """Take a table away, so that the store fails, and bring it back."""
        self.ask(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            self.ask(f"ALTER TABLE {table}_away RENAME TO {table}")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def house(tmp_path: Path, clock: StillClock) -> AsyncIterator[House]:
    house = House(tmp_path / "state.db", clock)
    engine = open_engine(f"sqlite+aiosqlite:///{house.path}")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    yield house
    for process in house.running:
        await process.tasks.close()
        process.passwords.close()
        await process.engine.dispose()


@pytest.fixture
def process(house: House) -> Process:
    return house.open()


@pytest.fixture
async def cadre(process: Process) -> Account:
    return await process.enrolment.enrol(details("cadre"), PASSWORD)


def details(username: str, *roles: RoleInScope, **others: Any) -> AccountDetails:
    held = roles or (RoleInScope("cadre", ("310104012003",)),)
    return AccountDetails(username, others.pop("display_name", "王敏"), held, **others)


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """Collect what is sent to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


@contextmanager
def held_up(engine: AsyncEngine, verb: str) -> Iterator[asyncio.Event]:
    """Let no statement that begins with ``verb`` reach the database until the event is set."""
    gate = asyncio.Event()

    def wait(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(verb):
            await_only(gate.wait())

    event.listen(engine.sync_engine, "before_cursor_execute", wait)
    try:
        yield gate
    finally:
        gate.set()
        event.remove(engine.sync_engine, "before_cursor_execute", wait)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
