"""Read an answer: whether it worked, whom it tells of, how many there are and where it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from connectors.declarative.part import word_of
from connectors.sdk import BadUpstreamData, SessionExpired, Throttled, Unavailable, UpstreamError, decode

if TYPE_CHECKING:
    import httpx

    from connectors.declarative.pointer import Pointer
    from connectors.declarative.shape import Answer

NOBODY: Final = "nobody"
_MEANINGS: Final[Mapping[str, type[UpstreamError]]] = {
    "expired": SessionExpired,
    "throttled": Throttled,
    "unavailable": Unavailable,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer tells. ``repr()`` shows nobody."""

    rows: list[Any]
    total: int | None
    """None where the system does not say."""
    next: str | None
    """Cursor or address of the next page; None on the last."""

    def __repr__(self) -> str:
        """Show how many rows there are."""
        return f"<{len(self.rows)} rows>"


def read(answer: Answer, response: httpx.Response, charset: str, following: Pointer | None = None) -> Told:
    """Read a response; no rows where the system says that it knows nobody.

    Raises what the answer's own code means, else BadUpstreamData; LookupError and ValueError, quoting
    nothing, for what is not as described.
    """
    said = orjson.loads(decode(response, charset))
    if answer.code is not None:
        word = word_of(answer.code.find(said))
        meaning = answer.meanings.get(word)
        if meaning == NOBODY:
            return Told([], 0, None)
        if meaning is not None:
            raise _MEANINGS[meaning]
        if word not in (answer.ok or ()):
            raise BadUpstreamData("the system refused")
    rows = answer.rows.find(said)
    total = None if answer.total is None else _count(answer.total.find_or_none(said))
    return Told(_rows(rows), total, _next(following, said))


def _rows(given: Any) -> list[Any]:
    """Return a list as it is, one person as a list of one, null as nobody."""
    match given:
        case list():
            return given
        case dict():
            return [given]
        case None:
            return []
    raise ValueError("no list of people")


def _count(given: Any) -> int | None:
    word = word_of(given)
    if word and not (word.isascii() and word.isdigit() and len(word) <= 9):  # noqa: PLR2004  # digits of a count
        raise ValueError("an impossible number of rows")
    return int(word) if word else None


def _next(following: Pointer | None, said: Any) -> str | None:
    given = following.find_or_none(said) if following else None
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise ValueError("no next page")  # noqa: TRY004  # what is wrong with data is a ValueError
    return None if given is None else str(given).strip() or None
