"""A committee's directory: everybody the systems list there, indexed for search as one types.

It is derived from cached lists and belongs to no reader: what a reader may match on and see is decided per
row by the mask step, which is told on what each row matched.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from cachetools import LRUCache

from gateway.residents.names import normalised, spellings
from gateway.residents.terms import Term, TermKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from gateway.model import Person

    On = frozenset[tuple[str, str]]
    """The (field, source) pairs that one term matched in a row, each of which suffices."""
    Matches = dict[int, On]
    """Row -> what one term matched there, in order of rows."""

TAIL_DIGITS = 4
"""The shortest tail of a phone or ID number that is searched for."""
MAX_KNOWN = 128
"""Terms whose matches are kept: what many people type, and the first letters of everything."""
_NUMBERS = re.compile(r"\d+")
_LAST = "\U0010ffff"


class _Prefixes:
    """Sorted keys, searched by prefix."""

    def __init__(self, keys: Iterable[tuple[str, int, str]]) -> None:
        """Take (key, row, source) triples."""
        self._keys = sorted(set(keys))

    def starting(self, prefix: str) -> Iterator[tuple[int, str]]:
        """Yield (row, source) of every key that starts with ``prefix``."""
        for key, row, source in self._keys[
            bisect_left(self._keys, (prefix,)) : bisect_left(self._keys, (prefix + _LAST,))
        ]:
            del key
            yield row, source


class _Exact:
    """Keys searched whole."""

    def __init__(self, keys: Iterable[tuple[str, int, str]]) -> None:
        """Take (key, row, source) triples."""
        self._keys: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for key, row, source in keys:
            self._keys[key].append((row, source))

    def equal(self, key: str) -> list[tuple[int, str]]:
        """Return (row, source) of the key."""
        return self._keys.get(key, [])


class Directory:
    """People in the order of buildings and doors, and the indexes over them."""

    def __init__(self, people: Iterable[Person]) -> None:
        """Build all indexes; about 20 us a person, so build in a thread."""
        self._people = tuple(sorted(people, key=_by_door))
        chars: dict[str, set[int]] = defaultdict(set)
        names: list[list[tuple[str, str]]] = []
        for row, person in enumerate(self._people):
            own = [(normalised(str(value.value)), value.source) for value in person.fields.get("name", ())]
            names.append(own)
            for name, _source in own:
                for char in name:
                    chars[char].add(row)
        self._names = names
        self._chars = dict(chars)
        self._ages = [
            sorted(
                (value.value, value.source)
                for value in person.fields.get("age", ())
                if isinstance(value.value, int)
            )
            for person in self._people
        ]
        self._aged_all = [frozenset(("age", source) for _, source in ages) for ages in self._ages]
        self._tags = _Exact(self._tagged())
        self._spellings = _Prefixes(self._keys("name", spellings))
        self._doors = _Prefixes(self._keys("door", _door_keys))
        self._phones = _Prefixes(self._keys("phone", _reversed))
        self._numbers = _Prefixes(self._keys("id_number", _reversed))
        self._known: LRUCache[Term, Matches] = LRUCache(MAX_KNOWN)
        self._by_term: dict[TermKind, Callable[[str], Matches]] = {
            TermKind.AGE_FROM: self._aged,
            TermKind.DIGITS: self._digits,
            TermKind.DOOR: self._door,
            TermKind.LETTERS: self._letters,
            TermKind.WORD: self._word,
        }

    @property
    def people(self) -> Sequence[Person]:
        """Return everybody, in the order of buildings and doors."""
        return self._people

    def __len__(self) -> int:
        """Return how many people it holds."""
        return len(self._people)

    def find(self, terms: Sequence[Term]) -> Iterator[tuple[Person, tuple[On, ...]]]:
        """Return the people who match all terms, in order of doors, each with what it matched on."""
        matches = [self._matching(term) for term in terms]
        if not matches:
            return iter(())
        fewest = min(matches, key=len)
        rows: Collection[int] = fewest
        for one in matches:
            if one is not fewest:
                rows = [row for row in rows if row in one]
        # Nothing of a row is touched before it is wanted: of many that match, a page shows the first ones.
        on = zip(*(map(one.__getitem__, rows) for one in matches), strict=True)
        return zip(map(self._people.__getitem__, rows), on, strict=True)

    def _matching(self, term: Term) -> Matches:
        try:
            return self._known[term]
        except KeyError:
            matches = self._by_term[term.kind](term.text)
            if matches:
                self._known[term] = matches
            return matches

    def _keys(self, field: str, keys_of: Callable[[str], Iterable[str]]) -> Iterator[tuple[str, int, str]]:
        for row, person in enumerate(self._people):
            for value in person.fields.get(field, ()):
                for key in keys_of(str(value.value)):
                    yield key, row, value.source

    def _tagged(self) -> Iterator[tuple[str, int, str]]:
        for row, person in enumerate(self._people):
            for value in person.fields.get("tags", ()):
                for tag in value.value if isinstance(value.value, tuple) else ():
                    yield tag, row, value.source

    def _aged(self, text: str) -> Matches:
        least = int(text)
        found: Matches = {}
        for row, ages in enumerate(self._ages):
            # Two systems hardly ever disagree about an age: what all of them match needs no counting.
            if ages and ages[0][0] >= least:
                found[row] = self._aged_all[row]
            elif ages and ages[-1][0] >= least:
                found[row] = frozenset(("age", source) for age, source in ages if age >= least)
        return found

    def _word(self, text: str) -> Matches:
        return _grouped([*_on("tags", self._tags.equal(text)), *_on("name", self._named(text))])

    def _letters(self, text: str) -> Matches:
        return _grouped([*_on("name", self._named(text)), *_on("name", self._spellings.starting(text))])

    def _named(self, text: str) -> Iterator[tuple[int, str]]:
        wanted = normalised(text)
        rows = [self._chars.get(char, set()) for char in wanted]
        for row in set.intersection(*sorted(rows, key=len)) if rows else ():
            yield from ((row, source) for name, source in self._names[row] if wanted in name)

    def _door(self, text: str) -> Matches:
        return _grouped(_on("door", self._doors.starting(text if "-" in text else _room_key(text))))

    def _digits(self, text: str) -> Matches:
        """Match a room, or the tail of a phone or an ID number."""
        found = [*_on("door", self._doors.starting(_room_key(text)))]
        if len(text) >= TAIL_DIGITS:
            tail = text[::-1]
            found += _on("phone", self._phones.starting(tail))
            found += _on("id_number", self._numbers.starting(tail))
        return _grouped(found)


def _on(field: str, found: Iterable[tuple[int, str]]) -> Iterator[tuple[str, int, str]]:
    for row, source in found:
        yield field, row, source


def _grouped(found: Iterable[tuple[str, int, str]]) -> Matches:
    """Return the (field, source) pairs by row, of (field, row, source) triples."""
    matches: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for field, row, source in found:
        matches[row].add((field, source))
    return {row: frozenset(matches[row]) for row in sorted(matches)}


def _door_keys(door: str) -> tuple[str, str]:
    """Return the door itself and its room alone."""
    return door, _room_key(door.rpartition("-")[2])


def _room_key(room: str) -> str:
    """Return the key of a room in whichever building, closed so that ``502`` does not find ``5021``."""
    return f"-{room}$"


def _reversed(number: str) -> tuple[str]:
    return (number[::-1],)


def _by_door(person: Person) -> tuple[object, ...]:
    doors = person.fields.get("door", ())
    if not doors:
        return (1, (), person.identity.kind, person.identity.number)
    numbers = tuple(int(number) for number in _NUMBERS.findall(str(doors[0].value)))
    return (0, numbers, person.identity.kind, person.identity.number)
