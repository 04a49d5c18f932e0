"""Running gateways: a healthy one for all, one that may be hurt, and installations of a test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.flow.place import TTL_S, Place, found_place, open_place
from tests.flow.reader import Reader, signed_in, visiting
from tests.flow.running import Gateway, start_demo, wait_until
from tests.flow.town import Town


@dataclass(slots=True)
class Demo:
    """A demo and its town."""

    gateway: Gateway
    town: Town

    def as_(self, username: str) -> AbstractAsyncContextManager[Reader]:
        """Sign in with the demo's password."""
        return signed_in(self.gateway.base_url, username)

    def as_stranger(self) -> AbstractAsyncContextManager[Reader]:
        """Come without an account."""
        return visiting(self.gateway.base_url)


MakeDemo = Callable[..., Demo]


@pytest.fixture(scope="session")
def _session_demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeDemo]:
    with ExitStack() as running:
        yield maker(running, tmp_path_factory.mktemp("demos"))


@pytest.fixture
def make_demo(tmp_path: Path) -> Iterator[MakeDemo]:
    """Start demos of the test's own: `make_demo()`, or `make_demo(data=FOLDER)` to come back to one."""
    with ExitStack() as running:
        yield maker(running, tmp_path)


def maker(running: ExitStack, folder: Path) -> MakeDemo:
    """Return a function that starts demos below a folder and ends them with the stack."""

    def make(*more: str, data: Path | None = None) -> Demo:
        number = len(list(folder.iterdir()))
        gateway = start_demo(data or folder / f"data{number}", *more)
        running.callback(gateway.running.clear_away)
        return Demo(gateway, Town.of(gateway.addresses))

    return make


@pytest.fixture(scope="session")
def demo(_session_demos: MakeDemo) -> Demo:
    """Return the demo that everybody shares: nobody may hurt it."""
    return _session_demos()


@pytest.fixture(scope="session")
def _hurtable(_session_demos: MakeDemo) -> Demo:
    demo = _session_demos()
    # Hurt during its sign-in a system reads as one whose login has changed, and is left alone for a while.
    systems = demo.town.systems.values()
    wait_until(lambda: all(system.stats()["logins"] for system in systems), 30, "first sign-ins")
    return demo


@pytest.fixture
def sick_demo(_hurtable: Demo) -> Iterator[Demo]:
    """Return a demo whose line systems may be hurt; they are healed afterwards."""
    _hurtable.town.heal()
    yield _hurtable
    _hurtable.town.heal()


@pytest.fixture
def town(demo: Demo) -> Town:
    """Return the town of the shared demo."""
    return demo.town


@pytest.fixture
async def cadre(demo: Demo) -> AsyncIterator[Reader]:
    """Sign the committee's cadre in at the shared demo."""
    async with demo.as_("cadre") as reader:
        yield reader


@pytest.fixture
async def auditor(demo: Demo) -> AsyncIterator[Reader]:
    """Sign the auditor in at the shared demo."""
    async with demo.as_("auditor") as reader:
        yield reader


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation with keys, database and accounts, to be copied."""
    return found_place(tmp_path_factory.mktemp("founded") / "place")


MakePlace = Callable[..., Place]


@pytest.fixture
def make_place(tmp_path: Path, founded: Path) -> Iterator[MakePlace]:
    """Start an installation of the test's own whose line systems may be killed."""
    with ExitStack() as closing:
        yield partial(open_place, tmp_path / "place", founded, closing)


@pytest.fixture(scope="session")
def lasting_place(tmp_path_factory: pytest.TempPathFactory, founded: Path) -> Iterator[Place]:
    with ExitStack() as closing:
        yield open_place(tmp_path_factory.mktemp("lasting") / "place", founded, closing, ttl=TTL_S)


@pytest.fixture
def place(lasting_place: Place) -> Place:
    """Return an installation whose answers are fresh for a second and whose line systems may be killed."""
    lasting_place.revive()
    return lasting_place
