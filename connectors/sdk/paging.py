"""Read a list page by page without trusting what the upstream says about its length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from connectors.sdk.errors import BadUpstreamData
from connectors.sdk.record import Record

MAX_PAGES: Final = 200


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
