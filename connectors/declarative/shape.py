"""The shape of a description: what an author writes. ``docs/connectors-yaml.md`` tells it with an example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, model_validator

from connectors.declarative import template
from connectors.declarative.part import Charset, Part, Seconds, Where, Words
from connectors.declarative.signing_in import Auth
from connectors.sdk import Kind
from connectors.sdk.marked_yaml import Place

MOST_ROWS = 1000


def _path(given: Any) -> tuple[template.Text, ...]:
    if not isinstance(given, str) or not given.startswith("/"):
        raise ValueError("must be a path that begins with /")
    return template.read_path(given)


def _members(given: Any) -> template.Body:
    if not isinstance(given, dict):
        raise ValueError("must hold keys and values")  # noqa: TRY004  # pydantic takes ValueError
    return template.read_body(given)


def _pairs(given: Any) -> template.Body:
    members = _members(given)
    if any(isinstance(value, dict | list) for value in given.values()):
        raise ValueError("must hold plain values")
    return members


def _meaning(given: Any) -> str | int | bool:
    if not isinstance(given, str | int):
        raise ValueError("must be text, a whole number, true or false")  # noqa: TRY004  # pydantic takes ValueError
    return given


Meaning = Annotated[str | int | bool, PlainValidator(_meaning)]
Template = Annotated[Any, PlainValidator(_members)]
Pairs = Annotated[Any, PlainValidator(_pairs)]
Segments = Annotated[Any, PlainValidator(_path)]


class Answer(Part):
    """Where things stand in an answer, which is JSON."""

    rows: Where
    """The list of people, or the one person."""
    total: Where | None = None
    """How many people a list has on all pages."""
    code: Where | None = None
    """Where the answer says how it went, beside the HTTP status."""
    ok: Words | None = None
    """Values of ``code`` that mean success."""
    meanings: dict[str, Literal["expired", "nobody", "throttled", "unavailable"]] = Field(default={})
    """What other values of ``code`` mean; one that is not here is bad data."""


class Pages(Part):
    """How a long list comes in pages."""

    style: Literal["cursor", "next_link", "offset", "page_number"]
    size: int | None = Field(default=None, ge=1, le=MOST_ROWS)
    first: int = Field(default=1, ge=0, le=1)
    """Number of the first page."""
    next: Where | None = None
    """Where the answer has the next cursor or the next page's address; null, "" or absent on the last."""


class Endpoint(Part):
    """One thing to ask for."""

    path: Segments
    method: Literal["GET", "POST"] = "POST"
    query_string: Pairs = Field(default={})
    json_: Template = Field(default=None, alias="json")
    form: Pairs = None
    answer: Answer | None = None
    """Where it differs from the description's own; the whole of it."""
    pages: Pages | None = None
    most: int | None = Field(default=None, ge=1, le=MOST_ROWS)
    """The highest ``{query.limit}`` that the system takes."""
    upstream_wants_id_in_url: Annotated[str, Field(min_length=5)] | None = None
    """Why what names a person must stand in the URL."""

    def holes(self) -> Iterator[tuple[Place, str]]:
        """Yield all placeholders of the request, each with its place in this part."""
        for segment in self.path:
            yield from ((("path",), hole) for hole in segment.holes)
        for name, part in (("query_string", self.query_string), ("json", self.json_), ("form", self.form)):
            for place, text in template.texts_of(part):
                yield from (((name, *place), hole) for hole in text.holes)


class Endpoints(Part):
    """What the system can be asked, at least one."""

    find: Endpoint | None = None
    """A person by citizen number."""
    find_by_passport: Endpoint | None = None
    find_by_local_id: Endpoint | None = None
    household: Endpoint | None = None
    """The members of a household, by the system's number."""
    search: Endpoint | None = None
    """People by name in a region."""
    list: Endpoint | None = None
    """Everybody under a committee."""
    cohort: Endpoint | None = None
    """Everybody under a committee from an age."""

    def given(self) -> dict[str, Endpoint]:
        """Return those that the description has."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: endpoint for name, endpoint in found.items() if endpoint is not None}


class Person(Part):
    """Where a row says whom it is about."""

    local_id: Where
    """The system's own number of the person."""
    citizen_id: Where | None = None
    passport: Where | None = None
    household: Where | None = None
    registered_region: Where | None = None
    residence_region: Where | None = None


class FieldOf(Part):
    """One field of a record."""

    from_: Where = Field(alias="from")
    kind: Annotated[Kind, Field(strict=False)]
    """How sensitive it is."""
    type: Literal["boolean", "citizen_id", "date", "integer", "list", "text"] = "text"
    format: str | None = None
    """Of a date, as strptime writes it; ISO 8601 (2026-11-21) when absent."""
    separator: str | None = Field(default=None, min_length=1)
    """Of a list that comes as one text."""
    codes: dict[str, Meaning] | None = Field(default=None, min_length=1)
    """What the system's codes mean; one that is not here leaves the field empty."""


class Description(Part):
    """One system."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
    title: Annotated[str, Field(min_length=1, max_length=40)]
    seal: Annotated[str, Field(min_length=1, max_length=1)]
    auth: Auth
    charset: Charset = "utf-8"
    """Of answers that declare none, and of forms."""
    timeout_s: Seconds = 3.0
    list_timeout_s: Seconds = 30.0
    ttl_s: dict[str, Seconds] = Field(default={})
    """How long an answer stays fresh, by endpoint."""
    endpoints: Endpoints
    answer: Answer | None = None
    person: Person
    fields: Annotated[dict[str, FieldOf], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            raise ValueError("must hold keys and values")  # noqa: TRY004  # pydantic takes ValueError
        return given
