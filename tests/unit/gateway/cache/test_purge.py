"""What a purge forgets, and what it leaves."""

import pytest

from connectors.sdk import FindHousehold, FindPerson, ListCohort, ListCommittee, Query, Search
from gateway.cache.memory import Answer, MemoryCache
from gateway.cache.purge import Purge, Source
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, THERE, Card, card, citizen

HOUSEHOLD: Source = ("household", "1.0", "gateway")
RELIEF: Source = ("relief", "1.0", "gateway")
ONE, TWO = FindPerson(citizen(1)), FindPerson(citizen(2))


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def cache(clock: StillClock) -> MemoryCache:
    return MemoryCache(bytes(32), clock)


def keep(cache: MemoryCache, clock: StillClock, query: Query, source: Source, *cards: Card) -> None:
    now = clock.monotonic()
    question = cache.question(query)
    cache.put(question, source, Answer(cards, clock.now(), now + 10, now + 20))
    question.kept["view"] = "made of it"


def sources(cache: MemoryCache, query: Query) -> set[str]:
    return {source[0] for source in cache.question(query).answers}


def test_a_system_is_forgotten_and_the_others_stay(cache: MemoryCache, clock: StillClock) -> None:
    keep(cache, clock, ONE, HOUSEHOLD, card(1))
    keep(cache, clock, ONE, RELIEF)
    keep(cache, clock, TWO, HOUSEHOLD, card(2))
    keep(cache, clock, ListCommittee(HERE), HOUSEHOLD, card(2))
    cache.purge(Purge(system="relief"))
    assert sources(cache, ONE) == sources(cache, TWO) == {"household"}
    assert cache.question(ONE).kept == {}
    assert cache.question(ListCommittee(HERE)).kept == {"view": "made of it"}


@pytest.mark.parametrize(
    "query",
    [ONE, FindHousehold("H1"), Search("陈", (HERE,), 20), ListCommittee(HERE), ListCohort(HERE, 90)],
    ids=lambda query: type(query).__name__,
)
def test_a_person_is_forgotten_wherever_they_stand(
    cache: MemoryCache, clock: StillClock, query: Query
) -> None:
    keep(cache, clock, query, HOUSEHOLD, card(2), card(1))
    keep(cache, clock, TWO, HOUSEHOLD, card(2))
    cache.purge(Purge.of(citizen(1)))
    assert sources(cache, query) == set()
    assert cache.question(query).kept == {}
    assert sources(cache, TWO) == {"household"}


def test_that_somebody_is_not_known_is_forgotten_too(cache: MemoryCache, clock: StillClock) -> None:
    keep(cache, clock, ONE, RELIEF)
    keep(cache, clock, ListCommittee(HERE), RELIEF, card(2))
    cache.purge(Purge.of(citizen(1), "relief"))
    assert sources(cache, ONE) == set()
    assert sources(cache, ListCommittee(HERE)) == {"relief"}


def test_a_committee_is_forgotten_with_its_people(cache: MemoryCache, clock: StillClock) -> None:
    there = card(2, registered_region=THERE, residence_region=THERE)
    keep(cache, clock, ONE, HOUSEHOLD, card(1, residence_region=HERE))
    keep(cache, clock, ONE, RELIEF)
    keep(cache, clock, TWO, HOUSEHOLD, there)
    keep(cache, clock, ListCommittee(HERE), RELIEF)
    keep(cache, clock, ListCommittee(THERE), HOUSEHOLD, there)
    keep(cache, clock, Search("陈", (HERE[:9],), 20), HOUSEHOLD, there)
    keep(cache, clock, FindHousehold("H1"), HOUSEHOLD, card(1, residence_region=HERE))
    cache.purge(Purge(committees=(HERE,)))
    for query in (ONE, ListCommittee(HERE), Search("陈", (HERE[:9],), 20), FindHousehold("H1")):
        assert sources(cache, query) == set(), query
    for query in (TWO, ListCommittee(THERE)):
        assert sources(cache, query) == {"household"}


def test_somebody_whose_place_is_known_coarsely_goes_with_the_committee(
    cache: MemoryCache, clock: StillClock
) -> None:
    keep(cache, clock, ONE, HOUSEHOLD, card(1, registered_region="", residence_region=HERE[:9]))
    cache.purge(Purge(committees=(HERE,)))
    assert sources(cache, ONE) == set()


def test_somebody_whose_place_no_answer_tells_goes_with_the_committee(
    cache: MemoryCache, clock: StillClock
) -> None:
    """Of a household's member only the register's answer about the household says where they live."""
    keep(cache, clock, ONE, RELIEF, card(1, registered_region="", residence_region=""))
    keep(cache, clock, TWO, RELIEF)
    cache.purge(Purge(committees=(HERE,)))
    assert (sources(cache, ONE), sources(cache, TWO)) == (set(), set())


@pytest.mark.parametrize("purge", [Purge("household"), Purge.of(citizen(1), "household")], ids=["all", "one"])
def test_what_a_household_made_of_a_member_goes_with_the_households_system(
    cache: MemoryCache, clock: StillClock, purge: Purge
) -> None:
    """It is kept with the question about the member, which that system itself was not asked."""
    keep(cache, clock, ONE, RELIEF, card(1))
    cache.purge(purge)
    assert sources(cache, ONE) == {"relief"}
    assert cache.question(ONE).kept == {}


def test_everything_can_be_forgotten(cache: MemoryCache, clock: StillClock) -> None:
    keep(cache, clock, ONE, HOUSEHOLD, card(1))
    keep(cache, clock, ListCommittee(HERE), RELIEF)
    cache.purge(Purge())
    assert (cache.bytes, cache.questions) == (0, 0)


def test_a_reader_of_their_own_loses_it_too(cache: MemoryCache, clock: StillClock) -> None:
    question = cache.question(ONE, "cadre")
    now = clock.monotonic()
    cache.put(question, HOUSEHOLD, Answer((card(1),), clock.now(), now + 10, now + 20))
    question.kept["view"] = "made of it"
    cache.purge(Purge.of(citizen(1)))
    assert (question.answers, question.kept) == ({}, {})
    assert cache.question(ONE, "cadre") is not question


def test_what_is_made_of_purged_answers_does_not_come_back(cache: MemoryCache, clock: StillClock) -> None:
    """Somebody holds the question, with what it said before the purge, while another system still answers."""
    keep(cache, clock, ONE, HOUSEHOLD, card(1))
    held = cache.question(ONE)
    cache.purge(Purge.of(citizen(1)))
    now = clock.monotonic()
    cache.put(held, RELIEF, Answer((), clock.now(), now + 10, now + 20))
    held.kept["view"] = "made of purged answers"
    assert sources(cache, ONE) == {"relief"}
    assert cache.question(ONE).kept == {}


def test_room_is_given_back(cache: MemoryCache, clock: StillClock) -> None:
    keep(cache, clock, ONE, HOUSEHOLD, card(1))
    full = cache.bytes
    keep(cache, clock, ONE, RELIEF, card(1))
    cache.purge(Purge(system="relief"))
    assert cache.bytes == full


def test_who_goes_for_want_of_room_is_counted(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_bytes=5_000)
    for number in range(8):
        cache.question(ListCommittee(f"{number:012}"))
    assert (cache.questions, cache.evicted) == (5, 3)
    clock.move(seconds=3600)
    assert (cache.questions, cache.evicted) == (0, 3)
