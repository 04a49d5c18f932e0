"""How the line systems are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.upstream.account import AccountState
from gateway.upstream.accounts import NOBODY
from gateway.upstream.breaker import BreakerState
from gateway.upstream.reasons import InMaintenance
from gateway.upstream.watch import LoginStatus
from gateway.web import respond
from gateway.web.api.audit import refusal
from gateway.web.words import ADVICE, language_of
from policies.model import GATEWAY, Action, ResourceFacts

if TYPE_CHECKING:
    from datetime import datetime

    from aiohttp import web

    from gateway.keys import Services
    from gateway.upstream.system import LineSystem
    from gateway.web.endpoint import Asked
    from policies.model import Subject


async def states(asked: Asked[Any]) -> web.Response:
    """Answer the state of every line system; it holds nobody's data and so is not recorded as a look."""
    language = language_of(asked.request)
    found = states_for(asked.services, asked.session.subject)
    for one in found:
        one["advice"] = ADVICE[one["why"]][language] if one["why"] else None
    return respond.json({"systems": found})


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
    return [_state(system, subject.account) for system in services.systems.values()]


def status_of(system: LineSystem, reader: str = NOBODY) -> str:
    """Return how a system stands, in one word; where accounts are personal, with the reader's own."""
    if system.gate.closed_until() is not None:
        return "maintenance"
    if system.accounts.of(reader).state in _FOR_A_PERSON:
        return "needs_attention"
    if _drifted(system, reader):
        return "drifted"
    closed = system.breaker.state is BreakerState.CLOSED
    return "ok" if closed and not _failing(system) else "unavailable"


def _drifted(system: LineSystem, reader: str) -> bool:
    states = (
        system.accounts.of(reader).state is AccountState.DRIFTED,
        system.watch.status is LoginStatus.DRIFTED,
    )
    return system.health.drifted or any(states)


def _state(system: LineSystem, reader: str) -> dict[str, Any]:
    """Return one system's state; where accounts are personal, with the reader's own."""
    health, breaker, watch = system.health, system.breaker.state, system.watch
    account = system.accounts.of(reader).state
    until = system.gate.closed_until()
    return {
        "name": system.name,
        "title": system.manifest.title,
        "seal": system.manifest.seal,
        "status": status_of(system, reader),
        "why": _why(account, until),
        "until": until,
        "account": account,
        "personal": system.accounts.personal,
        "last_success": health.last_success,
        "latency_ms": health.latency_ms,
        "breaker": breaker,
        "queue": health.waiting,
        "drifted": _drifted(system, reader),
        "login": {"status": watch.status, "checked_at": watch.checked_at},
    }


def _why(account: AccountState, until: datetime | None) -> str | None:
    """Return the word by which ``web/words.py`` has advice."""
    if until is not None:
        return InMaintenance.detail
    return account.value if account in _FOR_A_PERSON else None


_FOR_A_PERSON = {
    AccountState.CAPTCHA,
    AccountState.IN_USE_ELSEWHERE,
    AccountState.NEEDS_ATTENTION,
    AccountState.NO_ACCOUNT,
}


def _failing(system: LineSystem) -> bool:
    """Tell whether the last thing seen of a system was a failure."""
    health = system.health
    return health.last_failure is not None and (
        health.last_success is None or health.last_success < health.last_failure
    )
