"""Read a list page by page without trusting what the upstream says about its length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import httpx

from connectors.sdk.connector import Exchange, ask, ask_all
from connectors.sdk.errors import BadUpstreamData
from connectors.sdk.record import Record
from connectors.sdk.run import AT_ONCE

MAX_PAGES: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    records: list[Record]
    total: int
    """Rows of the whole list, as this page says; that of the first page counts."""


def list_pages(
    request: Callable[[int], httpx.Request], read: Callable[[httpx.Response], Page], page_size: int
) -> Exchange:
    """Ask for a list page by page and return all its records, each local number once.

    ``request`` makes the request for a page, the first of which is 1; ``read`` makes a page of the answer.
    After the first, a few pages are asked for together and read before the next few, so that answers do not
    pile up in memory and nobody else waits for a long list to be parsed. Raises BadUpstreamData as
    :func:`further_pages` and :func:`whole_list` do.
    """
    first = read((yield from ask(request(1))))
    records = [*first.records]
    numbers = further_pages(first.total, page_size)
    for start in range(0, len(numbers), AT_ONCE):
        answers = yield from ask_all([request(number) for number in numbers[start : start + AT_ONCE]])
        for answer in answers:
            records += read(answer).records
    return whole_list(records, first.total)


def further_pages(total: int, page_size: int) -> range:
    """Return the numbers of the pages after the first (which is 1) for a list of ``total`` rows.

    Raises BadUpstreamData for a negative total and for more than 200 pages.
    """
    if not 0 <= total <= page_size * MAX_PAGES:
        raise BadUpstreamData("an impossible number of rows")
    return range(2, -(-total // page_size) + 1)


def unique(records: Iterable[Record]) -> list[Record]:
    """Return the records in order, each local number once."""
    return list({record.local_id: record for record in records}.values())


def whole_list(records: Iterable[Record], total: int) -> list[Record]:
    """Return the records of all pages, in order and each local number once.

    Raises BadUpstreamData unless they are as many as the first page promised: a list that silently lacks
    people is worse than none, because somebody is not visited.
    """
    people = unique(records)
    if len(people) != total:
        raise BadUpstreamData("the pages are not the list that the first one promised")
    return people
