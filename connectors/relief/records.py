"""What the relief system tells about a person."""

from __future__ import annotations

from typing import Annotated

from connectors.sdk import Kind, Record


class ReliefPerson(Record):
    """One member of a household that has, or had, a relief case."""

    name: Annotated[str | None, Kind.NAME] = None
    """As delivered: a ``?`` stands where the system could not write a rare character."""
    id_number: Annotated[str | None, Kind.ID] = None
    relief_programmes: Annotated[tuple[str, ...] | None, Kind.RELIEF] = None
    relief_status: Annotated[str | None, Kind.RELIEF] = None
    relief_benefits: Annotated[str | None, Kind.RELIEF] = None
    """What the household gets, e.g. 每月1,240元 or 一次性2,000元."""
    registered_address: Annotated[str | None, Kind.ADDRESS] = None
