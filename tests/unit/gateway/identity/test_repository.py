from datetime import UTC, date, timedelta

import pytest

from gateway.errors import InvalidInput, StoreUnavailable
from gateway.identity.accounts import Account
from gateway.identity.repository import SessionRepository
from policies.model import RoleInScope
from tests.unit.gateway.identity.conftest import PASSWORD, House, Process, details

DEPUTY = RoleInScope("secretary", ("310104012",), date(2026, 11, 1), date(2026, 11, 30))
CADRE = RoleInScope("cadre", ("310104012003", "310104012004"))


async def test_an_account_comes_back_as_it_was_saved(process: Process, house: House) -> None:
    given = details("Wang.Min", DEPUTY, CADRE, organisation="虹梅居委会", household="H7")
    saved = await process.enrolment.enrol(given, PASSWORD)
    assert await process.accounts.find("wang.min") == saved
    assert (saved.username, saved.display_name, saved.organisation) == ("wang.min", "王敏", "虹梅居委会")
    assert (saved.roles, saved.household, saved.disabled) == ((DEPUTY, CADRE), "H7", False)
    assert saved.created_at == house.clock.now()
    assert saved.created_at.utcoffset() == timedelta(hours=8)


async def test_times_are_kept_in_utc(process: Process, house: House, cadre: Account) -> None:
    ((at,),) = house.ask("SELECT created_at FROM account")
    assert at.startswith(house.clock.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M"))


async def test_saving_again_replaces_details_and_roles_and_keeps_the_rest(
    process: Process, house: House, cadre: Account
) -> None:
    house.clock.move(hours=1)
    await process.accounts.set_disabled("cadre", disabled=True)
    changed = await process.enrolment.enrol(details("cadre", DEPUTY, display_name="李强"), None)
    assert (changed.id, changed.created_at, changed.password_hash) == (
        cadre.id,
        cadre.created_at,
        cadre.password_hash,
    )
    assert (changed.display_name, changed.roles, changed.disabled) == ("李强", (DEPUTY,), True)


async def test_all_accounts_are_listed_by_name(process: Process) -> None:
    for name in ("street", "auditor", "cadre"):
        await process.enrolment.enrol(details(name, DEPUTY, CADRE), PASSWORD)
    assert [(one.username, len(one.roles)) for one in await process.accounts.list()] == [
        ("auditor", 2),
        ("cadre", 2),
        ("street", 2),
    ]


async def test_a_new_account_needs_a_password(process: Process) -> None:
    with pytest.raises(InvalidInput):
        await process.enrolment.enrol(details("cadre"), None)
    assert await process.accounts.list() == ()


async def test_rules_hold_for_people_and_may_be_waived_for_a_demo(process: Process) -> None:
    with pytest.raises(InvalidInput) as refused:
        await process.enrolment.enrol(details("cadre"), "woaini1314")
    assert "woaini" not in str(refused.value)
    await process.enrolment.enrol(details("cadre"), "demo", any_password=True)
    await process.sign_in.sign_in("cadre", "demo")


async def test_the_same_password_again_keeps_sessions_and_another_ends_them(
    process: Process, cadre: Account, house: House
) -> None:
    session_id, _ = await process.sign_in.sign_in("cadre", PASSWORD)
    same = await process.enrolment.enrol(details("cadre"), PASSWORD)
    house.clock.move(seconds=1)
    assert same.password_hash == cadre.password_hash
    assert await process.sessions.get(session_id)
    other = await process.enrolment.enrol(details("cadre"), "three plums in a boat")
    house.clock.move(seconds=1)
    assert other.password_hash != cadre.password_hash
    assert await process.sessions.get(session_id) is None


async def test_the_password_is_nowhere_in_the_file(process: Process, house: House, cadre: Account) -> None:
    await process.sign_in.sign_in("cadre", PASSWORD)
    await process.engine.dispose()
    files = [path for path in house.path.parent.iterdir() if path.name.startswith("state.db")]
    assert files
    assert all(PASSWORD.encode() not in path.read_bytes() for path in files)


async def test_disabling_who_is_not_there_says_so(process: Process, cadre: Account) -> None:
    assert not await process.accounts.set_disabled("nobody", disabled=True)
    assert await process.accounts.set_disabled("cadre", disabled=False)


async def test_secrets_and_names_stay_out_of_repr(process: Process, cadre: Account) -> None:
    assert "argon2" not in repr(cadre)
    assert "王敏" not in repr(cadre) + repr(details("cadre"))


async def test_a_hash_is_not_renewed_over_a_changed_password(process: Process, cadre: Account) -> None:
    changed = await process.enrolment.enrol(details("cadre"), "three plums in a boat")
    await process.accounts.renew_hash(cadre, "older")
    assert await process.accounts.find("cadre") == changed


async def test_an_earlier_use_does_not_overwrite_a_later_one(
    process: Process, house: House, cadre: Account
) -> None:
    sessions, key, now = SessionRepository(process.engine), b"k" * 32, house.clock.now()
    assert await sessions.start(key, cadre, now, now + timedelta(hours=12))
    await sessions.seen(key, now + timedelta(minutes=2))
    await sessions.seen(key, now + timedelta(minutes=1))
    found = await sessions.find(key)
    assert found is not None
    assert found.seen_at == now + timedelta(minutes=2)


async def test_a_store_that_fails_is_told_without_its_values(
    process: Process, house: House, cadre: Account
) -> None:
    with house.without("account"), pytest.raises(StoreUnavailable) as failed:
        await process.accounts.find("cadre")
    assert "cadre" not in f"{failed.value} {failed.value.__cause__}"
    assert await process.accounts.find("cadre") == cadre
