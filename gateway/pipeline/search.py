"""search: find people within the reader's area, in the committees' directories or by the systems' search."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from connectors.sdk import ListCommittee
from connectors.sdk import Search as SearchByName
from gateway.model import Outcome, SearchPeople
from gateway.pipeline.ask import allowed, ask_all, replies, standing, status_of, worst
from gateway.residents.directory import TAIL_DIGITS
from gateway.residents.merge import merge as joined
from gateway.residents.terms import Term, TermKind, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connectors.sdk import Identity, Query
    from gateway.clock import Clock
    from gateway.model import Call, Person, SourceStatus
    from gateway.pipeline.directories import Directories
    from gateway.pipeline.step import Ask, Step
    from gateway.upstream.system import LineSystem
    from policies.model import Subject

    Found = tuple[Iterable[Person], Mapping[str, SourceStatus]]

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
    clock: Clock,
) -> Step:
    """Make the innermost part of a search; ``lines`` tell what each system can be asked."""
    order = tuple(systems)

    async def searched(call: Call) -> Outcome:
        query = call.query
        if not isinstance(query, SearchPeople):
            raise TypeError("the merge step sends searches only")
        terms = parse(query.text)
        areas = scope_of(call.subject, clock)
        committees = committees_of(areas)
        if committees is not None:
            people, sources = await in_directories(call, committees, terms)
        elif terms and all(term.kind in {TermKind.WORD, TermKind.LETTERS} for term in terms):
            people, sources = await by_name(call, areas, terms, query.limit)
        else:
            return Outcome(call, (), standing(call, order, {}), hints=(NAME_ONLY,))
        hints = (TAIL_NEEDS_PURPOSE,) if any(is_tail(term) for term in terms) else ()
        return Outcome(call, tuple(islice(people, MAX_CANDIDATES)), standing(call, order, sources), hints)

    async def by_name(call: Call, areas: tuple[str, ...], terms: tuple[Term, ...], limit: int) -> Found:
        query = SearchByName("".join(term.text for term in terms), areas, limit * 2)
        answers = await ask_all(asks(call, SearchByName), query, call.answer_by)
        people = joined(replies(answers), order, base, clock.today())
        return map(named, people), {name: status_of(answer) for name, answer in answers.items()}

    async def in_directories(call: Call, committees: tuple[str, ...], terms: tuple[Term, ...]) -> Found:
        lists = asks(call, ListCommittee)
        loaded = await asyncio.gather(
            *(directories.load(committee, lists, call.answer_by) for committee in committees)
        )
        people = chain.from_iterable(one.find(terms) for one, _ in loaded)
        return each_once(people), worst(sources for _, sources in loaded)

    def asks(call: Call, query: type[Query]) -> Mapping[str, Ask]:
        return {name: systems[name] for name in able(lines, query) if allowed(call, name)}

    return searched


def able(lines: Mapping[str, LineSystem], query: type[Query]) -> tuple[str, ...]:
    """Return the systems that can be asked a query of this type."""
    return tuple(name for name, line in lines.items() if query in line.connector.operations)


def committees_of(areas: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the areas when they are committees, and few enough to search in their directories; else None."""
    few = len(areas) <= MAX_DIRECTORIES
    return areas if few and all(len(area) == COMMITTEE_DIGITS for area in areas) else None


def scope_of(subject: Subject, clock: Clock) -> tuple[str, ...]:
    """Return the reader's area as region-code prefixes, without those that lie within another."""
    today = clock.today()
    # An empty prefix would be the whole country; policy counts it as nowhere.
    prefixes = sorted(
        {prefix for role in subject.roles if role.holds(today) for prefix in role.scope if prefix}
    )
    return tuple(
        one for one in prefixes if not any(one != other and one.startswith(other) for other in prefixes)
    )


def each_once(people: Iterable[Person]) -> Iterator[Person]:
    """Yield everybody at their first appearance: who moved stands in the lists of two committees."""
    seen: set[Identity] = set()
    for person in people:
        if person.identity not in seen:
            seen.add(person.identity)
            yield person


def is_tail(term: Term) -> bool:
    """Tell whether a term may be the tail of a phone or ID number."""
    return term.kind is TermKind.DIGITS and len(term.text) >= TAIL_DIGITS


def named(person: Person) -> Person:
    """Return a person whom a system's own search found: by name, whichever system's."""
    return replace(
        person, matched=(frozenset(("name", value.source) for value in person.fields.get("name", ())),)
    )
