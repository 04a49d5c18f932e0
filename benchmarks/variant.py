"""A gateway with one stage left out, to learn what that stage costs where it stands. Never part of the product.

The product's own ``build`` and ``application`` put everything together; before they do, the name of one stage is
bound to something that costs nothing here. A stage that others need something of (facts, decisions, people) does
its work once for each person, and from then on hands out what it found.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import uvloop
from aiohttp import web
from aiohttp.typedefs import Handler

import gateway.app
import gateway.pipeline.build
import gateway.web.routes
from connectors.sdk import FindPerson
from gateway import logs
from gateway.audit.recorder import Recorder
from gateway.identity.sessions import Session, Sessions
from gateway.model import Call, Outcome
from gateway.pipeline.authorize import authorize
from gateway.pipeline.locate import locate
from gateway.web.api import residents
from gateway.web.endpoint import Asked
from gateway.web.middleware import REQUEST_ID, edge

if TYPE_CHECKING:
    from gateway.pipeline.ruling import Ruling
    from gateway.pipeline.step import Authorize, Disclose, Find, Located, Step

Factory = Callable[..., Any]

WHOLE = "nothing"


def _rebind(module: ModuleType, name: str, value: object) -> None:
    """Bind a name of a product module to something else; raises AttributeError when it no longer has that name."""
    getattr(module, name)
    setattr(module, name, value)


def _skipped(step: Step, *_rest: object) -> Step:
    return step


def _person_of(asked: Call | Located) -> object:
    query = (asked if isinstance(asked, Call) else asked.call).query
    assert isinstance(query, FindPerson)
    return query.identity


def _unlocated(step: Authorize, *rest: Any) -> Step:
    """Return the locate step, which finds each person's place once."""
    known: dict[object, Located] = {}

    async def seen(located: Located) -> Outcome:
        known[_person_of(located)] = located
        return await step(located)

    real = locate(seen, *rest)

    async def quick(call: Call) -> Outcome:
        found = known.get(_person_of(call))
        return await (real(call) if found is None else step(replace(found, call=call)))

    return quick


def _undecided(step: Disclose, *rest: Any) -> Authorize:
    """Return the authorize step, which decides about each person once."""
    known: dict[object, Ruling] = {}

    async def seen(located: Located, ruling: Ruling) -> Outcome:
        known[_person_of(located)] = ruling
        return await step(located, ruling)

    real = authorize(seen, *rest)

    async def quick(located: Located) -> Outcome:
        ruling = known.get(_person_of(located))
        return await (real(located) if ruling is None else step(located, ruling))

    return quick


def _unmasked(step: Find, *_rest: object) -> Disclose:
    """Return a step in the place of mask that lets everything out."""

    async def shown(located: Located, ruling: Ruling) -> Outcome:
        found = await step(located, ruling)
        return Outcome(ruling.facts, ruling.rules, tuple(person for person, _ in found.rows), found.sources)

    return shown


