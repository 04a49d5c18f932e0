"""Every aiohttp key: what handlers find on the application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from gateway.telemetry import Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.audit.log import AuditLog
    from gateway.audit.recorder import Recorder
    from gateway.cache.memory import MemoryCache
    from gateway.clock import Clock
    from gateway.identity.sessions import Sessions
    from gateway.identity.sign_in import SignIn
    from gateway.pipeline.build import Pipeline
    from gateway.residents.tokens import Tokens
    from gateway.settings import Settings
    from gateway.upstream.leaving import Leaving
    from gateway.upstream.system import LineSystem
    from gateway.upstream.webhook import Webhook
    from policies.engine import Engine


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root made for the handlers."""

    settings: Settings
    clock: Clock
    pipeline: Pipeline
    policy: Callable[[], Engine]
    systems: Mapping[str, LineSystem]
    webhooks: Mapping[str, Webhook]
    """By the name of the system that sends them."""
    cache: MemoryCache
    tokens: Tokens
    sessions: Sessions
    sign_in: SignIn
    leaving: Leaving
    recorder: Recorder
    audit_log: AuditLog
    requests: Requests = field(default_factory=Requests)


SERVICES = web.AppKey("services", Services)
DOCS = web.AppKey("docs", bytes)
OPENAPI = web.AppKey("openapi", bytes)
PROBLEM_PAGE: web.AppKey[Callable[[web.Request, web.Response], web.Response]] = web.AppKey("problem_page")
"""Makes of a problem (RFC 9457) what a browser shows; returns it as it is for whoever is no browser."""
