"""How the line systems are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.upstream.account import AccountState
from gateway.upstream.breaker import BreakerState
from gateway.web import respond
from gateway.web.api.audit import refusal
from policies.model import GATEWAY, Action, ResourceFacts

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.keys import Services
    from gateway.upstream.system import LineSystem
    from gateway.web.endpoint import Asked
    from policies.model import Subject


async def states(asked: Asked[Any]) -> web.Response:
    """Answer the state of every line system; it holds nobody's data and so is not recorded as a look."""
    return respond.json({"systems": states_for(asked.services, asked.session.subject)})


def states_for(services: Services, subject: Subject) -> list[dict[str, Any]]:
    """Return the state of every line system; raises Denied unless the subject may read it."""
    policy = services.policy()
    decision = policy.decide(
        subject,
        Action.READ_SYSTEMS,
        GATEWAY,
        ResourceFacts(),
        policy.default_purpose(subject),
        services.clock.today(),
    )
    if not decision.allow:
        raise refusal(decision)
    return [_state(system) for system in services.systems.values()]


def _state(system: LineSystem) -> dict[str, Any]:
    health, breaker = system.health, system.breaker.state
    drifted = health.drifted or system.account.state is AccountState.DRIFTED
    if system.account.state in {AccountState.NEEDS_ATTENTION, AccountState.CAPTCHA}:
        status = "needs_attention"
    elif drifted:
        status = "drifted"
    elif breaker is BreakerState.CLOSED and not _failing(system):
        status = "ok"
    else:
        status = "unavailable"
    return {
        "name": system.name,
        "title": system.manifest.title,
        "seal": system.manifest.seal,
        "status": status,
        "account": system.account.state,
        "last_success": health.last_success,
        "latency_ms": health.latency_ms,
        "breaker": breaker,
        "queue": health.waiting,
        "drifted": drifted,
    }


def _failing(system: LineSystem) -> bool:
    """Tell whether the last thing seen of a system was a failure."""
    health = system.health
    return health.last_failure is not None and (
        health.last_success is None or health.last_success < health.last_failure
    )
