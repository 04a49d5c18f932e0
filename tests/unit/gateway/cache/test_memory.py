import pytest

from gateway.cache.memory import Entry, MemoryCache
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import card

KEY = b"key"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def entry(clock: StillClock, records: int = 1, fresh_s: float = 10, stale_s: float = 20) -> Entry:
    now = clock.monotonic()
    return Entry(
        tuple(card(n) for n in range(1, records + 1)), clock.now(), now + fresh_s, now + fresh_s + stale_s
    )


def test_an_entry_is_kept_until_it_is_too_old_to_stand_in(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock)
    kept = entry(clock)
    cache.put(KEY, kept)
    clock.move(seconds=29.9)
    assert cache.get(KEY) is kept
    clock.move(seconds=0.1)
    assert cache.get(KEY) is None


def test_each_entry_has_an_end_of_its_own(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock)
    cache.put(b"long", entry(clock, fresh_s=100))
    cache.put(b"short", entry(clock, fresh_s=1, stale_s=1))
    clock.move(seconds=5)
    assert (cache.get(b"short"), cache.get(b"long") is not None) == (None, True)


def test_a_newer_entry_replaces_an_older_one_and_has_another_version(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock)
    old, new = entry(clock), entry(clock)
    cache.put(KEY, old)
    cache.put(KEY, new)
    assert cache.get(KEY) is new
    assert old.version != new.version


def test_memory_is_bounded_by_records_and_the_longest_unused_go_first(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_records=10)
    for number in range(3):
        cache.put(b"%d" % number, entry(clock, records=2))
    assert cache.get(b"0") is not None
    cache.put(b"3", entry(clock, records=2))
    assert cache.get(b"1") is None
    assert [cache.get(b"%d" % number) is not None for number in (0, 2, 3)] == [True] * 3


def test_answers_of_nobody_take_room_too(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_records=5)
    for number in range(50):
        cache.put(b"%d" % number, entry(clock, records=0))
    assert sum(cache.get(b"%d" % number) is not None for number in range(50)) == 5


def test_an_answer_larger_than_all_room_is_not_kept_and_drives_nobody_out(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_records=5)
    cache.put(KEY, entry(clock))
    cache.put(b"huge", entry(clock, records=5))
    assert cache.get(b"huge") is None
    assert cache.get(KEY) is not None


def test_an_entry_does_not_show_its_people(clock: StillClock) -> None:
    assert "陈1" not in repr(entry(clock))
