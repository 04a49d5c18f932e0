"""Are we alive, and can we serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.errors import StoreUnavailable
from gateway.web import respond

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.web.endpoint import Asked


async def alive(_asked: Asked[Any]) -> web.Response:
    """Answer as long as the event loop turns."""
    return respond.json({"status": "ok"})


async def ready(asked: Asked[Any]) -> web.Response:
    """Answer 200 only when the audit store answers; line systems may be down, we still serve what we have."""
    if not asked.services.recorder.accepting:
        raise StoreUnavailable("the audit trail is closed")
    await asked.services.audit_log.head("")
    return respond.json({"status": "ok"})
