"""Which field stands where in a person's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = ("name", "gender", "age", "door", "tags")
"""Shown on top; on a card only where the systems disagree."""

CARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "basics",
        (
            "name",
            "gender",
            "door",
            "id_number",
            "phone",
            "birth_date",
            "address",
            "registered_address",
            "residence_status",
            "resident_type",
            "household_role",
            "ethnicity",
        ),
    ),
    (
        "services",
        (
            "living_alone",
            "care_level",
            "allowance",
            "meal_service",
            "meal_days",
            "milk_service",
            "milk_days",
            "emergency_contact",
        ),
    ),
    ("relief", ("relief_programmes", "relief_status", "relief_benefits")),
    ("benefits", ("disability", "disability_subsidies", "veteran_status", "benefit_amounts")),
)
"""(card, its fields in their order); what no card names stands on the last one."""

MORE = "more"
PLACED = frozenset(HEAD).union(*(names for _, names in CARDS))

_OWN_FIELDS = {"basics": frozenset({"door", "household_role", "resident_type", "ethnicity"})}
"""Fields that make a card a system's own, where not all of its fields do: many systems know a name."""


def is_own(card: str, names: Iterable[str], fields: Iterable[str]) -> bool:
    """Tell whether a card is the own one of a system that has these fields."""
    own = _OWN_FIELDS.get(card, frozenset(names))
    return any(name in own for name in fields)
