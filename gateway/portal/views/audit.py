"""留痕: who looked at what, when and why, for those who may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gateway.audit.event import SUBJECT_BYTES
from gateway.clock import SHANGHAI
from gateway.errors import InvalidInput
from gateway.portal.times import to_the_second
from gateway.portal.values import label
from gateway.portal.words import ACTIONS, OUTCOMES, ZH
from gateway.web.api.audit import page_of
from gateway.web.schema import AuditQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aiohttp import web

    from gateway.audit.event import Event
    from gateway.portal.page import Visit

PAGE = 50
_LONGEST = {"actor": 64, "action": 32, "resident": 200, "cursor": 200}


@dataclass(frozen=True, slots=True)
class Line:
    """One event, in words."""

    when: str
    actor: str
    office: str
    action: str
    outcome: str
    good: bool
    purpose: str
    note: str
    fields: tuple[tuple[str, str], ...]
    """(how they left, which)."""
    rules: str
    people: int
    same: str
    """Path that lists this one person's events; empty where there is not exactly one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says."""

    actor: str
    action: str
    since: str
    until: str
    resident: str
    who: str
    """A pseudonym, hexadecimal, as the trail itself has it."""


async def audit(visit: Visit) -> web.StreamResponse:
    """Show a page of events, newest first."""
    given = {name: value.strip() for name, value in visit.request.query.items()}
    asked = Asked(*(given.get(name, "") for name in ("actor", "action", "from", "to", "resident", "who")))
    cursor = given.get("cursor", "")
    wanted = AuditQuery.model_validate(
        {
            **{
                name: value
                for name, value in (
                    ("actor", asked.actor),
                    ("action", asked.action),
                    ("resident", asked.resident),
                    ("cursor", cursor),
                )
                if value and len(value) <= _LONGEST[name]
            },
            "from": _midnight(asked.since),
            "to": _midnight(asked.until, days=1),
            "limit": PAGE,
        }
    )
    events, following = await page_of(
        visit.services, visit.session, visit.request_id, wanted, _pseudonym(asked.who)
    )
    purposes = {code: purpose.title for code, purpose in visit.services.policy().purposes.items()}
    kept = _kept(asked)
    return visit.page(
        "audit.html",
        asked=asked,
        actions=ACTIONS,
        lines=[line(one.event, purposes) for one in events],
        following=f"/audit?{urlencode({**kept, 'cursor': following})}" if following else "",
        first=f"/audit?{urlencode(kept)}" if cursor else "",
        narrowed=bool(kept),
    )


def line(event: Event, purposes: Mapping[str, str]) -> Line:
    """Return an event in words."""
    fields = event.fields
    people = len(event.subjects)
    return Line(
        when=to_the_second(event.at),
        actor=event.actor.account or ZH["audit_nobody"],
        office=event.actor.organisation,
        action=ACTIONS.get(event.action, event.action),
        outcome=OUTCOMES.get(event.outcome, event.outcome),
        good=event.outcome == "ok",
        purpose=purposes.get(event.purpose or "", event.purpose or ""),
        note=event.note or "",
        fields=tuple(
            (word, _labels(names))
            for word, names in (
                ("audit_revealed", fields.revealed),
                ("audit_shown", fields.shown),
                ("audit_masked", fields.masked),
                ("audit_withheld", fields.withheld),
            )
            if names
        ),
        rules="、".join(event.rules),
        people=people,
        same=f"/audit?who={event.subjects[0].hex()}" if people == 1 else "",
    )


def _labels(names: Iterable[str]) -> str:
    return "、".join(label(name) for name in names)


def _kept(asked: Asked) -> dict[str, str]:
    pairs = (
        ("actor", asked.actor),
        ("action", asked.action),
        ("from", asked.since),
        ("to", asked.until),
        ("resident", asked.resident),
        ("who", asked.who),
    )
    return {name: value for name, value in pairs if value}


def _midnight(day: str, days: int = 0) -> datetime | None:
    """Return when a day begins in Shanghai, or one so many days later; None for nothing given."""
    if not day:
        return None
    try:
        found = date.fromisoformat(day) + timedelta(days=days)
    except (ValueError, OverflowError):
        raise InvalidInput(("from", "time")) from None
    return datetime(found.year, found.month, found.day, tzinfo=SHANGHAI)


def _pseudonym(text: str) -> bytes | None:
    if not text:
        return None
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != SUBJECT_BYTES:
        raise InvalidInput(("who", "resident"))
    return found
