"""A vault in a database of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.store.engine import open_engine
from gateway.store.migrate import upgrade
from gateway.vault.cipher import AES_256_GCM, Cipher
from gateway.vault.repository import VaultRepository
from gateway.vault.vault import Vault
from gateway.vault.wrapping import LocalKey, WrappingKey, WrappingKeys
from tests.unit.gateway.clock import StillClock

MakeVault = Callable[..., Vault]
SECRETS = {"old": b"o" * 32, "new": b"n" * 32}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'state.db'}"
    await upgrade(url)
    engine = open_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def local(name: str, cipher: Cipher = AES_256_GCM) -> LocalKey:
    return LocalKey(name, SECRETS[name], cipher)


@pytest.fixture
def make_vault(engine: AsyncEngine, clock: StillClock) -> MakeVault:
    """Open a vault over the one database: `make_vault(KEY, ...)`, the current key first."""

    def made(*keys: WrappingKey, cipher: Cipher = AES_256_GCM) -> Vault:
        wrapping = WrappingKeys(keys or (local("old", cipher),))
        return Vault(VaultRepository(engine), wrapping, b"m" * 32, cipher, clock)

    return made


@pytest.fixture
def vault(make_vault: MakeVault) -> Vault:
    return make_vault()
