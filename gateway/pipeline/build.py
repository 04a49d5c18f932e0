"""THE ORDER: the way of every lookup, in one function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.sdk import ListCommittee
from gateway.pipeline.audited import audited
from gateway.pipeline.authorize import authorize
from gateway.pipeline.cached import cached
from gateway.pipeline.directories import Directories
from gateway.pipeline.fetch import fetch
from gateway.pipeline.guard import guard
from gateway.pipeline.locate import locate
from gateway.pipeline.mask import mask
from gateway.pipeline.merge import merge
from gateway.pipeline.ruling import Rulings
from gateway.pipeline.search import able, committees_of, scope_of, search
from gateway.upstream.accounts import NOBODY
from policies.model import OWN_AREA, Action

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.audit.recorder import Recorder
    from gateway.cache.memory import MemoryCache
    from gateway.cache.purge import Purge
    from gateway.clock import Clock
    from gateway.pipeline.step import Step
    from gateway.tasks import Tasks
    from gateway.upstream.system import LineSystem
    from policies.engine import Engine
    from policies.model import Subject


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What build makes."""

    run: Step
    """The way of every call."""
    warm: Callable[[Subject], None]
    """Start loading what this reader's first search will need; returns at once and shows nobody anything."""
    purge: Callable[[Purge], None]
    """Forget answers of systems and all that was made of them, also what is just being fetched."""


def build(
    lines: Mapping[str, LineSystem],
    base: str,
    policy: Callable[[], Engine],
    recorder: Recorder,
    cache: MemoryCache,
    clock: Clock,
    tasks: Tasks,
) -> Pipeline:
    """Return the pipeline; ``lines`` stand in their configured order, ``base`` names the base register.

    audited( locate( authorize( mask( merge( for each system: cached( guard( fetch )))))))
    """
    systems = {
        name: cached(guard(fetch(line), line, clock), line, cache, clock, tasks)
        for name, line in lines.items()
    }
    personal = any(line.accounts.personal for line in lines.values())

    def reader_of(subject: Subject) -> str:
        return subject.account if personal else NOBODY

    directories = Directories(tuple(lines), base, cache, clock, tasks)
    found = merge(systems, base, search(systems, lines, base, directories, cache, reader_of), cache, clock)
    disclosed = mask(found, recorder.usage_of)
    authorized = authorize(disclosed, Rulings(policy, tuple(lines)), recorder.usage_of, clock)
    located = locate(authorized, base, systems[base], cache, clock, reader_of)

    def warm(subject: Subject) -> None:
        engine, today = policy(), clock.today()
        purpose = engine.default_purpose(subject)
        lists = {
            name: systems[name]
            for name in able(lines, ListCommittee)
            if engine.decide(subject, Action.SEARCH, name, OWN_AREA, purpose, today).allow
        }
        if lists:
            committees = committees_of(scope_of(subject.roles, today)) or ()
            directories.warm(committees, reader_of(subject), lists)

    def purge(what: Purge) -> None:
        cache.purge(what)
        directories.purge(what)

    return Pipeline(audited(located, recorder), warm, purge)
