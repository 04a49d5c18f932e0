"""What the meals system tells about a person."""

from __future__ import annotations

from typing import Annotated

from connectors.sdk import Kind, Record


class Diner(Record):
    """One person for whom meals or milk are, or were, ordered."""

    name: Annotated[str | None, Kind.NAME] = None
    id_number: Annotated[str | None, Kind.ID] = None
    meal_service: Annotated[bool | None, Kind.PLAIN] = None
    meal_days: Annotated[tuple[str, ...] | None, Kind.PLAIN] = None
    """On which days meals come, e.g. 周一; None when none are ordered."""
    milk_service: Annotated[bool | None, Kind.PLAIN] = None
    milk_days: Annotated[tuple[str, ...] | None, Kind.PLAIN] = None
    """On which days milk comes."""
    tags: Annotated[tuple[str, ...] | None, Kind.PLAIN] = None
