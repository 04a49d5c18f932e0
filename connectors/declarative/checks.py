"""What is wrong with a description though each of its parts is sound: parts that do not fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from connectors.declarative.template import LISTS, PERSONAL, texts_of
from connectors.sdk import Kind, Record

if TYPE_CHECKING:
    from connectors.declarative.shape import Answer, Description, Endpoint, FieldOf
    from connectors.sdk.marked_yaml import Place

Fault = tuple["Place", str]

ASKS: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    "find": (frozenset({"query.citizen_id", "query.citizen_ids"}),),
    "find_by_passport": (frozenset({"query.passport"}),),
    "find_by_local_id": (frozenset({"query.local_id"}),),
    "household": (frozenset({"query.household"}),),
    "search": (frozenset({"query.name"}), frozenset({"query.region"})),
    "list": (frozenset({"query.committee"}),),
    "cohort": (frozenset({"query.committee"}), frozenset({"query.age_from"})),
}
"""Of each endpoint, sets of placeholders: without one of each set the request would ask for all."""
_PAGED: Final = frozenset({"cohort", "list"})
_PAGE_HOLES: Final[Mapping[str, frozenset[str]]] = {
    "cursor": frozenset({"page.cursor"}),
    "next_link": frozenset(),
    "offset": frozenset({"page.offset"}),
    "page_number": frozenset({"page.number"}),
}
_IN_URL: Final = frozenset({"path", "query_string"})
_LOGGED: Final = (
    "would stand in URLs, and so in everybody's logs: send it in json or form, or say why it cannot be "
    "helped: upstream_wants_id_in_url: reason"
)
_FOLLOWING: Final = frozenset({"cursor", "next_link"})
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODED: Final[Mapping[str, type]] = {"boolean": bool, "integer": int, "list": str, "text": str}
_DAY: Final = datetime(2001, 2, 3)  # noqa: DTZ001  # a day, of no zone


def misfits(description: Description) -> Iterator[Fault]:
    """Yield every fault: the place of the part, and a sentence."""
    if description.answer:
        yield from _answer(("answer",), description.answer)
    yield from _endpoints(description)
    for name, field in description.fields.items():
        yield from _field(("fields", name), name, field, description)


def _endpoints(description: Description) -> Iterator[Fault]:
    endpoints = description.endpoints.given()
    if not endpoints:
        yield ("endpoints",), f"must have at least one of {', '.join(ASKS)}"
    for name, endpoint in endpoints.items():
        place = ("endpoints", name)
        if endpoint.answer:
            yield from _answer((*place, "answer"), endpoint.answer)
        elif not description.answer:
            yield place, "has no answer, and neither has the description: say where its rows stand"
        yield from _endpoint(place, name, endpoint)
    for name in description.ttl_s.keys() - endpoints.keys():
        yield ("ttl_s", name), "there is no such endpoint"
    for name, needed in (("find", "citizen_id"), ("find_by_passport", "passport")):
        if name in endpoints and getattr(description.person, needed) is None:
            sentence = f"{needed} must be given: {name} could not tell whether it found the right person"
            yield ("person",), sentence


def _answer(place: Place, answer: Answer) -> Iterator[Fault]:
    if answer.code is None and answer.ok is not None:
        yield (*place, "ok"), "needs code: where the answer says how it went"
    if answer.code is not None and answer.ok is None:
        yield (*place, "code"), "needs ok: the values that mean success"
    if answer.code is None and answer.meanings:
        yield (*place, "meanings"), "needs code: where the answer says how it went"
    for word in set(answer.ok or ()) & answer.meanings.keys():
        yield (*place, "meanings", word), "means success already"


def _endpoint(place: Place, name: str, endpoint: Endpoint) -> Iterator[Fault]:
    holes = list(endpoint.holes())
    everywhere = {hole for _, hole in holes}
    yield from _body(place, endpoint)
    yield from _pages(place, name, endpoint, everywhere)
    may, reason = _may_use(name, endpoint), endpoint.upstream_wants_id_in_url
    for inside, hole in holes:
        if hole not in may:
            yield (*place, *inside), f"there is no {{{hole}}} here; there are {_listed(may)}"
        elif hole in PERSONAL and inside[0] in _IN_URL and not reason:
            yield (*place, *inside), f"{{{hole}}} {_LOGGED}"
    if reason and not any(hole in PERSONAL and inside[0] in _IN_URL for inside, hole in holes):
        yield (*place, "upstream_wants_id_in_url"), "nothing in this URL names a person"
    for needed in ASKS[name]:
        if not needed & everywhere:
            yield place, f"does not say what it asks for: use {_listed(needed)}"
    if endpoint.most is not None and "query.limit" not in everywhere:
        yield (*place, "most"), "needs {query.limit} in the request"


def _may_use(name: str, endpoint: Endpoint) -> frozenset[str]:
    own = frozenset[str]().union(*ASKS[name]) | ({"query.limit"} if name == "search" else set())
    if endpoint.pages is None:
        return own
    return own | _PAGE_HOLES[endpoint.pages.style] | ({"page.size"} if endpoint.pages.size else set())


def _body(place: Place, endpoint: Endpoint) -> Iterator[Fault]:
    if endpoint.json_ is not None and endpoint.form is not None:
        yield (*place, "form"), "a request has json or form, not both"
    if endpoint.method == "GET" and (endpoint.json_ is not None or endpoint.form is not None):
        yield (*place, "method"), "a GET has no body: use POST, or query_string in place of json and form"
    for inside, hole in endpoint.holes():
        if hole in LISTS and inside[0] != "json":
            yield (*place, *inside), f"{{{hole}}} is a list, and stands in json only"
    for inside, text in texts_of(endpoint.json_):
        if LISTS & set(text.holes) and not text.alone:
            yield (*place, "json", *inside), f"{_listed(LISTS)} is a list, and stands alone"


def _pages(place: Place, name: str, endpoint: Endpoint, holes: set[str]) -> Iterator[Fault]:
    pages = endpoint.pages
    if pages is None:
        return
    if name not in _PAGED:
        yield (*place, "pages"), f"only {_plain(_PAGED)} come in pages"
    for hole in sorted(_PAGE_HOLES[pages.style] - holes):
        yield (*place, "pages"), f"the request does not say which page: use {{{hole}}}"
    if pages.style in _FOLLOWING and pages.next is None:
        yield (
            (*place, "pages"),
            f"next must be given: where the answer has the next {pages.style.split('_')[-1]}",
        )
    if pages.style not in _FOLLOWING and pages.next is not None:
        yield (*place, "pages", "next"), f"only {_plain(_FOLLOWING)} have it"
    if pages.style not in _FOLLOWING and pages.size is None:
        yield (*place, "pages"), "size must be given: how many rows a page has"


def _field(place: Place, name: str, field: FieldOf, description: Description) -> Iterator[Fault]:
    if not _FIELD.fullmatch(name):
        yield place, "must be a lower-case word of letters, digits and _"
    elif hasattr(Record, name) or name in Record.model_fields:
        yield place, "this name is taken by every record: choose another"
    numbers = (description.person.citizen_id, description.person.passport)
    if (field.type == "citizen_id" or field.from_ in numbers) and field.kind is not Kind.ID:
        yield (*place, "kind"), "must be id: the field holds the person's number"
    if field.format is not None and field.type != "date":
        yield (*place, "format"), "only a date has it: type: date"
    elif field.format is not None and not _reads_back(field.format):
        yield (
            (*place, "format"),
            "must name the year of four digits, month and day as strptime does, such as %Y%m%d",
        )
    if field.separator is not None and field.type != "list":
        yield (*place, "separator"), "only a list has it: type: list"
    for code, meaning in (field.codes or {}).items():
        wanted = _CODED.get(field.type)
        if wanted is None:
            yield (*place, "codes"), f"a {field.type} has no codes"
            break
        if type(meaning) is not wanted:
            yield (*place, "codes", code), f"must be {_NAMES[wanted]}, as the field is"


_NAMES: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    str: "text: put it in quotes",
}


def _reads_back(form: str) -> bool:
    try:
        read: date = datetime.strptime(_DAY.strftime(form), form).date()  # noqa: DTZ007  # a day, of no zone
    except ValueError:
        return False
    return read == _DAY.date() and "%y" not in form


def _listed(holes: frozenset[str]) -> str:
    return ", ".join(f"{{{hole}}}" for hole in sorted(holes))


def _plain(words: frozenset[str]) -> str:
    return " and ".join(sorted(words))
