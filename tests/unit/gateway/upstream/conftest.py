"""A store of its own, and vaults over it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.store.engine import open_engine
from gateway.store.migrate import upgrade
from gateway.tasks import Tasks
from gateway.upstream.repository import UpstreamRepository
from gateway.vault.cipher import AES_256_GCM
from gateway.vault.repository import VaultRepository
from gateway.vault.vault import Vault
from gateway.vault.wrapping import LocalKey, WrappingKeys
from tests.unit.gateway.clock import StillClock

OpenVault = Callable[[], Vault]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'state.db'}"
    await upgrade(url)
    engine = open_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture
async def running() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.close()


@pytest.fixture
def open_vault(engine: AsyncEngine, still: StillClock) -> OpenVault:
    """Open the vault, as another process or another start of this one would."""

    def opened() -> Vault:
        keys = WrappingKeys((LocalKey("only", b"k" * 32, AES_256_GCM),))
        return Vault(VaultRepository(engine), keys, b"m" * 32, AES_256_GCM, still)

    return opened


@pytest.fixture
def repository(engine: AsyncEngine) -> UpstreamRepository:
    return UpstreamRepository(engine)
