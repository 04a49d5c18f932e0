"""One line system: its connector, its account, its limits, and how it is doing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.sdk import ListCohort, ListCommittee
from gateway.upstream.accounts import NOBODY

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.sdk import Connector, Manifest, Query, UpstreamError
    from connectors.sdk.run import Send
    from gateway.upstream.account import UpstreamAccount
    from gateway.upstream.accounts import Accounts
    from gateway.upstream.breaker import Breaker
    from gateway.upstream.gate import Gate
    from gateway.upstream.watch import LoginWatch


FIND_TTL_S = 300.0
"""How long a person's answer is fresh when neither the operator nor the manifest says."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the guard step holds a system to."""

    timeout_s: float
    """One call with all its requests and its retry."""
    list_timeout_s: float
    """The same for paged lists."""
    concurrency: int
    """Calls at once."""
    queue: int
    """Calls that may wait for a place; more are refused at once."""
    retry: bool
    """Whether a failed read is tried once more."""
    ttl_s: float
    """How long a person's answer is fresh when the connector's manifest is silent."""
    stale_s: float
    """How long an answer may still stand in when the system does not answer, after its freshness."""
    configured_ttl_s: float | None = None
    """The operator's word on how long a person's answer is fresh: it goes before the manifest."""
    missing_ttl_s: float | None = None
    """How long it is remembered that a system knows nobody; None is as long as any answer."""
    revalidate_s: float = 0.0
    """For how long after its freshness an answer is given out at once while the system is asked anew."""

    def timeout_of(self, query: Query) -> float:
        """Return how long a question may take, in seconds."""
        return self.list_timeout_s if isinstance(query, ListCommittee | ListCohort) else self.timeout_s


@dataclass(slots=True)
class Health:
    """What was last seen of a system; read by ``GET /api/v1/systems``."""

    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str | None = None
    """Type of the last failure, a fixed word."""
    latency_ms: float | None = None
    """Of the last success."""
    active: int = 0
    waiting: int = 0
    drifted: bool = False
    answers: int = 0
    """Since the start."""
    seconds: float = 0.0
    """How long they took together."""
    failures: Counter[str] = field(default_factory=Counter)
    """By type."""

    def answered(self, now: datetime, seconds: float) -> None:
        """Note an answer and how long it took."""
        self.last_success = now
        self.latency_ms = round(seconds * 1000, 1)
        self.drifted = False
        self.answers += 1
        self.seconds += seconds

    def failed(self, now: datetime, error: UpstreamError) -> None:
        """Note a failure by its type; its text is not kept."""
        self.last_failure = now
        self.last_error = type(error).__name__
        self.failures[self.last_error] += 1


@dataclass(frozen=True, slots=True)
class LineSystem:
    """Everything the pipeline needs to ask one system."""

    name: str
    """The name that fields, sources and policies use: its key in ``systems.yaml``."""
    connector: Connector[Any]
    accounts: Accounts
    send: Send
    watch: LoginWatch
    """On its login."""
    gate: Gate
    """Before all requests to it; ``send`` passes through."""
    breaker: Breaker
    limits: Limits
    health: Health = field(default_factory=Health)

    @property
    def manifest(self) -> Manifest:
        """Return the connector's manifest."""
        return self.connector.manifest

    @property
    def account(self) -> UpstreamAccount:
        """Return the service account; of a system with personal accounts one that nobody has."""
        return self.accounts.of(NOBODY)


def fields_of(connector: Connector[Any]) -> tuple[str, ...]:
    """Return the names of all data fields that a connector's records may have, in a stable order.

    A birth date makes an age: the gateway derives it, policies grant it apart.
    """
    names = dict.fromkeys(name for record in connector.operations.values() for name in record.kinds)
    if "birth_date" in names:
        names["age"] = None
    return tuple(names)
