"""Outcomes and errors to HTTP: the only place that picks a status code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web
from multidict import CIMultiDict

from gateway import errors
from gateway.model import SourceState
from gateway.web.words import FIELD_FAULTS, OTHER_FAULT, PROBLEMS, Language
from policies.reasons import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.model import FieldValue, Person, SourceStatus
    from gateway.residents.tokens import Tokens

_CODES: dict[type[errors.GatewayError], str] = {
    errors.AccountLocked: "account_locked",
    errors.Busy: "busy",
    errors.CrossSite: "cross_site",
    errors.Denied: "denied",
    errors.InvalidInput: "invalid_input",
    errors.MalformedInput: "malformed",
    errors.NoSuchThing: "not_found",
    errors.NotFoundInScope: "not_found_in_scope",
    errors.NotSignedIn: "not_signed_in",
    errors.NotVerified: "not_verified",
    errors.QuotaUsedUp: "quota",
    errors.SourceUnavailable: "source_unavailable",
    errors.StoreUnavailable: "store_unavailable",
    errors.WrongPassword: "wrong_password",
}

_HTTP_CODES = {
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_media_type",
}


_JSON = CIMultiDict({"Content-Type": "application/json; charset=utf-8"})


def json(content: object, status: int = 200) -> web.Response:
    """Return a JSON response; dates and times come out in RFC 3339."""
    return rendered(orjson.dumps(content), status)


def rendered(body: bytes, status: int = 200) -> web.Response:
    """Return a response of JSON that is text already."""
    return web.Response(body=body, status=status, headers=_JSON)


def problem(
    code: str, language: Language, request_id: str, **more: Any
) -> web.Response:  # members of RFC 9457
    """Return an error as application/problem+json (RFC 9457); ``more`` are members beside the usual ones."""
    status, title, detail = PROBLEMS[code]
    headers = more.pop("headers", None)
    body = {
        "type": f"urn:community-cloud:problem:{code}",
        "title": title[language],
        "status": status,
        "detail": detail[language],
        "code": code,
        "request_id": request_id,
        **more,
    }
    return web.Response(
        body=orjson.dumps(body), status=status, content_type="application/problem+json", headers=headers
    )


def of_error(error: errors.GatewayError, language: Language, request_id: str) -> web.Response:
    """Return the response for one of our errors."""
    code = next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), "internal")
    more: dict[str, Any] = {}
    if isinstance(error, errors.Denied):
        more = {"rule": error.rule, "reason": error.reason, "detail": SENTENCES[error.reason][language]}
    if isinstance(error, errors.QuotaUsedUp | errors.AccountLocked):
        more["headers"] = {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, errors.NotSignedIn | errors.NotVerified | errors.WrongPassword):
        # RFC 9110 section 15.5.2 asks for a challenge; no registered scheme describes a cookie.
        more["headers"] = {"WWW-Authenticate": 'Session realm="community-cloud"'}
    if isinstance(error, errors.Busy | errors.StoreUnavailable | errors.SourceUnavailable):
        more["headers"] = {"Retry-After": "5"}
    if isinstance(error, errors.InvalidInput):
        more["errors"] = [
            {"field": field, "message": FIELD_FAULTS.get(fault, OTHER_FAULT)[language]}
            for field, fault in error.problems
        ]
    return problem(code, language, request_id, **more)


def of_http_error(error: web.HTTPException, language: Language, request_id: str) -> web.Response:
    """Return the response for an error that aiohttp raised."""
    code = _HTTP_CODES.get(error.status, "malformed")
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return problem(code, language, request_id, headers=headers)


def record(person: Person, sources: Mapping[str, SourceStatus], tokens: Tokens) -> bytes:
    """Return the record of contract.md for a person as the mask step let it out, as JSON.

    The bytes are kept with the view and depend on nothing else but how the sources stand: the times of their
    data are the view's own.
    """
    key = ("record", *((name, one.status, one.cache, one.detail, one.until) for name, one in sources.items()))
    kept: bytes | None = person.kept.get(key)
    if kept is None:
        kept = person.kept[key] = orjson.dumps(_record(person, sources, tokens))
    return kept


def _record(person: Person, sources: Mapping[str, SourceStatus], tokens: Tokens) -> dict[str, Any]:
    return {
        "resident": tokens.of_person(person.identity),
        "household": tokens.of_household(person.household) if person.household else None,
        "fields": {name: field(person, name) for name in person.fields},
        "withheld": {name: {"rule": rule} for name, rule in person.withheld.items()},
        "sources": {name: source(status) for name, status in sources.items()},
        "complete": complete(sources),
    }


def field(person: Person, name: str) -> dict[str, Any]:
    """Return one field: the first system's value, and the others' where they differ."""
    values = person.fields[name]
    first = values[0]
    shown: dict[str, Any] = {**_value(first), "masked": first.masked}
    if first.masked:
        shown["revealable"] = name in person.revealable
    if isinstance(first.value, tuple):
        # Lists of words add up; where each comes from stands beside.
        shown["value"] = words_of(values)
    if len(values) > 1 and (isinstance(first.value, tuple) or name in person.conflicts):
        shown["others"] = [_value(one) for one in values[1:]]
    if name in person.conflicts:
        shown["conflict"] = True
    return shown


def words_of(values: Iterable[FieldValue]) -> list[str]:
    """Return the words of a list-valued field from all its sources, each once."""
    lists = [one.value for one in values if isinstance(one.value, tuple)]
    return list(dict.fromkeys(word for words in lists for word in words))


def _value(one: FieldValue) -> dict[str, Any]:
    return {"value": one.value, "source": one.source, "as_of": one.as_of}


def source(status: SourceStatus) -> dict[str, Any]:
    """Return how one system stands."""
    shown: dict[str, Any] = {"status": status.status}
    if status.as_of is not None:
        shown |= {"as_of": status.as_of, "cache": status.cache}
    if status.detail:
        shown["detail"] = status.detail
    if status.until:
        shown["until"] = status.until
    return shown


def complete(sources: Mapping[str, SourceStatus]) -> bool:
    """Tell whether every system that was asked answered now."""
    return all(
        one.status in {SourceState.OK, SourceState.NOT_FOUND, SourceState.DENIED} for one in sources.values()
    )
