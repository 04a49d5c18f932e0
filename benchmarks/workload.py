"""The published workload of a committee's morning: who looks at whom, when, and how often again.

08:30 to 11:30 in a committee of about 3,000 people; eight readers; 1,000 files opened. A file is seldom opened once:
a matter at the window takes ten minutes, a visit half an hour, and colleagues ask each other.

| who | does | files |
|---|---|---|
| two cadres at the window, in turn | 76 visitors. Types a name (2 letters, 4 letters, the whole name), opens the file, opens it again after 2 to 4 minutes with the form filled in, every second one a third time after 6 to 10. Every second visitor also the household, every second one's number is revealed to verify identity | 190 |
| six cadres outdoors | 14 people of 80 and over each: opens the file on leaving, at the door 8 to 15 minutes later, and to write it up 30 to 60 minutes later | 252 |
| all cadres | 100 of those visitors and visited: a colleague is asked and opens the file 1 to 3 minutes after the first look | 100 |
| the elderly-service worker | telephones 110 people of 80 and over, one a minute, and looks again at every third within the hour | 147 |
| the secretary | goes through people over 70, one a minute, 160 of them | 160 |
| all eight, 10:30 to 10:50 | case meeting: 18 people, everybody opens each file within a minute | 144 |
| anybody | looks at one of the people above once more, half an hour to two hours later | 7 |

Times and people are drawn with a fixed seed; nothing in it knows how long anything is cached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from random import Random
from typing import Any

LOOKUPS = 1_000
CADRES = tuple(f"cadre{number}" for number in range(1, 7))
SECRETARY, SERVICE = "secretary1", "service1"
READERS: Mapping[str, str] = dict.fromkeys(CADRES, "cadre") | {SECRETARY: "secretary", SERVICE: "service"}
"""Account -> role."""

_MINUTE = 60.0
_END = 180 * _MINUTE
_OLD, _ELDERLY = 80, 70
_VISITORS, _VISITED_EACH, _ASKED, _CALLED, _CHECKED, _CASES = 76, 14, 100, 110, 160, 18

Person = Mapping[str, Any]


class Act(StrEnum):
    """What a reader does."""

    HOUSEHOLD = "household"
    OPEN = "open"
    REVEAL = "reveal"
    SEARCH = "search"


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One act; the time in seconds after 08:30."""

    at: float
    reader: str
    act: Act
    person: int
    """Place in the list of people."""
    typed: str = ""


def morning(people: Sequence[Person], seed: int = 1) -> list[Event]:
    """Return the acts in the order of time, with exactly 1,000 files opened."""
    draw = Random(seed)
    events = [*_window(draw, people), *_visits(draw, people)]
    events += _colleagues(draw, events)
    events += [*_telephone(draw, people), *_secretary(draw, people), *_meeting(draw, people)]
    missing = LOOKUPS - sum(event.act is Act.OPEN for event in events)
    assert missing >= 0
    for event in draw.sample(
        [event for event in events if event.act is Act.OPEN and event.at < 3600], missing
    ):
        later = event.at + draw.uniform(30, 110) * _MINUTE
        events.append(Event(later, draw.choice(CADRES), Act.OPEN, event.person))
    return sorted(events)


def _window(draw: Random, people: Sequence[Person]) -> Iterator[Event]:
    readers = cycle(CADRES[:2])
    for number, person in enumerate(draw.sample(range(len(people)), _VISITORS)):
        reader, at = next(readers), number * _END / (_VISITORS + 4)
        name = people[person]["name"]
        for typed, after in ((name[:1], 0.0), (name[:2], 1.5), (name, 3.0)):
            yield Event(at + after, reader, Act.SEARCH, person, typed)
        yield Event(at + 8, reader, Act.OPEN, person)
        if number % 2:
            yield Event(at + 30, reader, Act.HOUSEHOLD, person)
            yield Event(at + draw.uniform(6, 10) * _MINUTE, reader, Act.OPEN, person)
        else:
            yield Event(at + 40, reader, Act.REVEAL, person)
        yield Event(at + draw.uniform(2, 4) * _MINUTE, reader, Act.OPEN, person)


def _visits(draw: Random, people: Sequence[Person]) -> Iterator[Event]:
    chosen = iter(draw.sample(_aged(people, _OLD), len(CADRES) * _VISITED_EACH))
    for reader in CADRES:
        for number in range(_VISITED_EACH):
            person, at = next(chosen), draw.uniform(0, 2) * _MINUTE + number * 8 * _MINUTE
            yield Event(at, reader, Act.OPEN, person)
            yield Event(at + draw.uniform(8, 15) * _MINUTE, reader, Act.OPEN, person)
            yield Event(at + draw.uniform(30, 60) * _MINUTE, reader, Act.OPEN, person)


def _colleagues(draw: Random, events: Sequence[Event]) -> Iterator[Event]:
    first: dict[int, Event] = {}
    for event in sorted(events):
        if event.act is Act.OPEN:
            first.setdefault(event.person, event)
    for event in draw.sample(list(first.values()), _ASKED):
        reader = draw.choice([one for one in CADRES if one != event.reader])
        yield Event(event.at + draw.uniform(1, 3) * _MINUTE, reader, Act.OPEN, event.person)


def _telephone(draw: Random, people: Sequence[Person]) -> Iterator[Event]:
    for number, person in enumerate(draw.sample(_aged(people, _OLD), _CALLED)):
        at = number * _MINUTE
        yield Event(at, SERVICE, Act.OPEN, person)
        if number % 3 == 0:
            yield Event(at + draw.uniform(10, 60) * _MINUTE, SERVICE, Act.OPEN, person)


def _secretary(draw: Random, people: Sequence[Person]) -> Iterator[Event]:
    for number, person in enumerate(draw.sample(_aged(people, _ELDERLY), _CHECKED)):
        yield Event(number * _MINUTE, SECRETARY, Act.OPEN, person)


def _meeting(draw: Random, people: Sequence[Person]) -> Iterator[Event]:
    for number, person in enumerate(draw.sample(_aged(people, _OLD), _CASES)):
        at = (120 + number * 20 / _CASES) * _MINUTE
        for reader in READERS:
            yield Event(at + draw.uniform(0, _MINUTE), reader, Act.OPEN, person)


def _aged(people: Sequence[Person], least: int) -> list[int]:
    return [number for number, person in enumerate(people) if person["age"] >= least]
