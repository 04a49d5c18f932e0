"""The gateway's numbers for Prometheus, collected when asked for; no label tells of a person or a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.web.api.systems import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import Metric

    from gateway.keys import Services
    from gateway.upstream.system import LineSystem

_PREFIX = "community_cloud"


def registry_of(services: Services) -> CollectorRegistry:
    """Return a registry of these services' numbers and the process's own."""
    registry = CollectorRegistry()
    registry.register(GatewayCollector(services))
    ProcessCollector(registry=registry)
    return registry


class GatewayCollector(Collector):
    """Turn what the parts of the gateway count anyway into metrics."""

    def __init__(self, services: Services) -> None:
        """Take what counts."""
        self._services = services

    def collect(self) -> Iterable[Metric]:
        """Yield all metrics."""
        yield InfoMetricFamily(f"{_PREFIX}_build", "This gateway.", {"version": __version__})
        yield from self._cache()
        yield from self._upstream(self._services.systems.values())
        yield from self._own()

    def _cache(self) -> Iterator[Metric]:
        cache = self._services.cache
        answers = CounterMetricFamily(
            f"{_PREFIX}_cache_answers", "Answers about line systems' data.", labels=("system", "result")
        )
        counted = {"hit": cache.counts.hits(), "miss": cache.counts.misses, "stale": cache.counts.stale}
        for result, by_system in counted.items():
            for system in self._services.systems:
                answers.add_metric((system, result), by_system.get(system, 0))
        yield answers
        yield _gauge("cache_bytes", "Estimated memory of kept answers.", cache.bytes)
        yield _gauge("cache_max_bytes", "Its bound.", cache.max_bytes)
        yield _gauge("cache_questions", "Questions with kept answers.", cache.questions)
        yield CounterMetricFamily(
            f"{_PREFIX}_cache_evicted", "Questions dropped for want of memory.", value=cache.evicted
        )

    def _upstream(self, systems: Iterable[LineSystem]) -> Iterator[Metric]:
        labels = ("system",)
        answered = SummaryMetricFamily(
            f"{_PREFIX}_upstream_answer_seconds", "Answers of line systems.", labels=labels
        )
        failed = CounterMetricFamily(
            f"{_PREFIX}_upstream_failures", "Questions that failed, by kind.", labels=("system", "error")
        )
        active = GaugeMetricFamily(f"{_PREFIX}_upstream_active", "Questions under way.", labels=labels)
        waiting = GaugeMetricFamily(f"{_PREFIX}_upstream_waiting", "Questions in the queue.", labels=labels)
        state = GaugeMetricFamily(
            f"{_PREFIX}_upstream_state", "1 for how the system stands now.", labels=("system", "state")
        )
        for system in systems:
            health = system.health
            answered.add_metric((system.name,), count_value=health.answers, sum_value=health.seconds)
            for error, times in health.failures.items():
                failed.add_metric((system.name, error), times)
            active.add_metric((system.name,), health.active)
            waiting.add_metric((system.name,), health.waiting)
            state.add_metric((system.name, status_of(system)), 1)
        yield from (answered, failed, active, waiting, state)

    def _own(self) -> Iterator[Metric]:
        services = self._services
        requests = SummaryMetricFamily(
            f"{_PREFIX}_request_seconds", "Requests by route.", labels=("method", "route", "status")
        )
        for (method, route, status), count in services.requests.counts.items():
            seconds = services.requests.seconds[method, route, status]
            requests.add_metric((method, route, str(status)), count_value=count, sum_value=seconds)
        yield requests
        yield _gauge("audit_waiting", "Events that wait for their group's commit.", services.recorder.waiting)
        yield _gauge("audit_accepting", "1 while looks can be recorded.", int(services.recorder.accepting))
        yield _gauge("sessions", "Signed-in sessions that this process knows of.", len(services.sessions))


def _gauge(name: str, words: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", words, value=value)
