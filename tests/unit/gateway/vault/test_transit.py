"""A wrapping key in a key server: a real one on this machine that speaks as Vault's transit engine does."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl

from connectors.sdk import Credential
from gateway.settings import Transit
from gateway.upstream.clients import open_transport
from gateway.vault.entry import Owner
from gateway.vault.transit import TransitKey
from gateway.vault.vault import Rotation, Unreadable
from gateway.vault.wrapping import KeyUnavailable
from tests.unit.gateway.vault.conftest import MakeVault, local
from tests.unit.gateway.vault.test_vault import quiet, readable, several
from tests.unit.gateway.vault.transit_server import SAYS, TOKEN, TransitServer, transit_server

MakeKey = Callable[..., TransitKey]


@pytest.fixture
async def server() -> AsyncIterator[TransitServer]:
    async with transit_server() as running:
        yield running


@pytest.fixture
async def make_key(server: TransitServer, tmp_path: Path) -> AsyncIterator[MakeKey]:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    async with open_transport() as transport:

        def made(key: str = "community-cloud", **changes: object) -> TransitKey:
            given = {"address": AnyHttpUrl(server.address), "token": f"file:{token}", "timeout": 2, **changes}
            return TransitKey("city", key, Transit.model_validate(given), transport.handle_async_request)

        yield made


async def test_a_data_key_goes_there_and_comes_back(server: TransitServer, make_key: MakeKey) -> None:
    key = make_key()
    wrapped = await key.wrap(b"k" * 32)
    assert wrapped.startswith(b"vault:v1:")
    assert await key.unwrap(wrapped) == b"k" * 32
    assert server.asked == ["encrypt", "decrypt"]


async def test_a_new_version_is_taken_without_the_key_being_seen(
    server: TransitServer, make_key: MakeKey
) -> None:
    key = make_key()
    wrapped = await key.wrap(b"k" * 32)
    assert await key.renew(wrapped) == wrapped
    server.rotate()
    renewed = await key.renew(wrapped)
    assert renewed.startswith(b"vault:v2:")
    assert "decrypt" not in server.asked
    server.min_decryption_version = 2
    assert await key.unwrap(renewed) == b"k" * 32
    with pytest.raises(Unreadable):
        await key.unwrap(wrapped)


async def test_a_vault_moves_there_and_follows_its_versions(
    server: TransitServer, make_key: MakeKey, make_vault: MakeVault
) -> None:
    await several(make_vault(local("old")))
    moving = make_vault(make_key(), local("old"))
    assert await moving.rotate(quiet) == Rotation(12, 12, ())
    there = make_vault(make_key())
    assert await readable(there) == 12
    assert await there.rotate(quiet) == Rotation(12, 0, ())
    server.rotate()
    assert await there.rotate(quiet) == Rotation(12, 12, ())
    server.min_decryption_version = 2
    assert await readable(there) == 12
    assert (await make_vault(local("new"), make_key()).rotate(quiet)).moved == 12


async def test_a_token_that_an_agent_renews_is_read_again(make_key: MakeKey, tmp_path: Path) -> None:
    key = make_key()
    (tmp_path / "token").write_text("old")
    with pytest.raises(KeyUnavailable, match="token"):
        await key.wrap(b"k")
    (tmp_path / "token").write_text(TOKEN)
    assert await key.wrap(b"k")
    (tmp_path / "token").unlink()
    with pytest.raises(KeyUnavailable, match="token"):
        await key.wrap(b"k")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mount": "elsewhere"}, "no such engine or key"),
        ({"key": "unknown"}, "no such engine or key"),
        ({"address": "http://127.0.0.1:1"}, "does not answer"),
        ({"timeout": 0.000001}, "does not answer"),
    ],
)
async def test_a_server_that_is_not_as_configured(
    make_key: MakeKey, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(KeyUnavailable, match=words):
        await make_key(**changes).wrap(b"k")


async def test_a_sealed_server_is_not_now(
    server: TransitServer, make_key: MakeKey, make_vault: MakeVault
) -> None:
    vault = make_vault(make_key())
    await vault.keep("household", Owner("wang"), Credential("w", "x"))
    server.sealed = True
    with pytest.raises(KeyUnavailable, match="503"):
        await vault.open(await vault.find("household", Owner("wang")))
    with pytest.raises(KeyUnavailable):
        await vault.rotate(quiet)
    server.sealed = False
    assert await readable(vault) == 0


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"[]", b"{}", b'{"data": 5}', b'{"data": {"ciphertext": 5, "plaintext": "?"}}',
     b'{"data": {"ciphertext": "v1:x", "plaintext": "\xff"}}'],
)  # fmt: skip
async def test_rubbish_is_no_key(server: TransitServer, make_key: MakeKey, rubbish: bytes) -> None:
    server.rubbish = rubbish
    for ended in (
        make_key().wrap(b"k"),
        make_key().unwrap(b"vault:v1:AAAA"),
        make_key().renew(b"vault:v1:A"),
    ):
        with pytest.raises(KeyUnavailable):
            await ended


async def test_no_error_says_what_the_server_said(make_key: MakeKey) -> None:
    for wrapped in (b"vault:v1:AAAA", b"vault:v9:AAAA", b"\xff", b"", b"vault:v1:" + b"A" * 80):
        with pytest.raises(Unreadable) as raised:
            await make_key().unwrap(wrapped)
        said = f"{raised.value!r} {raised.value.__context__!r} {make_key()!r}"
        assert SAYS not in said
        assert TOKEN not in said
