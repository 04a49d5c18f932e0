"""The vault over a real database: what goes in comes out, for its owner only, under whichever key."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.sdk import Credential
from gateway.errors import StoreUnavailable
from gateway.vault.cipher import AES_256_GCM, CIPHERS, SM4_GCM, Cipher
from gateway.vault.entry import SERVICE, EntryState, Owner, Why
from gateway.vault.vault import AccountShared, Kept, NotInVault, Rotation, Unreadable, Vault
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.vault.conftest import MakeVault, local

WANG, LI = Owner("wang"), Owner("li")
ONE = Credential("wangfang", "tulip-Granite-31")
OTHER = Credential("wangfang", "harbour-Linden-58")


async def held(vault: Vault, system: str = "household", owner: Owner = WANG) -> Credential:
    return await vault.open(await vault.find(system, owner))


def quiet(done: int, total: int) -> None:
    assert 0 < done <= total


# ---- in and out


@pytest.mark.parametrize("cipher", CIPHERS.values(), ids=lambda cipher: cipher.name)
async def test_what_is_kept_comes_out(make_vault: MakeVault, cipher: Cipher) -> None:
    vault = make_vault(cipher=cipher)
    assert await vault.keep("household", WANG, ONE) is Kept.NEW
    assert await held(vault) == ONE
    entry = await vault.find("household", WANG)
    assert (entry.state, entry.why, entry.version) == (EntryState.UNCHECKED, None, 1)
    assert entry.sealed.content[0] == entry.sealed.wrapped_key[0] == cipher.mark
    assert repr(entry.sealed) == "Sealed(key_id='old')"


async def test_another_password_takes_the_place_of_the_old_one(vault: Vault, clock: StillClock) -> None:
    await vault.keep("household", WANG, ONE)
    await vault.note(await vault.find("household", WANG), EntryState.OK)
    clock.move(hours=1)
    assert await vault.keep("household", WANG, OTHER) is Kept.CHANGED
    assert await held(vault) == OTHER
    entry = await vault.find("household", WANG)
    assert (entry.state, entry.version, entry.changed_at) == (EntryState.UNCHECKED, 2, clock.now())


async def test_a_dry_run_keeps_nothing(vault: Vault) -> None:
    assert await vault.keep("household", WANG, ONE, dry_run=True) is Kept.NEW
    assert await vault.list() == ()
    await vault.keep("household", WANG, ONE)
    assert await vault.keep("household", WANG, OTHER, dry_run=True) is Kept.CHANGED
    assert await held(vault) == ONE


async def test_removed_is_gone(vault: Vault) -> None:
    await vault.keep("household", WANG, ONE)
    await vault.remove("household", WANG)
    with pytest.raises(NotInVault):
        await vault.find("household", WANG)
    with pytest.raises(NotInVault):
        await vault.remove("household", WANG)


async def test_a_list_is_of_one_system_or_one_owner(vault: Vault) -> None:
    for system in ("relief", "household"):
        await vault.keep(system, WANG, ONE)
        await vault.keep(system, SERVICE, Credential("gateway", "x"))
    found = [(one.system, str(one.owner)) for one in await vault.list()]
    assert found == [(s, o) for s in ("household", "relief") for o in ("service", "user:wang")]
    assert len(await vault.list(system="relief")) == 2
    assert [one.system for one in await vault.list(owner=WANG)] == ["household", "relief"]
    assert len(await vault.list("relief", SERVICE)) == 1


def test_nobody_called_service_is_the_service_account() -> None:
    assert str(Owner("service")) != str(SERVICE)
    assert Owner.parse(str(Owner("service"))) == Owner("service")
    assert Owner.parse(str(SERVICE)) == SERVICE


# ---- one account, one owner


@pytest.mark.parametrize("name", ["wangfang", "WangFang", "ｗａｎｇｆａｎｇ", " wangfang "])
async def test_an_account_of_somebody_else_is_refused(vault: Vault, name: str) -> None:
    await vault.keep("household", WANG, ONE)
    for owner in (LI, SERVICE):
        with pytest.raises(AccountShared):
            await vault.keep("household", owner, Credential(name, "any"), dry_run=True)
        with pytest.raises(AccountShared):
            await vault.keep("household", owner, Credential(name, "any"))
    await vault.keep("relief", LI, ONE)
    assert len(await vault.list()) == 2


async def test_of_two_at_once_one_gets_the_account(vault: Vault) -> None:
    owners = [Owner(f"cadre{n}") for n in range(8)]
    ended = await asyncio.gather(*(vault.keep("relief", one, ONE) for one in owners), return_exceptions=True)
    assert sorted(str(type(one).__name__) for one in ended) == ["AccountShared"] * 7 + ["Kept"]


# ---- a rejected password


async def test_a_rejected_password_given_again_stays_rejected(vault: Vault, clock: StillClock) -> None:
    await vault.keep("household", SERVICE, ONE)
    assert await vault.note(await vault.find("household", SERVICE), EntryState.NEEDS_ATTENTION, Why.REJECTED)
    clock.move(days=400)
    assert await vault.keep("household", SERVICE, ONE) is Kept.UNCHANGED
    assert not (await vault.find("household", SERVICE)).may_sign_in
    assert await vault.keep("household", SERVICE, OTHER) is Kept.CHANGED
    entry = await vault.find("household", SERVICE)
    assert entry.may_sign_in
    assert await vault.open(entry) == OTHER


async def test_what_is_learnt_of_an_old_password_is_not_noted_of_the_new_one(vault: Vault) -> None:
    await vault.keep("household", WANG, ONE)
    old = await vault.find("household", WANG)
    await vault.keep("household", WANG, OTHER)
    assert not await vault.note(old, EntryState.NEEDS_ATTENTION, Why.REJECTED)
    assert (await vault.find("household", WANG)).may_sign_in


# ---- the database in wrong hands


async def test_an_entry_opens_for_its_owner_and_system_alone(vault: Vault, tmp_path: Path) -> None:
    await vault.keep("household", WANG, ONE)
    await vault.keep("household", LI, Credential("li", "x"))
    await vault.keep("relief", WANG, Credential("w", "x"))
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        (stolen,) = db.execute(
            "SELECT key_id, wrapped_key, sealed FROM vault_entry"
            " WHERE system = 'household' AND owner = 'user:wang'"
        ).fetchall()
        db.execute("UPDATE vault_entry SET key_id = ?, wrapped_key = ?, sealed = ?", stolen)
        db.commit()
    assert await held(vault) == ONE
    for system, owner in (("household", LI), ("relief", WANG)):
        with pytest.raises(Unreadable):
            await held(vault, system, owner)


async def test_without_its_key_an_entry_stays_shut(vault: Vault, make_vault: MakeVault) -> None:
    await vault.keep("household", WANG, ONE)
    with pytest.raises(Unreadable, match="'old'"):
        await held(make_vault(local("new")))


async def test_lengths_say_little(vault: Vault) -> None:
    await vault.keep("a", WANG, Credential("w", "1"))
    await vault.keep("b", WANG, Credential("w", "1" * 40))
    assert len({len(one.sealed.content) for one in await vault.list()}) == 1


async def test_a_store_that_is_away_is_said_to_be(vault: Vault, engine: AsyncEngine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("DROP TABLE vault_entry")
    with pytest.raises(StoreUnavailable):
        await vault.keep("household", WANG, ONE)


@given(username=st.text(min_size=1, max_size=40), password=st.text(min_size=6, max_size=40))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_no_word_of_it_is_shown(
    make_vault: MakeVault, tmp_path: Path, username: str, password: str
) -> None:
    vault, mark = make_vault(), f"§{password}§"
    credential = Credential(f"§{username}§", mark)
    shown: list[object] = []
    with structlog.testing.capture_logs() as lines:
        await vault.keep("household", WANG, credential)
        entry = await vault.find("household", WANG)
        assert await vault.open(entry) == credential
        shown += [vault, entry, credential, local("old"), vars(vault), str(entry)]
        for wrong in (make_vault(local("new")).open(entry), vault.keep("household", LI, credential)):
            try:
                await wrong
            except (AccountShared, Unreadable) as error:
                shown += [repr(error), str(error), error.args, error.__cause__, error.__context__]
        await vault.remove("household", WANG)
    said = f"{shown!r}{lines!r}"
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("state.db*"))
    for secret in {mark, mark.encode("unicode_escape").decode(), repr(mark)[1:-1], f"§{username}§"}:
        assert secret not in said
        assert secret.encode() not in stored


# ---- rotation


async def several(vault: Vault, count: int = 12) -> None:
    for n in range(count):
        await vault.keep(f"system{n:02}", WANG, Credential("wang", f"password-{n}"))


async def readable(vault: Vault) -> int:
    return sum([(await vault.open(one)).secret.startswith("password-") for one in await vault.list()])


async def test_rotation_moves_every_entry_and_then_nothing(vault: Vault, make_vault: MakeVault) -> None:
    await several(vault)
    both = make_vault(local("new"), local("old"))
    assert await readable(both) == 12
    steps: list[tuple[int, int]] = []
    assert await both.rotate(lambda *at: steps.append(at)) == Rotation(12, 12, ())
    assert steps == [(n, 12) for n in range(1, 13)]
    assert {one.sealed.key_id for one in await both.list()} == {"new"}
    assert await readable(make_vault(local("new"))) == 12
    assert await both.rotate(quiet) == Rotation(12, 0, ())


async def test_rotation_changes_the_cipher_too(vault: Vault, make_vault: MakeVault) -> None:
    await several(vault)
    sm4 = make_vault(local("old", SM4_GCM), cipher=SM4_GCM)
    assert (await sm4.rotate(quiet)).moved == 12
    for entry in await sm4.list():
        assert entry.sealed.content[0] == entry.sealed.wrapped_key[0] == SM4_GCM.mark
    assert await readable(sm4) == 12
    assert (await make_vault(local("old", AES_256_GCM)).rotate(quiet)).moved == 12


async def test_state_and_age_outlive_a_rotation(
    vault: Vault, make_vault: MakeVault, clock: StillClock
) -> None:
    await vault.keep("household", WANG, ONE)
    await vault.note(await vault.find("household", WANG), EntryState.NEEDS_ATTENTION, Why.REJECTED)
    before = await vault.find("household", WANG)
    clock.move(days=3)
    await make_vault(local("new"), local("old")).rotate(quiet)
    after = await vault.find("household", WANG)
    assert (after.state, after.why, after.since, after.version) == (
        before.state, before.why, before.since, before.version,
    )  # fmt: skip


async def test_what_does_not_open_is_named_and_left(
    vault: Vault, make_vault: MakeVault, tmp_path: Path
) -> None:
    await several(vault)
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("UPDATE vault_entry SET key_id = 'lost' WHERE system = 'system03'")
        db.commit()
    done = await make_vault(local("new"), local("old")).rotate(quiet)
    assert (done.total, done.moved, [one.system for one in done.failed]) == (12, 11, ["system03"])


async def test_a_password_changed_while_its_entry_is_rewrapped_wins(
    vault: Vault, make_vault: MakeVault
) -> None:
    class Meddling:
        """The new key, while somebody changes the password before it has wrapped."""

        id = "new"

        async def wrap(self, key: bytes) -> bytes:
            await vault.keep("household", WANG, OTHER)
            return await local("new").wrap(key)

        async def unwrap(self, wrapped: bytes) -> bytes:
            return await local("new").unwrap(wrapped)

        async def renew(self, wrapped: bytes) -> bytes:
            return wrapped

    await vault.keep("household", WANG, ONE)
    assert (await make_vault(Meddling(), local("old")).rotate(quiet)).moved == 0
    assert await held(vault) == OTHER


async def test_readers_do_not_notice_a_rotation(vault: Vault, make_vault: MakeVault) -> None:
    await several(vault)
    both = make_vault(local("new"), local("old"))

    async def reading() -> None:
        for _ in range(20):
            assert await readable(both) == 12

    async with asyncio.TaskGroup() as group:
        group.create_task(reading())
        group.create_task(both.rotate(quiet))
        group.create_task(both.rotate(quiet))
    assert await readable(make_vault(local("new"))) == 12
