"""What a connector makes of a system that refuses, and with whom it talks."""

from __future__ import annotations

from contextlib import suppress

import httpx

from connectors.sdk.auth.scheme import SERVER
from connectors.sdk.errors import BadUpstreamData, Throttled, Unavailable, UpstreamError
from connectors.sdk.kinds import Kind
from connectors.sdk.query import FindPerson, Query
from connectors.sdk.record import Record
from connectors.sdk.testing.line import Line, number_of, texts
from connectors.sdk.testing.verdict import Broken, said

_WAIT_S = 7
_SHORTEST = 2
_HOSTILE: tuple[dict[str, object], ...] = (
    {"business_error": True},
    {"charset": "gb18030"},
    {"charset": "utf-8"},
    {"error_rate": 1.0},
    {"garbage": True},
    {"login_page": True},
    {"maintenance": True},
    {"mojibake": True},
    {"quota": 0},
    {"truncate": True},
)


async def redirect_elsewhere(line: Line) -> None:
    """Redirect a question to another host."""
    query = line.question()
    await line.found(query)
    await line.hurt(redirect_elsewhere=True)
    await line.failure(query, "A redirect to another host", (BadUpstreamData, Unavailable))


async def too_many_requests(line: Line) -> None:
    """Refuse for the number of calls: by 429 with and without Retry-After, and in the system's own way."""
    query = line.question()
    await line.found(query)
    for seconds in (_WAIT_S, 0):
        await line.hurt(retry_after_s=seconds)
        trouble = f"429 {'with' if seconds else 'without'} Retry-After"
        error = await line.failure(query, trouble, (Throttled,))
        if getattr(error, "retry_after_s", None) != (seconds or None):
            raise Broken(f"{trouble} must say how long to wait if, and only if, the system says it.")
    await line.hurt(quota=0)
    await line.failure(query, "A used-up quota, in the system's own words,", (Throttled,))


async def business_error_in_200(line: Line) -> None:
    """Refuse with status 200: an error of the system's own, and its notice of maintenance."""
    query = line.question()
    await line.found(query)
    await line.hurt(business_error=True)
    await line.failure(
        query, "The system's own error with status 200", (BadUpstreamData, Throttled, Unavailable)
    )
    await line.hurt(maintenance=True)
    await line.failure(query, "A notice of maintenance", (Unavailable,))


async def no_citizen_id_in_exceptions(line: Line) -> None:
    """Provoke every error there is and read all that it says."""
    query = line.question()
    records = await line.found(query)
    secrets = _secrets(query, records, line.credential.secret)
    _tells_nothing(secrets, f"{query!r} {records!r} {records!s}", "A query's or a record's repr")
    number = number_of(query)
    spoilt: list[dict[str, object]] = [
        {"rewrite": {number: number[:-1] + "?"}},
        {"rewrite": {number: line.samples.unknown.number}},
    ]
    for switches in (*_HOSTILE, *(spoilt if number else [])):
        await line.hurt(**switches)
        try:
            await line.account.once(query)
        except UpstreamError as error:
            _tells_nothing(secrets, said(error), f"{type(error).__name__} under {', '.join(switches)}")
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the connector's, and a finding
            kind = type(error).__name__
            raise Broken(f"Under {', '.join(switches)} the connector raised {kind}.") from None


def _secrets(query: Query, records: list[Record], password: str) -> set[str]:
    private = (Kind.ADDRESS, Kind.ID, Kind.NAME, Kind.PHONE)
    found = {text for record in records for text in texts(record, *private)}
    return {text for text in {*found, number_of(query), password} if len(text) >= _SHORTEST}


def _tells_nothing(secrets: set[str], words: str, what: str) -> None:
    if any(secret in words for secret in secrets):
        raise Broken(f"{what} tells a person's number, name, telephone or address, or the password.")


async def only_base_url(line: Line) -> None:
    """Ask all that can be asked, sign out, and look where it went."""
    for query in line.queries():
        await line.answer(query)
    if FindPerson in line.connector.operations:
        with suppress(UpstreamError):  # another test looks at the answer
            await line.account.ask(FindPerson(line.samples.unknown))
    try:
        await line.account.sign_out()
    except UpstreamError as error:
        kind = type(error).__name__
        raise Broken(f"A well system must let us sign out; the connector raised {kind}.") from None
    base = line.connector.base_url
    for request in line.account.sent:
        # A sign-in may name a server of its own; what it signs for may not.
        if not _below(request.url, request.extensions.get(SERVER, base)):
            raise Broken(f"Every request must go to the base URL; one went to {request.url.host}.")


def _below(url: httpx.URL, base: httpx.URL) -> bool:
    same = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
    return same and url.path.startswith(base.path)
