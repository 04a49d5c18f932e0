"""Search, look up, read and reveal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from gateway.errors import NotFoundInScope
from gateway.web import respond
from gateway.web.endpoint import query_of
from gateway.web.reader import Why
from gateway.web.schema import LookupBody, PurposeQuery, RevealBody, SearchBody

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.model import Outcome, Person
    from gateway.residents.tokens import Tokens
    from gateway.web.endpoint import Asked


async def search(asked: Asked[SearchBody]) -> web.Response:
    """Find people within the caller's area; a whole number finds at most the one who has it."""
    body = asked.body
    try:
        outcome = await asked.reader.search(body.query, body.limit, Why(body.purpose, body.note))
    except NotFoundInScope:
        return respond.json({"results": [], "complete": True, "sources": {}, "hints": []})
    return respond.json(
        {
            "results": [_hit(person, asked.services.tokens) for person in outcome.people],
            "complete": respond.complete(outcome.sources),
            "sources": {name: respond.source(status) for name, status in outcome.sources.items()},
            "hints": list(outcome.hints),
        }
    )


async def lookup(asked: Asked[LookupBody]) -> web.Response:
    """Look a person up by document number; unknown and out of scope are one answer."""
    body = asked.body
    outcome = await asked.reader.lookup(body.id_number, Why(body.purpose, body.note))
    return _record(outcome, asked.services.tokens)


async def read(asked: Asked[Any]) -> web.Response:
    """Read a person's record by token."""
    why = Why(query_of(asked, PurposeQuery).purpose)
    return _record(
        await asked.reader.person(asked.request.match_info["resident"], why), asked.services.tokens
    )


async def household(asked: Asked[Any]) -> web.Response:
    """Read the members of a household by token."""
    token = asked.request.match_info["household"]
    outcome = await asked.reader.household(token, Why(query_of(asked, PurposeQuery).purpose))
    doors = [value.value for person in outcome.people for value in person.fields.get("door", ())[:1]]
    return respond.json(
        {
            "household": token,
            "door": doors[0] if doors else None,
            "members": [
                orjson.Fragment(respond.record(one, one.sources, asked.services.tokens))
                for one in outcome.people
            ],
            "complete": respond.complete(outcome.sources),
            "sources": {name: respond.source(status) for name, status in outcome.sources.items()},
        }
    )


async def reveal(asked: Asked[RevealBody]) -> web.Response:
    """Open masked fields for a purpose and a time."""
    body = asked.body
    outcome = await asked.reader.reveal(
        asked.request.match_info["resident"], body.fields, Why(body.purpose, body.note)
    )
    person, now = outcome.people[0], asked.services.clock.now()
    opened = {}
    for name in person.fields:
        shown = respond.field(person, name)
        del shown["masked"]
        shown.pop("conflict", None)
        opened[name] = {**shown, "until": now + timedelta(seconds=person.opened_s[name])}
    return respond.json({"fields": opened})


def _record(outcome: Outcome, tokens: Tokens) -> web.Response:
    return respond.rendered(respond.record(outcome.people[0], outcome.sources, tokens))


def _hit(person: Person, tokens: Tokens) -> orjson.Fragment:
    """Return a row of a search as JSON; kept with the view, on which alone it depends."""
    kept: orjson.Fragment | None = person.kept.get("hit")
    if kept is None:
        kept = person.kept["hit"] = orjson.Fragment(orjson.dumps(_row(person, tokens)))
    return kept


def _row(person: Person, tokens: Tokens) -> dict[str, Any]:
    def first(name: str) -> object:
        values = person.fields.get(name)
        return values[0].value if values else None

    age = first("age")
    return {
        "resident": tokens.of_person(person.identity),
        "name": first("name"),
        "age": age if isinstance(age, int) else None,  # a masked one is no number
        "gender": first("gender"),
        "door": first("door"),
        "tags": respond.words_of(person.fields.get("tags", ())),
        "committee": person.facts.residence_region or None,
    }
