"""What the elderly-care system tells about a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from connectors.sdk import Kind, Record


class ElderlyPerson(Record):
    """One person of 60 or older."""

    name: Annotated[str | None, Kind.NAME] = None
    gender: Annotated[str | None, Kind.PLAIN] = None
    birth_date: Annotated[date | None, Kind.BIRTH] = None
    id_number: Annotated[str | None, Kind.ID] = None
    phone: Annotated[str | None, Kind.PHONE] = None
    address: Annotated[str | None, Kind.ADDRESS] = None
    residence_status: Annotated[str | None, Kind.PLAIN] = None
    living_alone: Annotated[bool | None, Kind.PLAIN] = None
    care_level: Annotated[int | None, Kind.HEALTH] = None
    allowance: Annotated[int | None, Kind.PLAIN] = None
    """Yuan a month."""
    meal_service: Annotated[bool | None, Kind.PLAIN] = None
    milk_service: Annotated[bool | None, Kind.PLAIN] = None
    emergency_contact: Annotated[str | None, Kind.FREE] = None
    tags: Annotated[tuple[str, ...] | None, Kind.PLAIN] = None
