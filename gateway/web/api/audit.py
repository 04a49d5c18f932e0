"""Read the record of every look; reading it is recorded too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.audit.event import AuditAction, Event, Outcome
from gateway.errors import Denied, InvalidInput
from gateway.web import respond
from gateway.web.endpoint import query_of
from gateway.web.schema import AuditQuery
from policies.model import DEFAULT_DENY, GATEWAY, Action, Reason, ResourceFacts

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.web.endpoint import Asked


async def events(asked: Asked[Any]) -> web.Response:
    """Answer a page of events, newest first, to who may read them."""
