"""What may be written back to a line system: a visit that was made, a need that was heard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, get_type_hints

from connectors.sdk.kinds import Kind
from connectors.sdk.query import Identity
from connectors.sdk.record import UnclassifiedField

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
LONGEST_NOTE: Final = 2000


class VisitOutcome(StrEnum):
    """Say how a visit went."""

    ABSENT = "absent"
    DECLINED = "declined"
    MET = "met"


class NeedCategory(StrEnum):
    """Say what somebody needs; the words beside it say it in their own."""

    CARE = "care"
    COMPANY = "company"
    HOUSING = "housing"
    MEALS = "meals"
    MEDICAL = "medical"
    MONEY = "money"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVisit:
    """Write down a visit. ``repr()`` shows neither person nor words."""

    identity: Annotated[Identity, Kind.ID]
    on: Annotated[date, Kind.PLAIN]
    outcome: Annotated[VisitOutcome, Kind.PLAIN]
    note: Annotated[str, Kind.FREE] = field(default="", repr=False)
    idempotency_key: Annotated[str, Kind.PLAIN]
    """Random, made once for what the worker did, and the same in every attempt to write it."""

    def __post_init__(self) -> None:
        """Refuse a key that could be guessed or not be sent, and a note without end."""
        _check(self.idempotency_key, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNeed:
    """Write down what a person needs, to be read by whoever serves them next."""

    identity: Annotated[Identity, Kind.ID]
    on: Annotated[date, Kind.PLAIN]
    category: Annotated[NeedCategory, Kind.HEALTH] = field(repr=False)
    note: Annotated[str, Kind.FREE] = field(default="", repr=False)
    idempotency_key: Annotated[str, Kind.PLAIN]
    """As in :class:`RecordVisit`."""

    def __post_init__(self) -> None:
        """Refuse what :class:`RecordVisit` refuses."""
        _check(self.idempotency_key, self.note)


Write = RecordVisit | RecordNeed


class Repeat(StrEnum):
    """Say whether one thing may be sent to a system twice."""

    NEVER = "never"
    """The system would write it down twice: when it is not known whether it arrived, a person looks."""
    WITH_KEY = "with_key"
    """The system is sent the idempotency key and writes a key down once."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a system gives for what it wrote down."""

    local_id: str = field(repr=False)
    """The entry's number within that system."""
    repeated: bool = False
    """The system knew the key already and wrote nothing new."""


def kinds_of(write: type[Write]) -> Mapping[str, Kind]:
    """Return the kind of every field of a write, by name; raises UnclassifiedField."""
    hints = get_type_hints(write, include_extras=True)
    kinds: dict[str, Kind] = {}
    for one in fields(write):
        found = [mark for mark in getattr(hints[one.name], "__metadata__", ()) if isinstance(mark, Kind)]
        if len(found) != 1:
            raise UnclassifiedField(f"{write.__name__}.{one.name}: a field needs exactly one Kind")
        kinds[one.name] = found[0]
    return kinds


def _check(key: str, note: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError("an idempotency key is 16 to 64 letters, digits, - and _")
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"a note has at most {LONGEST_NOTE} characters")
