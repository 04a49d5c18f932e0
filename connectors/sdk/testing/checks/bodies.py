"""What a connector makes of bodies that are not what they should be."""

from __future__ import annotations

from connectors.sdk.errors import BadUpstreamData, Unavailable, UpstreamError
from connectors.sdk.kinds import Kind
from connectors.sdk.query import Query, Search
from connectors.sdk.record import Record
from connectors.sdk.testing.line import Line, texts
from connectors.sdk.testing.verdict import Broken, NotPossible

UNREADABLE = (BadUpstreamData, Unavailable)
RARE_NAMES = ("𠮷田𬱖", "阿卜杜热合曼·买买提江")
"""Characters outside the Basic Multilingual Plane (four bytes each), and a name of eleven characters."""

MAX_TIMEOUT_S = 60.0
MAX_LIST_TIMEOUT_S = 600.0


async def slow_drip(line: Line) -> None:
    """Send the answer a few bytes at a time: the call ends when its time is over."""
    manifest = line.connector.manifest
    if not (0 < manifest.timeout_s <= MAX_TIMEOUT_S and 0 < manifest.list_timeout_s <= MAX_LIST_TIMEOUT_S):
        raise Broken(
            f"A call must end within {MAX_TIMEOUT_S:.0f} seconds and a list within {MAX_LIST_TIMEOUT_S:.0f}; "
            f"the manifest says {manifest.timeout_s:.0f} and {manifest.list_timeout_s:.0f}."
        )
    query = line.question()
    healthy = await line.found(query)
    await line.hurt(drip=True)
    try:
        records = await line.account.once(query)
    except Unavailable:
        return
    except UpstreamError as error:
        raise Broken(f"A dripping answer must raise Unavailable, not {type(error).__name__}.") from None
    if records != healthy:  # a short answer may be whole in time
        raise Broken("A dripping answer must be whole, or Unavailable.")


async def oversized_body(line: Line) -> None:
    """Answer with a megabyte of blanks, which the connector has to read, and with four, which are cut off."""
    await _unreadable(line, "An oversized answer", oversize_mb=1)
    await _unreadable(line, "An oversized answer", oversize_mb=4)


async def truncated_body(line: Line) -> None:
    """Cut the answer in half."""
    await _unreadable(line, "An answer cut in half", truncate=True)


async def garbage(line: Line) -> None:
    """Answer with random bytes."""
    await _unreadable(line, "An answer of random bytes", garbage=True)


async def _unreadable(line: Line, trouble: str, **switches: object) -> None:
    query = line.question()
    await line.hurt()
    await line.found(query)
    await line.hurt(**switches)
    await line.failure(query, trouble, UNREADABLE)


async def wrong_charset(line: Line) -> None:
    """Send another charset than the declared one: to be found out, or read rightly."""
    query = line.question()
    healthy = await line.found(query)
    for charset in ("utf-8", "gb18030"):  # one of them is the right one
        await line.hurt(charset=charset)
        await _read_or_refused(line, query, healthy, "Text in another charset than declared")


async def mojibake(line: Line) -> None:
    """Break a character: nothing may be guessed. A name that is broken at its source comes as it is."""
    query = line.question()
    healthy = await line.found(query)
    await line.hurt(mojibake=True)
    await _read_or_refused(line, query, healthy, "Text with a broken character")
    name = _name_in(healthy)
    await line.hurt(rewrite={name: "锟斤拷锟斤拷"})
    try:
        records = await line.account.once(query)
    except UNREADABLE:
        return
    if not _holds(records, "锟斤拷锟斤拷"):
        raise Broken("A name that is broken at its source must come as it is.")


async def _read_or_refused(line: Line, query: Query, healthy: list[Record], trouble: str) -> None:
    try:
        records = await line.account.once(query)
    except UNREADABLE:
        return
    except UpstreamError as error:
        raise Broken(f"{trouble} must raise BadUpstreamData, not {type(error).__name__}.") from None
    if records != healthy:
        raise Broken(f"{trouble} must raise BadUpstreamData or be read rightly; it was read wrongly.")


async def four_byte_names(line: Line) -> None:
    """Give a person a name that GBK cannot write, and one that is long, and search by it."""
    query = line.question()
    name = _name_in(await line.found(query))
    for rare in RARE_NAMES:
        await line.hurt(rewrite={name: rare})
        if not _holds(await line.answer(query), rare):
            raise Broken(f"The name {rare} must come whole.")
        await line.hurt()
        if Search in line.connector.operations:
            await line.answer(Search(rare, (line.samples.region or "31",), 5))


def _name_in(records: list[Record]) -> str:
    names = [name for record in records for name in texts(record, Kind.NAME)]
    if not names:
        raise NotPossible("the connector's records hold no name")
    return names[0]


def _holds(records: list[Record], name: str) -> bool:
    return any(name in texts(record, Kind.NAME) for record in records)
