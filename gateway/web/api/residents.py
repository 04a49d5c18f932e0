"""Search, look up, read and reveal."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.sdk import CitizenId, FindHousehold, FindPerson, Identity, IdentityKind
from gateway.errors import InvalidInput, NotFoundInScope
from gateway.model import Call, SearchPeople
from gateway.residents.terms import whole_number
from gateway.web import respond
from gateway.web.endpoint import query_of
from gateway.web.schema import LookupBody, PurposeQuery, RevealBody, SearchBody
from policies.model import Action

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.model import Person
    from gateway.web.endpoint import Asked

_PASSPORT = re.compile(r"[A-Z0-9]{5,20}")


async def search(asked: Asked[SearchBody]) -> web.Response:
    """Find people within the caller's area; a whole number finds at most the one who has it."""
    body = asked.body
    number = whole_number(body.query)
    query = FindPerson(_citizen(number)) if number else SearchPeople(body.query, body.limit)
    call = call_of(asked, Action.SEARCH, query, body.purpose, body.note)
    try:
        outcome = await asked.services.pipeline.run(replace(call, named_by_id=number is not None))
    except NotFoundInScope:
        return respond.json({"results": [], "complete": True, "sources": {}, "hints": []})
    return respond.json(
        {
            "results": [_hit(person, asked) for person in outcome.people],
            "complete": respond.complete(outcome.sources),
            "sources": {name: respond.source(status) for name, status in outcome.sources.items()},
            "hints": list(outcome.hints),
        }
    )


async def lookup(asked: Asked[LookupBody]) -> web.Response:
    """Look a person up by document number; unknown and out of scope are one answer."""
    body = asked.body
    call = call_of(asked, Action.READ, FindPerson(_document(body.id_number)), body.purpose, body.note)
    outcome = await asked.services.pipeline.run(replace(call, named_by_id=True))
    return respond.json(respond.record(outcome.people[0], outcome.sources, asked.services.tokens))


async def read(asked: Asked[Any]) -> web.Response:
    """Read a person's record by token."""
    identity = asked.services.tokens.person(asked.request.match_info["resident"])
    call = call_of(asked, Action.READ, FindPerson(identity), query_of(asked, PurposeQuery).purpose)
    outcome = await asked.services.pipeline.run(call)
    return respond.json(respond.record(outcome.people[0], outcome.sources, asked.services.tokens))


async def household(asked: Asked[Any]) -> web.Response:
    """Read the members of a household by token."""
    token = asked.request.match_info["household"]
    number = asked.services.tokens.household(token)
    call = call_of(asked, Action.READ, FindHousehold(number), query_of(asked, PurposeQuery).purpose)
    outcome = await asked.services.pipeline.run(call)
    doors = [value.value for person in outcome.people for value in person.fields.get("door", ())[:1]]
    return respond.json(
        {
            "household": token,
            "door": doors[0] if doors else None,
            "members": [
                respond.record(person, person.sources, asked.services.tokens) for person in outcome.people
            ],
            "complete": respond.complete(outcome.sources),
            "sources": {name: respond.source(status) for name, status in outcome.sources.items()},
        }
    )


async def reveal(asked: Asked[RevealBody]) -> web.Response:
    """Open masked fields for a purpose and a time."""
    body, services = asked.body, asked.services
    identity = services.tokens.person(asked.request.match_info["resident"])
    known = {name for fields in services.policy().catalogue.values() for name in fields}
    if unknown := sorted(set(body.fields) - known):
        raise InvalidInput(*((f"fields.{body.fields.index(name)}", "reveal") for name in unknown))
    call = call_of(asked, Action.REVEAL, FindPerson(identity), body.purpose, body.note)
    outcome = await services.pipeline.run(replace(call, reveal=tuple(dict.fromkeys(body.fields))))
    person, now = outcome.people[0], services.clock.now()
    opened = {}
    for name in person.fields:
        shown = respond.field(person, name)
        del shown["masked"]
        shown.pop("conflict", None)
        opened[name] = {**shown, "until": now + timedelta(seconds=person.opened_s[name])}
    return respond.json({"fields": opened})


def call_of(
    asked: Asked[Any],
    action: Action,
    query: FindPerson | FindHousehold | SearchPeople,
    purpose: str | None,
    note: str | None = None,
) -> Call:
    """Return the call of a request; raises InvalidInput for an unknown purpose or a missing note."""
    services, session = asked.services, asked.session
    policy = services.policy()
    code = purpose or policy.default_purpose(session.subject)
    if code not in policy.purposes:
        raise InvalidInput(("purpose", "purpose"))
    if policy.purposes[code].note_required and not (note or "").strip():
        raise InvalidInput(("note", "note"))
    return Call(
        action=action,
        subject=session.subject,
        query=query,
        purpose=code,
        note=note,
        request_id=asked.request_id,
        session=session.hash_prefix,
        answer_by=services.clock.monotonic() + services.settings.answer_deadline_s,
    )


def _document(text: str) -> Identity:
    """Return whom a document number names: a citizen number, old or new, else a passport."""
    try:
        return _citizen(CitizenId.parse(text).number)
    except ValueError:
        folded = unicodedata.normalize("NFKC", text).upper().replace(" ", "")
    # Eighteen or fifteen digits that are no citizen number are a slip of the pen, not a passport.
    if not _PASSPORT.fullmatch(folded) or len(folded) in {15, 18}:
        raise InvalidInput(("id_number", "id_number"))
    return Identity(IdentityKind.PASSPORT, folded)


def _citizen(number: str) -> Identity:
    return Identity(IdentityKind.CITIZEN, number)


def _hit(person: Person, asked: Asked[Any]) -> dict[str, Any]:
    def first(name: str) -> object:
        values = person.fields.get(name)
        return values[0].value if values else None

    return {
        "resident": asked.services.tokens.of_person(person.identity),
        "name": first("name"),
        "age": first("age"),
        "gender": first("gender"),
        "door": first("door"),
        "tags": respond.words_of(person.fields.get("tags", ())),
        "committee": person.facts.residence_region or None,
    }
