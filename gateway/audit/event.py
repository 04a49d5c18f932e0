"""What is recorded of one answer: enough to say who saw which fields when and why, and to decide it again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from random import Random

from gateway.audit.chain import Head
from gateway.audit.note import scrubbed
from policies.model import CHILD_BELOW, ResourceFacts, Subject, Usage

_random = Random()  # noqa: S311  # ids are unique and no secret
# The system's own chance would do, but asking it gives other threads the interpreter, once for each event.
os.register_at_fork(after_in_child=_random.seed)

SUBJECT_BYTES = 16
_KEPT = 4096
"""Actors and facts that are kept, as the same ones are recorded again and again."""
_ACTOR_LENGTH = 64
_ADULT_FROM = 18
_SENIOR_FROM = 60
_HUNDRED = 100


class EventAction(StrEnum):
    """Every auditable event, as ``resource:action``."""

    AUDIT_READ = "audit:read"
    CACHE_PURGE = "cache:purge"
    CHAIN_OPENED = "chain:opened"
    HOUSEHOLD_READ = "household:read"
    RESIDENT_LIST = "resident:list"
    RESIDENT_LOOKUP = "resident:lookup"
    RESIDENT_READ = "resident:read"
    RESIDENT_REVEAL = "resident:reveal"
    RESIDENT_SEARCH = "resident:search"
    SESSION_END = "session:end"
    SESSION_FAILED = "session:failed"
    SESSION_LOCKED = "session:locked"
    SESSION_START = "session:start"
    SYSTEMS_READ = "systems:read"


class EventOutcome(StrEnum):
    """What the caller was answered."""

    DENIED = "denied"
    ERROR = "error"
    NOT_FOUND_IN_SCOPE = "not_found_in_scope"
    OK = "ok"
    UNAVAILABLE = "unavailable"


class Verdict(StrEnum):
    """What policy said."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role and the region-code prefixes within which the actor held it."""

    role: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it.

    ``account`` is the id of an existing account or empty, never what somebody typed as a user name: people
    type citizen numbers and passwords there.
    """

    account: str
    roles: tuple[HeldRole, ...] = ()
    organisation: str = ""

    def __post_init__(self) -> None:
        if len(self.account) > _ACTOR_LENGTH:
            raise ValueError(f"an account id has at most {_ACTOR_LENGTH} characters")

    @staticmethod
    @lru_cache(_KEPT)
    def of(subject: Subject) -> Actor:
        """Take what is recorded of a policy subject."""
        roles = tuple(HeldRole(held.role, held.scope) for held in subject.roles)
        return Actor(subject.account, roles, subject.organisation)


GATEWAY_ITSELF = Actor("system:gateway")
"""The actor of what the gateway does unasked; user names hold no colon."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Where the person or place belongs: what policy looked at, coarse enough to name nobody."""

    registered_region: str = ""
    residence_region: str = ""
    age_band: str = ""
    """See :func:`age_band`."""
    own_household: bool = False
    person: bool = True

    @staticmethod
    def of(facts: ResourceFacts, subject: Subject) -> Facts:
        """Take what is recorded of the facts that a decision about this subject's question rests on."""
        own = facts.household is not None and facts.household == subject.household
        return _facts(facts, own_household=own)


@lru_cache(_KEPT)
def _facts(facts: ResourceFacts, *, own_household: bool) -> Facts:
    return Facts(
        registered_region=facts.registered_region,
        residence_region=facts.residence_region,
        age_band=age_band(facts.age),
        own_household=own_household,
        person=facts.person,
    )


@dataclass(frozen=True, slots=True)
class FieldNames:
    """Names of the fields that left, by how they left, and of those that did not. Never their values."""

    shown: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    revealed: tuple[str, ...] = ()


NO_FACTS = Facts()
NO_FIELDS = FieldNames()
NO_USAGE = Usage()


@dataclass(slots=True)
class Event:
    """One answer, as it is recorded before it leaves; nobody changes it.

    Not frozen, as that would take longer to make than all else that is done with it on the event loop.

    Holds no names, citizen numbers or values of anybody looked at: people are ``subjects``, pseudonyms
    (:mod:`gateway.audit.pseudonym`), each once. The note is scrubbed when the event is made. Raises
    ``ValueError`` for a time without zone, a pseudonym of another length or an actor's name that is too long.
    """

    at: datetime
    request_id: str
    actor: Actor
    action: EventAction
    outcome: EventOutcome
    session: str | None = None
    """First characters of the session's hash."""
    subjects: tuple[bytes, ...] = ()
    facts: Facts = NO_FACTS
    systems: Mapping[str, str] = field(default_factory=dict)
    """Line system -> how it stood."""
    fields: FieldNames = NO_FIELDS
    purpose: str | None = None
    note: str | None = field(default=None, repr=False)
    decision: Verdict | None = None
    rules: tuple[str, ...] = ()
    reason: str | None = None
    policy: str = ""
    """Version of the policies that decided."""
    assurance: str = "password"
    """How sure the gateway was of the actor, e.g. ``second_factor``."""
    usage: Usage = NO_USAGE
    """Where the actor's quotas stood when policy decided."""
    heads: tuple[Head, ...] = ()
    """Last events of all earlier chains, for ``chain:opened``."""
    id: str = field(default_factory=lambda: f"{_random.getrandbits(128):032x}")

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an event's time needs its zone")
        for subject in self.subjects:
            if len(subject) != SUBJECT_BYTES:
                raise ValueError(f"a pseudonym has {SUBJECT_BYTES} bytes")
        if len(self.subjects) > 1:
            self.subjects = tuple(dict.fromkeys(self.subjects))
        if self.note is not None:
            self.note = scrubbed(self.note)


def age_band(age: int | None) -> str:
    """Return the band of an age in years: ``0-13``, ``14-17``, ``18-59``, then five years each to ``100+``.

    Coarse, yet every age at which a rule changes its mind begins a band. Empty for an unknown age.
    """
    if age is None:
        return ""
    if age < CHILD_BELOW:
        return f"0-{CHILD_BELOW - 1}"
    if age < _ADULT_FROM:
        return f"{CHILD_BELOW}-{_ADULT_FROM - 1}"
    if age < _SENIOR_FROM:
        return f"{_ADULT_FROM}-{_SENIOR_FROM - 1}"
    if age >= _HUNDRED:
        return f"{_HUNDRED}+"
    start = age - age % 5
    return f"{start}-{start + 4}"
