import pytest

from connectors.sdk import (
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCohort,
    ListCommittee,
    Query,
    Search,
)
from gateway.cache.memory import (
    MADE_OF_PERSON_BYTES,
    QUESTION_BYTES,
    UNANSWERED_S,
    Answer,
    MemoryCache,
    Question,
)
from gateway.cache.weight import Scales
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, card, citizen

SOURCE = ("household", "1.0", "gateway")
OTHER = ("elderly", "1.0", "gateway")
WHO = FindPerson(citizen(1))
CARD_BYTES = Scales().weight((card(1),))


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def cache(clock: StillClock) -> MemoryCache:
    return MemoryCache(bytes(32), clock)


def answer(clock: StillClock, records: int = 1, fresh_s: float = 10, stale_s: float = 20) -> Answer:
    now = clock.monotonic()
    return Answer(
        tuple(card(n) for n in range(1, records + 1)), clock.now(), now + fresh_s, now + fresh_s + stale_s
    )


def committee(number: int) -> ListCommittee:
    return ListCommittee(f"{number:012}")


def known(cache: MemoryCache, number: int) -> bool:
    """Tell whether a committee's list is there; looking counts as use."""
    return bool(cache.question(committee(number)).answers)


# ---- questions


def test_equal_questions_are_one(cache: MemoryCache) -> None:
    assert cache.question(WHO) is cache.question(FindPerson(citizen(1)))


def test_every_part_of_a_question_tells_it_apart(cache: MemoryCache) -> None:
    number = WHO.identity.number
    others: list[Query] = [
        FindPerson(citizen(2)),
        FindPerson(Identity(IdentityKind.PASSPORT, number)),
        FindHousehold(number),
        FindHousehold("H2"),
        Search("陈", (HERE,), 20),
        Search("王", (HERE,), 20),
        Search("陈", (HERE[:9],), 20),
        Search("陈", (HERE,), 21),
        ListCommittee(HERE),
        ListCohort(HERE, 80),
        ListCohort(HERE, 90),
    ]
    assert len({cache.question(query).key for query in (WHO, *others)}) == len(others) + 1


def test_a_key_is_a_secret_hash_and_nothing_shows_whom_it_is_about(clock: StillClock) -> None:
    one, other = (MemoryCache(secret, clock).question(WHO) for secret in (bytes(32), b"1" * 32))
    assert one.key != other.key
    assert WHO.identity.number not in repr(one)
    assert WHO.identity.number.encode() not in one.key


def test_a_question_that_nobody_answers_is_forgotten(clock: StillClock, cache: MemoryCache) -> None:
    asked = cache.question(WHO)
    clock.move(seconds=UNANSWERED_S - 0.1)
    assert cache.question(WHO) is asked
    clock.move(seconds=0.1)
    assert cache.question(WHO) is not asked


# ---- answers


def test_answers_are_kept_until_the_last_is_too_old_to_stand_in(
    clock: StillClock, cache: MemoryCache
) -> None:
    cache.put(cache.question(WHO), SOURCE, answer(clock))
    cache.put(cache.question(WHO), OTHER, answer(clock, fresh_s=100))
    clock.move(seconds=119.9)
    assert set(cache.question(WHO).answers) == {SOURCE, OTHER}
    clock.move(seconds=0.1)
    assert cache.question(WHO).answers == {}


def test_a_newer_answer_replaces_an_older_one_and_has_another_version(
    clock: StillClock, cache: MemoryCache
) -> None:
    old, new = answer(clock), answer(clock)
    question = cache.question(WHO)
    cache.put(question, SOURCE, old)
    cache.put(question, SOURCE, new)
    assert question.answers[SOURCE] is new
    assert old.version != new.version


def test_what_was_made_of_older_answers_goes_with_a_new_one(clock: StillClock, cache: MemoryCache) -> None:
    question = cache.question(WHO)
    question.kept["view"] = "old"
    cache.put(question, OTHER, answer(clock))
    assert question.kept == {}


def test_an_answer_reaches_who_asked_and_who_asked_anew(clock: StillClock) -> None:
    """Memory was wanted while a system was being asked."""
    cache = MemoryCache(bytes(32), clock, max_bytes=20 * QUESTION_BYTES + MADE_OF_PERSON_BYTES)
    first = cache.question(WHO)
    for number in range(20):
        cache.question(committee(number))
    second = cache.question(WHO)
    assert second is not first
    second.kept["view"] = "old"
    cache.put(second, OTHER, answer(clock))
    cache.put(first, SOURCE, answer(clock))
    assert SOURCE in first.answers
    assert set(cache.question(WHO).answers) == {SOURCE, OTHER}
    assert cache.question(WHO).kept == {}


# ---- room


def test_memory_is_bounded_by_bytes_and_the_longest_unused_go_first(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_bytes=3 * (QUESTION_BYTES + 2 * CARD_BYTES))
    for number in range(3):
        cache.put(cache.question(committee(number)), SOURCE, answer(clock, records=2))
    assert known(cache, 0)
    cache.put(cache.question(committee(3)), SOURCE, answer(clock, records=2))
    assert [known(cache, number) for number in (0, 2, 3)] == [True] * 3
    assert not known(cache, 1)


def test_questions_and_answers_of_nobody_take_room_too(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_bytes=5 * QUESTION_BYTES)
    held: list[Question] = []
    for number in range(50):
        held.append(cache.question(committee(number)))
        cache.put(held[-1], SOURCE, answer(clock, records=0))
    assert sum(cache.question(one.query) is one for one in reversed(held)) == 5


def test_what_is_made_of_a_person_takes_room(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_bytes=3 * (QUESTION_BYTES + MADE_OF_PERSON_BYTES + CARD_BYTES))
    held: list[Question] = []
    for number in range(1, 6):
        held.append(cache.question(FindPerson(citizen(number))))
        cache.put(held[-1], SOURCE, answer(clock))
    assert [cache.question(one.query) is one for one in reversed(held)] == [True] * 3 + [False] * 2


def test_an_answer_larger_than_all_room_is_not_kept_and_drives_nobody_out(clock: StillClock) -> None:
    cache = MemoryCache(bytes(32), clock, max_bytes=2 * QUESTION_BYTES + 4 * CARD_BYTES)
    cache.put(cache.question(committee(1)), SOURCE, answer(clock))
    cache.put(cache.question(committee(2)), SOURCE, answer(clock, records=5))
    assert not known(cache, 2)
    assert known(cache, 1)


def test_an_answer_does_not_show_its_people(clock: StillClock) -> None:
    assert "陈1" not in repr(answer(clock))
