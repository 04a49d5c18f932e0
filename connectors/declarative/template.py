"""Fill a question's values into a request: ``{query.name}`` and nothing else.

There is no language here. A value goes into JSON as a value, into a form or a query string percent-encoded,
into the path as one segment or a part of one: it can change what is asked for, never where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from connectors.sdk.marked_yaml import Place

Value = str | int | list[str] | None
Values = Mapping[str, Value]
"""Name of a placeholder, without braces -> what to fill in; None leaves out the member that holds it."""

PERSONAL: Final = frozenset(
    {
        "query.citizen_id",
        "query.citizen_ids",
        "query.household",
        "query.local_id",
        "query.name",
        "query.passport",
    }
)
"""Placeholders for what names a person; a URL stands in the logs of everybody on the way."""
LISTS: Final = frozenset({"query.citizen_ids"})

_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]*")
_CLIMBING: Final = frozenset({"", ".", ".."})


class Unaskable(Exception):
    """A value cannot be written where the system wants it: nobody bears it there."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with placeholders: literals and, between each two of them, a placeholder's name."""

    literals: tuple[str, ...]
    holes: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Text:
        """Read a text; raises ValueError for a brace that belongs to no placeholder."""
        parts = _HOLE.split(text)
        if any("{" in literal or "}" in literal for literal in parts[::2]):
            raise ValueError("a brace begins or ends a placeholder such as {query.name}, and nothing else")
        return cls(tuple(parts[::2]), tuple(parts[1::2]))

    @property
    def alone(self) -> bool:
        """Tell whether it is one placeholder and no more."""
        return self.literals == ("", "") and len(self.holes) == 1

    def fill(self, values: Values) -> Value:
        """Return the text; a placeholder that stands alone gives its value as it is, number or list."""
        if self.alone:
            return values[self.holes[0]]
        filled = [str(values[hole]) for hole in self.holes]
        return "".join(part for pair in zip(self.literals, [*filled, ""], strict=True) for part in pair)


Body = Text | Mapping[str, "Body"] | list["Body"] | int | float | bool | None
"""A template of JSON, its texts read."""


def read_body(given: Any) -> Body:
    """Read a template of JSON; raises ValueError as :meth:`Text.parse` does."""
    match given:
        case str():
            return Text.parse(given)
        case dict():
            return {name: read_body(value) for name, value in given.items()}
        case list():
            return [read_body(value) for value in given]
        case _:
            return given  # type: ignore[no-any-return]  # a plain value of YAML


def fill_body(body: Body, values: Values) -> Any:
    """Return the JSON with its values; members and items whose placeholder is None are left out."""
    match body:
        case Text():
            return body.fill(values)
        case Mapping():
            filled = {name: fill_body(part, values) for name, part in body.items()}
            return {name: value for name, value in filled.items() if not _left_out(body[name], value)}
        case list():
            pairs = [(part, fill_body(part, values)) for part in body]
            return [value for part, value in pairs if not _left_out(part, value)]
        case _:
            return body


def texts_of(body: Body, place: Place = ()) -> Iterator[tuple[Place, Text]]:
    """Yield all texts of a template, each with its place."""
    match body:
        case Text():
            yield place, body
        case Mapping():
            for name, part in body.items():
                yield from texts_of(part, (*place, name))
        case list():
            for index, part in enumerate(body):
                yield from texts_of(part, (*place, index))


def read_path(text: str) -> tuple[Text, ...]:
    """Read a path as its segments; raises ValueError with a sentence.

    A literal is taken as it is, so it holds nothing that would have to be encoded, and no ``..``.
    """
    segments = tuple(Text.parse(segment) for segment in text.removeprefix("/").split("/"))
    for segment in segments:
        if not all(_SEGMENT.fullmatch(literal) for literal in segment.literals):
            raise ValueError(
                "holds what a path cannot: the part behind ? goes into query_string, and all else is written "
                "percent-encoded by a placeholder only"
            )
        if not segment.holes and segment.literals[0] in _CLIMBING - {""}:
            raise ValueError("must not hold . or .. as a segment")
    return segments


def fill_path(segments: tuple[Text, ...], values: Values) -> str:
    """Return the path below the base URL, percent-encoded (RFC 3986 section 3.3).

    Raises Unaskable for a value that would leave a segment empty, ``.`` or ``..``: these mean another path.
    """
    return "/".join(_segment(segment, values) for segment in segments)


def fill_pairs(pairs: Mapping[str, Body], values: Values, charset: str) -> str:
    """Return a query string, percent-encoded (RFC 3986 section 3.4), without those whose value is None."""
    filled = fill_flat(pairs, values)
    return "&".join(f"{_encoded(name, charset)}={_encoded(value, charset)}" for name, value in filled.items())


def fill_flat(pairs: Mapping[str, Body], values: Values) -> dict[str, str]:
    """Return names and values as text, without those whose value is None."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in fill_body(pairs, values).items()
    }


def _segment(segment: Text, values: Values) -> str:
    encoded = {hole: _encoded(str(values[hole]), "utf-8") for hole in segment.holes}
    filled = str(segment.fill(encoded))
    if segment.holes and filled in _CLIMBING:
        raise Unaskable
    return filled


def _encoded(text: str, charset: str) -> str:
    try:
        return quote(text, safe="", encoding=charset)
    except UnicodeEncodeError:
        pass  # raised below, outside of the handler: Python's error holds the text
    raise Unaskable


def _left_out(part: Body, value: Any) -> bool:
    return value is None and isinstance(part, Text)
