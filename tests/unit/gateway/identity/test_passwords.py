import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator

import pytest

from gateway.errors import Busy, InvalidInput
from gateway.identity.passwords import MAX_LENGTH, Cost, Passwords
from tests.unit.gateway.identity.conftest import WEAK

PASSWORD = "herons over Suzhou Creek"


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    passwords = Passwords(WEAK)
    yield passwords
    passwords.close()


async def test_the_right_one_fits_and_no_other(passwords: Passwords) -> None:
    encoded = await passwords.hash(PASSWORD)
    assert await passwords.verify(encoded, PASSWORD)
    for wrong in ("", PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], "\ud800", "\0"):
        assert not await passwords.verify(encoded, wrong)


async def test_same_password_never_has_the_same_hash(passwords: Passwords) -> None:
    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


async def test_default_is_argon2id_at_19_mib() -> None:
    passwords = Passwords()
    try:
        assert (await passwords.hash(PASSWORD)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    finally:
        passwords.close()


async def test_full_width_letters_count_as_plain_ones(passwords: Passwords) -> None:
    encoded = await passwords.hash("白鹭8372苏州河")
    assert await passwords.verify(encoded, "白鹭８３７２苏州河")


@pytest.mark.parametrize("encoded", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$broken"])
async def test_nothing_fits_an_absent_or_broken_hash(passwords: Passwords, encoded: str | None) -> None:
    assert not await passwords.verify(encoded, PASSWORD)
    assert not await passwords.verify(encoded, "")


async def test_an_overlong_one_is_neither_hashed_nor_tried(passwords: Passwords) -> None:
    long = "x" * (MAX_LENGTH + 1)
    with pytest.raises(InvalidInput):
        await passwords.hash(long)
    assert not await passwords.verify(await passwords.hash(""), long)


async def test_a_hash_of_other_parameters_is_outdated(passwords: Passwords) -> None:
    encoded = await passwords.hash(PASSWORD)
    assert not passwords.outdated(encoded)
    stronger = Passwords(Cost(memory_kib=16, passes=2))
    assert stronger.outdated(encoded)
    assert await stronger.verify(encoded, PASSWORD)
    stronger.close()


async def test_an_unknown_user_takes_as_long_as_a_wrong_password() -> None:
    passwords = Passwords(Cost(memory_kib=4096))
    kinds = {"known": await passwords.hash(PASSWORD), "unknown": None, "broken": "broken"}
    fastest = dict.fromkeys(kinds, math.inf)
    # In turns, and the fastest of each: what else the machine does then weighs on none.
    for _ in range(20):
        for kind, encoded in kinds.items():
            start = time.perf_counter()
            await passwords.verify(encoded, "wrong")
            fastest[kind] = min(fastest[kind], time.perf_counter() - start)
    assert max(fastest.values()) < 2 * min(fastest.values())
    passwords.close()


async def test_beyond_the_waiting_places_all_are_refused_and_then_served_again() -> None:
    passwords = Passwords(WEAK, threads=1, waiting=2)
    gate = threading.Event()
    under_way = asyncio.ensure_future(passwords._run(gate.wait))
    await asyncio.sleep(0)
    tries = [asyncio.ensure_future(passwords.hash(PASSWORD)) for _ in range(10)]
    await asyncio.sleep(0)
    gate.set()
    ended = await asyncio.gather(under_way, *tries, return_exceptions=True)
    assert [isinstance(one, Busy) for one in ended].count(True) == 8
    assert (await passwords.hash(PASSWORD)).startswith("$argon2id$")
    passwords.close()


async def test_a_caller_who_gives_up_frees_no_thread_before_it_is_free() -> None:
    passwords = Passwords(WEAK, threads=1, waiting=0)
    gate, started = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        gate.wait()

    first = asyncio.ensure_future(passwords._run(wait))
    await asyncio.sleep(0)
    assert started.wait(5)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(Busy):
        await passwords.hash(PASSWORD)
    gate.set()
    passwords.close()


async def test_the_loop_goes_on_while_hashes_are_made() -> None:
    passwords = Passwords()
    work = asyncio.ensure_future(asyncio.wait_for(passwords.hash(PASSWORD), 30))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 20
    passwords.close()


async def test_nothing_secret_in_what_is_printed(passwords: Passwords) -> None:
    assert "argon2" not in repr(passwords)
