"""The canonical bytes of an event: what is hashed, stored and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from gateway.audit.chain import Head
from gateway.audit.event import (
    Actor,
    Event,
    EventAction,
    EventOutcome,
    Facts,
    FieldNames,
    HeldRole,
    Verdict,
)
from policies.model import Usage


class UnreadableBody(ValueError):
    """These bytes are no event of ours."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event and its place."""

    chain: str
    seq: int
    event: Event


def canonical(event: Event, chain: str, seq: int) -> bytes:
    """Return ``{"chain": ..., "event": {...}, "seq": ...}`` as JSON in UTF-8, keys sorted, no blanks.

    Times are RFC 3339 with offset, pseudonyms and hashes lower-case hex. Raises ``TypeError`` for text that
    is no Unicode (lone surrogates).
    """
    return placed(encoded(event), chain, seq)


def placed(event: bytes, chain: str, seq: int) -> bytes:
    """Give an encoded event its place; the names of chains need no escaping."""
    return b'{"chain":"%b","event":%b,"seq":%d}' % (chain.encode("ascii"), event, seq)


def encoded(event: Event) -> bytes:
    """Return the part of the body that does not depend on the event's place in a chain."""
    body: dict[str, Any] = {
        "action": event.action,
        "actor": {
            "account": event.actor.account,
            "organisation": event.actor.organisation,
            "roles": [{"role": held.role, "scope": held.scope} for held in event.actor.roles],
        },
        "assurance": event.assurance,
        "at": event.at,
        "decision": event.decision,
        "facts": {
            "age_band": event.facts.age_band,
            "own_household": event.facts.own_household,
            "person": event.facts.person,
            "registered_region": event.facts.registered_region,
            "residence_region": event.facts.residence_region,
        },
        "fields": {
            "masked": event.fields.masked,
            "revealed": event.fields.revealed,
            "shown": event.fields.shown,
            "withheld": event.fields.withheld,
        },
        "id": event.id,
        "note": event.note,
        "outcome": event.outcome,
        "policy": event.policy,
        "purpose": event.purpose,
        "reason": event.reason,
        "request_id": event.request_id,
        "rules": event.rules,
        "session": event.session,
        "subjects": [subject.hex() for subject in event.subjects],
        "systems": dict(event.systems),
        "usage": {
            "already_seen": event.usage.already_seen,
            "residents": event.usage.residents,
            "reveals": event.usage.reveals,
        },
    }
    if event.action is EventAction.CHAIN_OPENED:
        body["heads"] = [{"chain": h.chain, "hash": h.hash.hex(), "seq": h.seq} for h in event.heads]
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def parse(body: bytes) -> Recorded:
    """Read a body back. Keys that a later version added are passed over.

    Raises :class:`UnreadableBody`, which says nothing of the content.
    """
    try:
        held = orjson.loads(body)
        return Recorded(str(held["chain"]), int(held["seq"]), _event(held["event"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableBody("the body is no event") from None


def _event(held: Mapping[str, Any]) -> Event:
    actor, facts, fields, usage = held["actor"], held["facts"], held["fields"], held["usage"]
    return Event(
        at=datetime.fromisoformat(held["at"]),
        request_id=held["request_id"],
        actor=Actor(
            actor["account"],
            tuple(HeldRole(role["role"], tuple(role["scope"])) for role in actor["roles"]),
            actor["organisation"],
        ),
        action=EventAction(held["action"]),
        outcome=EventOutcome(held["outcome"]),
        session=held["session"],
        subjects=tuple(bytes.fromhex(subject) for subject in held["subjects"]),
        facts=Facts(
            registered_region=facts["registered_region"],
            residence_region=facts["residence_region"],
            age_band=facts["age_band"],
            own_household=facts["own_household"],
            person=facts["person"],
        ),
        systems=held["systems"],
        fields=FieldNames(
            shown=tuple(fields["shown"]),
            masked=tuple(fields["masked"]),
            withheld=tuple(fields["withheld"]),
            revealed=tuple(fields["revealed"]),
        ),
        purpose=held["purpose"],
        note=held["note"],
        decision=None if held["decision"] is None else Verdict(held["decision"]),
        rules=tuple(held["rules"]),
        reason=held["reason"],
        policy=held["policy"],
        assurance=held["assurance"],
        usage=Usage(usage["residents"], usage["reveals"], usage["already_seen"]),
        heads=tuple(Head(h["chain"], h["seq"], bytes.fromhex(h["hash"])) for h in held.get("heads", ())),
        id=held["id"],
    )
