"""A line system says that its data changed: what is kept of its answers about them is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from connectors.sdk import Identity, IdentityKind
from gateway.audit.event import Actor
from gateway.cache.purge import Purge
from gateway.errors import InvalidInput, NotVerified
from gateway.web.api.cache import event_of
from gateway.web.reader import document

if TYPE_CHECKING:
    from gateway.web.endpoint import Asked
    from gateway.web.schema import ChangeBody, ChangedPerson


async def changed(asked: Asked[ChangeBody]) -> web.Response:
    """Forget what this system said about whom and what it names; other systems' answers stay.

    A system without a webhook answers as one with another secret. Only that system's own answers can be made
    to go, so its key is worth no more than that.
    """
    services, name = asked.services, asked.request.match_info["system"]
    webhook = services.webhooks.get(name)
    if webhook is None:
        raise NotVerified
    headers = asked.request.headers
    webhook.check(
        headers.get("webhook-id", ""),
        headers.get("webhook-timestamp", ""),
        headers.get("webhook-signature", ""),
        await asked.request.read(),
    )
    body, register = asked.body, services.systems[name].manifest.name
    people = [_identity(one, number, register) for number, one in enumerate(body.people)]
    numbers = frozenset(one.number for one in people)
    what = Purge(name, numbers, body.committees)
    await services.recorder.record(
        event_of(services, Actor(f"system:{name}"), asked.request_id, what, people)
    )
    services.pipeline.purge(what)
    return web.Response(status=204)


def _identity(one: ChangedPerson, number: int, register: str) -> Identity:
    if one.id_number is None:
        return Identity(IdentityKind.LOCAL, f"{register}:{one.local_id}")
    try:
        return document(one.id_number)
    except InvalidInput:
        raise InvalidInput((f"people.{number}.id_number", "id_number")) from None
