"""How sensitive a record field is: every field of a record carries exactly one kind."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Name the sort of personal data a field holds; the mask that hides it follows from the kind.

    Used as ``Annotated[str | None, Kind.PHONE]`` (or ``Kind("phone")``). A field without a kind stops
    start-up.
    """

    ADDRESS = "address"
    """Where somebody lives, to the door."""
    BIRTH = "birth"
    """A birth date."""
    FREE = "free"
    """Free words, which may hold anything; masked whole."""
    HEALTH = "health"
    """Health, disability and care needs."""
    ID = "id"
    """A number that names the person to the state."""
    NAME = "name"
    """A person's name."""
    PHONE = "phone"
    """A telephone number."""
    PLAIN = "plain"
    """What says little about a person by itself: gender, a code, a building's number."""
    RELIEF = "relief"
    """Poverty relief and other hardship."""
