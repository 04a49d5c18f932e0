"""What flows through the pipeline: a call goes in, an outcome comes out. All frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import datetime
    from typing import Any

    from connectors.sdk.kinds import Kind
    from connectors.sdk.query import FindHousehold, FindPerson, Identity
    from connectors.sdk.record import Value
    from policies.model import Action, ResourceFacts, Subject


class SourceState(StrEnum):
    """How a line system that was asked stands."""

    DENIED = "denied"
    """This reader may not ask it, whatever it holds."""
    DRIFTED = "drifted"
    """Its login or its data changed shape; a person must look."""
    NOT_FOUND = "not_found"
    OK = "ok"
    STALE = "stale"
    """It did not answer now; these are older data, with their age."""
    TIMEOUT = "timeout"
    """It did not answer within the answer deadline; its answer may still arrive for the next look."""
    UNAVAILABLE = "unavailable"


class CacheState(StrEnum):
    """Where an answer came from."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one line system stands in one answer."""

    status: SourceState
    as_of: datetime | None = None
    cache: CacheState | None = None
    detail: str | None = None
    """Why the data are stale or missing, a fixed word."""
    until: datetime | None = None
    """When that is known to end."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One system's value of one field, raw before the mask step and as the reader may see it after."""

    value: Value
    source: str
    as_of: datetime
    kind: Kind
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """What all systems together say of one person."""

    identity: Identity
    household: str | None
    """The household's number in the base register."""
    facts: ResourceFacts
    fields: Mapping[str, tuple[FieldValue, ...]]
    """Per field the values of all systems that have one, in the order of the configuration, never of arrival.

    After the mask step the unmasked ones stand before the masked ones.
    """
    sources: Mapping[str, SourceStatus] = field(default_factory=dict)
    """How the systems stand that were asked about one of several people.

    Of a single person the outcome says it.
    """
    conflicts: frozenset[str] = frozenset()
    """Fields on which the systems disagree. Set by the mask step, over what the reader may see."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Field -> rule that withholds it. Set by the mask step."""
    revealable: frozenset[str] = frozenset()
    """Masked fields that some purpose would open. Set by the mask step."""
    opened_s: Mapping[str, int] = field(default_factory=dict)
    """Fields that this call opened, and for how many seconds. Set by the mask step."""
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was made of this very person already: of a merged person the views, of a view its renderings. It
    lives in this process only and as long as the person does, so nothing here can be older than its source.
    Keys name all that the thing kept depends on besides the person."""


@dataclass(frozen=True, slots=True)
class SearchPeople:
    """Search for people within the reader's own area."""

    text: str = field(repr=False)
    limit: int


@dataclass(frozen=True, slots=True)
class Call:
    """One question of one signed-in reader."""

    action: Action
    subject: Subject
    query: FindPerson | FindHousehold | SearchPeople
    purpose: str
    request_id: str
    session: str
    """Hash of the session, for the audit record."""
    answer_by: float
    """Monotonic time at which the answer must leave with what is there."""
    named_by_id: bool = False
    """The person was named by number, not by token.

    Then nothing may tell an unknown one from one out of scope.
    """
    reveal: tuple[str, ...] = ()
    """Fields to open, for the action ``reveal``."""
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call."""

    facts: ResourceFacts
    """Whom or where it was asked about: what policy looked at."""
    rules: tuple[str, ...]
    """The rules that let it out, each once."""
    people: tuple[Person, ...]
    sources: Mapping[str, SourceStatus]
    hints: tuple[str, ...] = ()
    """Fixed words about the question itself, e.g. that a tail needs a purpose."""
