"""The morning is the one that is published."""

from collections import Counter

from benchmarks.workload import LOOKUPS, READERS, Act, morning

PEOPLE = [{"name": "陈桂芳", "age": 20 + number % 80} for number in range(2900)]


def test_exactly_so_many_files_are_opened_in_the_order_of_time() -> None:
    events = morning(PEOPLE)
    counts = Counter(event.act for event in events)
    assert counts[Act.OPEN] == LOOKUPS
    assert counts[Act.HOUSEHOLD] == counts[Act.REVEAL] == 38
    assert counts[Act.SEARCH] == 3 * 76
    assert events == sorted(events)
    assert {event.reader for event in events} == set(READERS)


def test_it_is_the_same_every_time() -> None:
    assert morning(PEOPLE) == morning(PEOPLE)
    assert morning(PEOPLE, seed=2) != morning(PEOPLE)
