"""search: find people within the reader's area, in the committees' directories or by the systems' search."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from connectors.sdk import ListCommittee
from connectors.sdk import Search as SearchByName
from gateway.model import SearchPeople
from gateway.pipeline.ask import ask_all, replies, standing, status_of, worst
from gateway.pipeline.step import Found
from gateway.residents.directory import TAIL_DIGITS
from gateway.residents.merge import merge as joined
from gateway.residents.terms import Term, TermKind, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from connectors.sdk import Identity, Query
    from gateway.cache.memory import MemoryCache
    from gateway.model import Person, SourceStatus
    from gateway.pipeline.directories import Directories
    from gateway.pipeline.ruling import Ruling
    from gateway.pipeline.step import Ask, Find, Located, Matched, ReaderOf
    from gateway.upstream.system import LineSystem
    from policies.model import RoleInScope

    Row = tuple[Person, Matched]

COMMITTEE_DIGITS = 12
MAX_DIRECTORIES = 4
"""Readers with more committees than this search by the systems' own search."""
MAX_CANDIDATES = 200
"""Rows handed to the mask step, which may drop some and stops at the limit."""

NAME_ONLY = "wide_area_name_only"
"""Hint: over so wide an area people are found by the beginning of their name or by their whole number."""
TAIL_NEEDS_PURPOSE = "tail_needs_purpose"
"""Hint: a number's tail finds people only for a purpose that opens the number."""


def search(
    systems: Mapping[str, Ask],
    lines: Mapping[str, LineSystem],
    base: str,
    directories: Directories,
    cache: MemoryCache,
    reader_of: ReaderOf,
) -> Find:
    """Make the innermost part of a search; ``lines`` tell what each system can be asked."""
    order = tuple(systems)
    listing, searching = able(lines, ListCommittee), able(lines, SearchByName)

    async def searched(located: Located, ruling: Ruling) -> Found:
        query = located.call.query
        if not isinstance(query, SearchPeople):
            raise TypeError("the merge step sends searches only")
        terms = parse(query.text)
        areas = scope_of(located.call.subject.roles, located.today)
        committees = committees_of(areas)
        rows: Iterable[Row]
        if committees is not None:
            rows, sources = await in_directories(located, ruling, committees, terms)
        elif terms and all(term.kind in {TermKind.WORD, TermKind.LETTERS} for term in terms):
            rows, sources = await by_name(located, ruling, areas, terms, query.limit)
        else:
            return Found((), standing(ruling, order, {}), hints=(NAME_ONLY,))
        hints = (TAIL_NEEDS_PURPOSE,) if any(is_tail(term) for term in terms) else ()
        return Found(islice(rows, MAX_CANDIDATES), standing(ruling, order, sources), hints)

    async def by_name(
        located: Located, ruling: Ruling, areas: tuple[str, ...], terms: tuple[Term, ...], limit: int
    ) -> tuple[Iterator[Row], Mapping[str, SourceStatus]]:
        query = SearchByName("".join(term.text for term in terms), areas, limit * 2)
        question = cache.question(query, reader_of(located.call.subject))
        answers = await ask_all(asks(ruling, searching), question, located.call.answer_by)
        people = joined(replies(answers), order, base, located.today)
        return map(named, people), {name: status_of(answer) for name, answer in answers.items()}

    async def in_directories(
        located: Located, ruling: Ruling, committees: tuple[str, ...], terms: tuple[Term, ...]
    ) -> tuple[Iterator[Row], Mapping[str, SourceStatus]]:
        lists = asks(ruling, listing)
        loaded = await directories.load(
            committees, reader_of(located.call.subject), lists, located.call.answer_by, located.today
        )
        found = [directory.find(terms) for directory, _ in loaded]
        if len(loaded) == 1:
            return found[0], loaded[0][1]
        return each_once(chain.from_iterable(found)), worst(sources for _, sources in loaded)

    def asks(ruling: Ruling, able_ones: tuple[str, ...]) -> Mapping[str, Ask]:
        return {name: systems[name] for name in able_ones if name in ruling.allowed}

    return searched


def able(lines: Mapping[str, LineSystem], query: type[Query]) -> tuple[str, ...]:
    """Return the systems that can be asked a query of this type."""
    return tuple(name for name, line in lines.items() if query in line.connector.operations)


def committees_of(areas: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the areas when they are committees, and few enough to search in their directories; else None."""
    few = len(areas) <= MAX_DIRECTORIES
    return areas if few and all(len(area) == COMMITTEE_DIGITS for area in areas) else None


@lru_cache(maxsize=4096)
def scope_of(roles: tuple[RoleInScope, ...], today: date) -> tuple[str, ...]:
    """Return the area of whoever holds these roles as region-code prefixes, without those within another."""
    # An empty prefix would be the whole country; policy counts it as nowhere.
    prefixes = sorted({prefix for role in roles if role.holds(today) for prefix in role.scope if prefix})
    return tuple(
        one for one in prefixes if not any(one != other and one.startswith(other) for other in prefixes)
    )


def each_once(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield everybody at their first appearance: who moved stands in the lists of two committees."""
    seen: set[Identity] = set()
    for person, matched in rows:
        if person.identity not in seen:
            seen.add(person.identity)
            yield person, matched


def is_tail(term: Term) -> bool:
    """Tell whether a term may be the tail of a phone or ID number."""
    return term.kind is TermKind.DIGITS and len(term.text) >= TAIL_DIGITS


def named(person: Person) -> Row:
    """Return a person whom a system's own search found: by name, whichever system's."""
    return person, (frozenset(("name", value.source) for value in person.fields.get("name", ())),)
