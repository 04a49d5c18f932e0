"""The line systems as seen from outside, and the people they know of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx

from connectors.sdk.citizen_id import CitizenId

HERE = "310109010003"
"""The committee of `cadre`."""
THERE = "310110016005"
"""The committee of `cadre2`, in another street of another district."""
SYSTEMS = ("household", "elderly", "relief", "benefits", "meals")

Person = dict[str, Any]
Calls = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class LineSystem:
    """One mock line system, over HTTP."""

    base_url: str

    def stats(self) -> dict[str, Any]:
        """Return its counts."""
        content: dict[str, Any] = httpx.get(f"{self.base_url}/_mock/stats", timeout=10).json()
        return content

    def hurt(self, **switches: object) -> None:
        """Replace its fault switches."""
        answer = httpx.put(f"{self.base_url}/_mock/faults", json=switches, timeout=10)
        assert answer.status_code == 200, answer.text

    def heal(self) -> None:
        """Switch all faults off."""
        self.hurt()


@dataclass(slots=True)
class Town:
    """The line systems together, and who lives there."""

    city: str
    systems: dict[str, LineSystem]
    _people: dict[str, list[Person]] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _unborn: int = 0

    @classmethod
    def of(cls, addresses: dict[str, Any]) -> Town:
        """Read the addresses of `demo.json`."""
        systems = {name: LineSystem(system["base_url"]) for name, system in addresses["systems"].items()}
        return cls(addresses["city"]["base_url"], systems)

    def people(self, committee: str = HERE) -> list[Person]:
        """Return everybody who lives in the committee, as they truly are."""
        if committee not in self._people:
            answer = httpx.get(f"{self.city}/_mock/truth", params={"committee": committee}, timeout=30)
            people: list[Person] = answer.raise_for_status().json()
            # The sought-after last: who takes just anybody leaves them to those who need them.
            self._people[committee] = sorted(
                people, key=lambda each: (each["relief_programme"] is not None, each["age"] >= 80)
            )
        return self._people[committee]

    def fresh(
        self,
        committee: str = HERE,
        where: Callable[[Person], bool] = lambda _person: True,
        *,
        disagreement: str | None = None,
    ) -> Person:
        """Return somebody no test has looked at.

        They live and are registered here, have a citizen ID, and systems disagree in no other way about them.
        """
        for person in self.people(committee):
            if (
                person["id_number"] not in self._taken
                and person["alive"]
                and person["id_type"] == "citizen"
                and person["residence_committee"] == person["registered_committee"] == committee
                and person["disagreements"] == ([disagreement] if disagreement else [])
                and where(person)
            ):
                self._taken.add(person["id_number"])
                return person
        raise LookupError("nobody like that is left in the committee")

    def several(self, count: int, committee: str = HERE) -> list[Person]:
        """Return so many fresh people."""
        return [self.fresh(committee) for _ in range(count)]

    def nobody(self) -> str:
        """Return a sound citizen ID that no system knows; another one each time."""
        known = {person["id_number"] for committee in (HERE, THERE) for person in self.people(committee)}
        while True:
            self._unborn += 1
            number = CitizenId.make("319999", date(1901, 2, 3), self._unborn).number
            if number not in known:
                return number

    def calls(self) -> Calls:
        """Return how often each operation of each system was asked for."""
        return {name: dict(system.stats()["by_operation"]) for name, system in self.systems.items()}

    def calls_since(self, before: Calls) -> Calls:
        """Return the questions asked since, without those that were not asked at all."""
        now = self.calls()
        return {
            name: {
                operation: more
                for operation, count in now[name].items()
                if (more := count - before[name].get(operation, 0))
            }
            for name in now
        }

    def questions_since(self, before: Calls) -> Calls:
        """Return the questions about single people asked since.

        Signing in is due to the clock, and a committee's list is read ahead when its cadre signs in: neither
        depends on who is asked about.
        """
        return {
            name: {
                operation: count
                for operation, count in calls.items()
                if operation != "login" and "list" not in operation.lower()
            }
            for name, calls in self.calls_since(before).items()
        }

    def heal(self) -> None:
        """Make every system well."""
        for system in self.systems.values():
            system.heal()
