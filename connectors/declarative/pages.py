"""Read a list in the pages that its system gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import httpx

from connectors.declarative.request import next_link
from connectors.sdk import BadUpstreamData, Exchange, Page, Record, ask, list_pages, unique
from connectors.sdk.paging import MAX_PAGES, whole_list

if TYPE_CHECKING:
    from connectors.declarative.answer import Told
    from connectors.declarative.shape import Endpoint, Pages
    from connectors.declarative.template import Value

Make = Callable[[Mapping[str, "Value"]], httpx.Request]
"""Make the request for the page that the values of ``page.`` name."""
Read = Callable[[httpx.Response], "Told"]
Records = Callable[["Told"], list[Record]]


def whole(endpoint: Endpoint, make: Make, read: Read, records: Records) -> Exchange:
    """Ask for all pages of a list and return its records, each local number once.

    Raises BadUpstreamData for a list of another length than its first page says, a page that comes twice, and
    more than 200 pages. Not guaranteed, where the system says no total: that it leaves nobody out.
    """
    pages = endpoint.pages
    if pages is None:
        told = read((yield from ask(make({}))))
        return _checked(records(told), told.total)
    if pages.style in {"cursor", "next_link"}:
        return (yield from _followed(pages, make, read, records))
    answer = endpoint.answer
    if answer is not None and answer.total is not None:
        return (yield from _counted(pages, make, read, records))
    return (yield from _until_empty(pages, make, read, records))


def _counted(pages: Pages, make: Make, read: Read, records: Records) -> Exchange:
    """Ask for as many pages as the total makes, a few at a time."""
    size = pages.size or 1

    def request(number: int) -> httpx.Request:
        return make(
            {"page.number": number - 1 + pages.first, "page.offset": (number - 1) * size, "page.size": size}
        )

    def page(response: httpx.Response) -> Page:
        told = read(response)
        return Page(records(told), -1 if told.total is None else told.total)

    return (yield from list_pages(request, page, size))


def _until_empty(pages: Pages, make: Make, read: Read, records: Records) -> Exchange:
    """Ask for page after page until one is empty: a short one may be the system's own idea of a page."""
    people: list[Record] = []
    for number in range(MAX_PAGES):
        place = {"page.number": number + pages.first, "page.offset": len(people), "page.size": pages.size}
        told = read((yield from ask(make(place))))
        if not told.rows:
            return unique(people)
        people += _new(people, records(told))
    raise BadUpstreamData("more pages than a list has")


def _followed(pages: Pages, make: Make, read: Read, records: Records) -> Exchange:
    """Go where each page says that the list goes on."""
    first = make({"page.cursor": None, "page.size": pages.size})
    asked, people, seen, total = first, list[Record](), set[str](), None
    for number in range(MAX_PAGES):
        told = read((yield from ask(asked)))
        people += records(told)
        total = told.total if number == 0 else total
        if told.next is None:
            return _checked(people, total)
        if told.next in seen:
            raise BadUpstreamData("a page that comes twice")
        seen.add(told.next)
        asked = (
            next_link(first, told.next)
            if pages.style == "next_link"
            else make({"page.cursor": told.next, "page.size": pages.size})
        )
    raise BadUpstreamData("more pages than a list has")


def _new(people: list[Record], page: list[Record]) -> list[Record]:
    if {one.local_id for one in page} <= {one.local_id for one in people}:
        raise BadUpstreamData("a page that comes twice")
    return page


def _checked(people: list[Record], total: int | None) -> list[Record]:
    return unique(people) if total is None else whole_list(people, total)