def _found_once(step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return the step, which finds each person once."""
    known: dict[object, Any] = {}

    async def quick(asked: Call | Located, *rest: object) -> Any:
        person = _person_of(asked)
        if person not in known:
            found = await step(asked, *rest)
            # The first answers may come before every system has answered.
            if not all(status.cache == "hit" for status in found.sources.values()):
                return found
            known[person] = found
        return known[person]

    return quick


class _Unwritten:
    """A recorder that makes no event durable; it still counts nobody's quota."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)

    async def record(self, event: object) -> None:
        del event


class _KeptSessions:
    """Sessions that are looked up once."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._known: dict[str, Session] = {}

    async def get(self, session_id: str) -> Session | None:
        known = self._known.get(session_id)
        if known is None and (known := await self._sessions.get(session_id)) is not None:
            self._known[session_id] = known
        return known


def _without_log() -> None:
    _rebind(gateway.app, "edge", lambda _log, requests: edge(logs.RequestLog(None, on=False), requests))


@web.middleware
async def _number_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[REQUEST_ID] = "0" * 16
    return await handler(request)


def _kept_answers(
    read: Callable[[Asked[Any]], Awaitable[web.Response]],
) -> Callable[[Asked[Any]], Awaitable[web.StreamResponse]]:
    """Return a handler that renders each person's record once, and asks the pipeline every time."""
    known: dict[str, bytes] = {}

    async def quick(asked: Asked[Any]) -> web.StreamResponse:
        token = asked.request.match_info["resident"]
        body = known.get(token)
        if body is None:
            answer = await read(asked)
            assert isinstance(answer.body, bytes)
            if b'"miss"' not in answer.body:
                known[token] = answer.body
            return answer
        await asked.reader.person(token)
        return web.Response(body=body, content_type="application/json", charset="utf-8")

    return quick


def _without_rendering() -> None:
    quick = _kept_answers(residents.read)
    routes = tuple(
        replace(route, handler=quick) if route.handler is residents.read else route
        for route in gateway.web.routes.ROUTES
    )
    assert routes != gateway.web.routes.ROUTES
    _rebind(gateway.web.routes, "ROUTES", routes)


def _without_writing() -> None:
    build = gateway.pipeline.build.build

    def quiet(lines: object, base: object, policy: object, recorder: Recorder, *rest: object) -> object:
        return cast("Callable[..., object]", build)(lines, base, policy, _Unwritten(recorder), *rest)

    _rebind(gateway.app, "build", quiet)


def _without_session() -> None:
    application = gateway.app.application

    def kept(services: Any, *rest: Any) -> web.Application:
        return application(replace(services, sessions=_KeptSessions(services.sessions)), *rest)

    _rebind(gateway.app, "application", kept)


def _in_build(name: str, make: Callable[[Factory], Factory]) -> Callable[[], None]:
    def leave_out() -> None:
        _rebind(gateway.pipeline.build, name, make(getattr(gateway.pipeline.build, name)))

    return leave_out


def _without_pipeline() -> None:
    build = gateway.pipeline.build.build

    def kept(*parts: object) -> object:
        pipeline = cast("Callable[..., gateway.pipeline.build.Pipeline]", build)(*parts)
        return replace(pipeline, run=_found_once(pipeline.run))

    _rebind(gateway.app, "build", kept)


@dataclass(frozen=True, slots=True)
class Variant:
    """One stage, and how to leave it out."""

    title: str
    leave_out: Callable[[], None]


VARIANTS = {
    WHOLE: Variant("nothing: the whole gateway", lambda: None),
    "log": Variant("log line", _without_log),
    "edge": Variant(
        "log line, request id, headers, errors",
        lambda: _rebind(gateway.app, "edge", lambda *_parts: _number_only),
    ),
    "session": Variant("session lookup", _without_session),
    "render": Variant("record and JSON", _without_rendering),
    "write": Variant("audit: encode, chain, commit, anchor", _without_writing),
    "audited": Variant("audit, all of it", _in_build("audited", lambda _real: _skipped)),
    "locate": Variant("locate", _in_build("locate", lambda _real: _unlocated)),
    "authorize": Variant("authorize", _in_build("authorize", lambda _real: _undecided)),
    "mask": Variant("mask", _in_build("mask", lambda _real: _unmasked)),
    "merge": Variant(
        "ask three caches and merge",
        _in_build("merge", lambda real: lambda *parts: _found_once(real(*parts))),
    ),
    "pipeline": Variant("the whole pipeline", _without_pipeline),
}


async def _serve(config: Path, without: str) -> None:
    installation = gateway.app.prepare(config)
    log = logs.configure(installation.settings.log_level)
    VARIANTS[without].leave_out()
    listener = gateway.app.listen("127.0.0.1", 0)
    await gateway.app.serve(
        installation, listener, lambda address: print(f"ready {address}", flush=True), log
    )


def main() -> None:
    """Serve an installation without one stage."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--without", choices=list(VARIANTS), default=WHOLE)
    options = parser.parse_args()
    uvloop.run(_serve(options.config, options.without))


if __name__ == "__main__":
    main()
