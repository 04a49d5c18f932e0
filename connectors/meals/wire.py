"""How the system writes its answers, and how they become records."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connectors.meals import codes
from connectors.meals.records import Diner
from connectors.sdk import BadUpstreamData, CitizenId, Identity, IdentityKind, Record, decode

SYSTEM: Final = "meals"
PAGE_SIZE: Final = 50
"""The system's own; it cannot be chosen."""

_REGION: Final = re.compile(r"[0-9]{12}")
_DAYS: Final = re.compile(r"[01]{7}")

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Wire(BaseModel):
    """Types must be exact; errors quote nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, strict=True)


class Row(Wire):
    """One order. Absent, null and empty mean the same: the system does not say."""

    order_no: str = Field(alias="orderNo", pattern=r"^[A-Za-z0-9-]{1,40}$")
    name: Text | None = None
    card_type: Text | None = Field(default=None, alias="cardType")
    card_no: Text | None = Field(default=None, alias="cardNo")
    committee: Text | None = None
    meal_state: Text | None = Field(default=None, alias="mealState")
    meal_days: Text | None = Field(default=None, alias="mealDays")
    milk_state: Text | None = Field(default=None, alias="milkState")
    milk_days: Text | None = Field(default=None, alias="milkDays")


class Answer(Wire):
    """Every answer comes with HTTP 200, and success as a text."""

    success: Literal["true", "false"] = Field(alias="SUCCESS")
    code: str = Field(default="", alias="CODE")
    total: str = Field(default="", alias="TOTAL", pattern=r"^[0-9]{0,9}$")
    rows: list[Row] = Field(default=[], alias="DATA", max_length=PAGE_SIZE)


def rows(response: httpx.Response) -> tuple[list[Row], int]:
    """Read an answer: its rows, and how many all pages have.

    Raises what the answer's own code means, else BadUpstreamData.
    """
    answer = Answer.model_validate(orjson.loads(decode(response)))
    if answer.success != "true" or not answer.total:
        meaning = codes.MEANINGS.get(answer.code, BadUpstreamData)
        raise meaning
    return answer.rows, int(answer.total)


def record(row: Row) -> Diner:
    """Translate one row. A code that we do not know leaves its field empty.

    Raises ValueError for a citizen number that is none: whoever masks numbers upstream must not go unnoticed.
    """
    identity, region = _identity(row), row.committee or ""
    meal, milk = codes.ORDERED.get(row.meal_state or ""), codes.ORDERED.get(row.milk_state or "")
    return Diner(
        identity=identity,
        local_id=row.order_no,
        residence_region=region if _REGION.fullmatch(region) else "",
        name=row.name or None,
        id_number=None if identity.kind is IdentityKind.LOCAL else identity.number,
        meal_service=meal,
        meal_days=_days(row.meal_days) if meal else None,
        milk_service=milk,
        milk_days=_days(row.milk_days) if milk else None,
        tags=(codes.MEAL_TAG,) if meal else None,
    )


def named(identity: Identity) -> dict[str, str] | None:
    """Return how to name a person to this system, None where it has no way."""
    if identity.kind in codes.CARDS:
        return {"cardType": codes.CARDS[identity.kind], "cardNo": identity.number}
    system, _, number = identity.number.partition(":")
    return {"orderNo": number} if system == SYSTEM and number else None


def answers(person: Record, identity: Identity) -> bool:
    """Tell whether the person is the one who was asked for."""
    return identity in (person.identity, _local(person.local_id))


def _local(order_no: str) -> Identity:
    return Identity(IdentityKind.LOCAL, f"{SYSTEM}:{order_no}")


def _identity(row: Row) -> Identity:
    number = "".join((row.card_no or "").split()).upper()
    if not number:
        return _local(row.order_no)
    if row.card_type == codes.CARDS[IdentityKind.PASSPORT]:
        return Identity(IdentityKind.PASSPORT, number)
    return Identity(IdentityKind.CITIZEN, CitizenId.parse(number).number)


def _days(written: str | None) -> tuple[str, ...] | None:
    """Return the days of e.g. ``1010100``, seven digits from Monday on; None for anything else."""
    if not _DAYS.fullmatch(written or ""):
        return None
    return tuple(day for day, on in zip(codes.WEEKDAYS, written or "", strict=True) if on == "1") or None
