"""One person of the city, and the household they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from mocks.city import codes


@dataclass(frozen=True, slots=True)
class Person:
    """Describe a person as the city knows them to be; what a system believes may differ (see views).

    `pid` counts from 1 and stays the same for one seed and population. `number` is empty without a
    document. `household` is the household's number: that of the home where the family is listed, also for
    a member who lives elsewhere. `registered` and `residence` are 12-digit region codes, of a committee on
    the map or of a place outside the city; `registered` is empty for foreigners and the undocumented. The
    doors are spoken forms (`3-502`), or outside the city the village. `disability` is a level 1 (gravest)
    to 4, or 0. `died` is None for the living. A child shares the head's phone.
    """

    pid: int
    document: codes.DocumentKind
    number: str
    name: str
    gender: codes.Gender
    birth_date: date
    ethnicity: codes.Ethnicity
    phone: str
    household: str
    kin: codes.Kin
    registered: str
    registered_door: str
    residence: str
    residence_door: str
    residence_status: codes.ResidenceStatus
    resident_type: codes.ResidentType
    marital: codes.Marital
    education: codes.Education
    died: date | None
    disability: int

    def age(self, on: date) -> int:
        """Count the whole years lived on that day; for the dead as if they lived."""
        birth = self.birth_date
        return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


@dataclass(frozen=True, slots=True)
class Household:
    """List the people of one registered home; `committee` and `door` say where it is."""

    number: str
    committee: str
    door: str
    members: tuple[Person, ...]
