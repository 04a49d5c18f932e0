"""THE ORDER: the way of every lookup, in one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.pipeline.audited import audited
from gateway.pipeline.authorize import authorize
from gateway.pipeline.cached import cached
from gateway.pipeline.fetch import fetch
from gateway.pipeline.guard import guard
from gateway.pipeline.locate import locate
from gateway.pipeline.mask import mask
from gateway.pipeline.merge import merge
from gateway.pipeline.search import search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.audit.recorder import Recorder
    from gateway.cache.memory import MemoryCache
    from gateway.clock import Clock
    from gateway.pipeline.step import Step
    from gateway.tasks import Tasks
    from gateway.upstream.system import LineSystem
    from policies.engine import Engine


def build(
    lines: Mapping[str, LineSystem],
    base: str,
    policy: Callable[[], Engine],
    recorder: Recorder,
    cache: MemoryCache,
    clock: Clock,
    tasks: Tasks,
) -> Step:
    """Return the pipeline; ``lines`` stand in the order of the configuration, ``base`` names the base register.

    audited( locate( authorize( mask( merge( for each system: cached( guard( fetch )))))))
    """
    systems = {
        name: cached(guard(fetch(line), line, clock), line, cache, clock, tasks)
        for name, line in lines.items()
    }
    found = merge(systems, base, search(systems, lines, base, clock, tasks), clock)
    disclosed = mask(found, policy, recorder.usage_of, clock)
    authorized = authorize(disclosed, policy, tuple(lines), recorder.usage_of, clock)
    located = locate(authorized, base, systems[base], clock)
    return audited(located, recorder)
