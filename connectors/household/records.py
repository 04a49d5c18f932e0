"""What the household system says of a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from connectors.sdk import Kind, Record


class HouseholdPerson(Record):
    """One person of the household register; a person registered twice is two records with one identity."""

    name: Annotated[str | None, Kind.NAME] = None
    gender: Annotated[str | None, Kind.PLAIN] = None
    birth_date: Annotated[date | None, Kind.BIRTH] = None
    ethnicity: Annotated[str | None, Kind.PLAIN] = None
    id_number: Annotated[str | None, Kind.ID] = None
    phone: Annotated[str | None, Kind.PHONE] = None
    door: Annotated[str | None, Kind.ADDRESS] = None
    address: Annotated[str | None, Kind.ADDRESS] = None
    registered_address: Annotated[str | None, Kind.ADDRESS] = None
    residence_status: Annotated[str | None, Kind.PLAIN] = None
    resident_type: Annotated[str | None, Kind.PLAIN] = None
    household_role: Annotated[str | None, Kind.PLAIN] = None
    tags: Annotated[tuple[str, ...] | None, Kind.PLAIN] = None
    """已故 alone; the register marks nothing else."""
