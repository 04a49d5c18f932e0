"""The shape of the case files, what an administrator writes, and every fault in them at once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from policies.documents import Code, Document, Seconds
from policies.load import PolicyFaults, document
from policies.model import (
    DEFAULT_DENY,
    GATEWAY,
    OWN_AREA,
    Action,
    Effect,
    Reason,
    ResourceFacts,
    RoleInScope,
    Subject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from policies.engine import Engine

_QUOTAS = ("residents_per_day", "reveals_per_day")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[Code, ...], BeforeValidator(_listed), Field(min_length=1)]
Rules = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
Actions = Annotated[tuple[Action, ...], BeforeValidator(_listed), Field(min_length=1)]
Region = Annotated[str, Field(pattern=r"^([0-9]{2,12})?$")]


class Person(Document):
    """Somebody the cases ask about."""

    residence: Region = ""
    registered: Region = ""
    age: int | None = None
    household: str | None = None

    def facts(self) -> ResourceFacts:
        """Return what the engine is told."""
        return ResourceFacts(self.registered, self.residence, self.household, self.age)


class Place(Document):
    """A place the cases ask about."""

    residence: Region = ""
    registered: Region = ""
    own_area: bool = False

    def facts(self) -> ResourceFacts:
        """Return what the engine is told."""
        return OWN_AREA if self.own_area else ResourceFacts(self.registered, self.residence, person=False)


class People(Document):
    """The content of ``people.yaml``."""

    people: dict[Code, Person]
    places: dict[Code, Place]


class Held(Document):
    """A role that a subject holds."""

    role: Code
    scope: tuple[str, ...]
    """Not checked as codes: a case may show what a broken scope does."""
    valid_from: date | None = None
    valid_until: date | None = None


class Asker(Document):
    """Somebody who asks."""

    roles: tuple[Held, ...]
    household: str | None = None
    second_factor: bool = False

    def subject(self, name: str) -> Subject:
        """Return what the engine is told."""
        held = (RoleInScope(role.role, role.scope, role.valid_from, role.valid_until) for role in self.roles)
        return Subject(name, tuple(held), household=self.household, second_factor=self.second_factor)


class Used(Document):
    """Where the subject's quotas stand."""

    residents: int = 0
    reveals: int = 0
    already_seen: bool = False


class Case(Document):
    """What is asked, and what must come of it."""

    what: str
    subject: Names
    person: Names | None = None
    place: Names | None = None
    """A question about a place, before its people are known; the gateway's own questions have neither."""
    action: Actions
    system: Names
    purpose: Names | None = None
    """The default purpose of the subject's first role when absent."""
    usage: Used = Used()
    allow: bool
    rule: Rules
    """Exactly the rules that decide."""
    reason: Reason | None = None
    """Why a denial; not compared when absent."""
    fields: dict[str, Literal["show", "mask", "withhold", "open"]] = Field(default={})
    rest: Effect | None = None
    """What becomes of every field that is not named; not compared when absent."""
    opens: dict[str, Seconds] | None = None
    """Exactly the fields that this reveal opens, or that some purpose would; not compared when absent."""


class CaseFile(Document):
    """The content of one ``NAME_test.yaml``."""

    today: date
    subjects: dict[Code, Asker]
    cases: tuple[Case, ...] = Field(min_length=1)


def read(folder: Path, engine: Engine) -> tuple[People, dict[str, CaseFile]]:
    """Return the people and the case files by name; raises PolicyFaults with all faults of all files."""
    faults: list[str] = []
    people = document(folder / "people.yaml", People, faults)
    files: dict[str, CaseFile] = {}
    paths = sorted(folder.glob("*_test.yaml"))
    if not paths:
        faults.append("cases: no files NAME_test.yaml")
    for path in paths:
        file = document(path, CaseFile, faults)
        if file is not None:
            files[path.name] = file
            faults += (f"{path.name}: {fault}" for fault in _faults(file, people, engine))
    if faults or people is None:
        raise PolicyFaults(faults)
    return people, files


def _faults(file: CaseFile, people: People | None, engine: Engine) -> Iterator[str]:
    """Yield every name that nobody knows, and every case that cannot be meant."""
    for name, subject in file.subjects.items():
        for role in sorted({held.role for held in subject.roles} - engine.roles.keys()):
            yield f"subjects.{name}: no role is called {role!r}"
    quotas = {f"{role}:quota:{name}" for role in engine.roles for name in _QUOTAS}
    for number, case in enumerate(file.cases, start=1):
        known = {
            "subject": (case.subject, file.subjects),
            "system": (case.system, engine.catalogue),
            "purpose": (case.purpose or (), engine.purposes),
            "rule": (case.rule, {DEFAULT_DENY} | engine.rule_ids | quotas),
        }
        if people is not None:
            known["person"] = (case.person or (), people.people)
            known["place"] = (case.place or (), people.places)
        unknown = [
            f"no {part} is called {name!r}"
            for part, (names, all_) in known.items()
            for name in names
            if name not in all_
        ]
        for fault in (*unknown, *_field_faults(case, engine), *_shape_faults(case)):
            yield f"cases.{number} ({case.what}): {fault}"


def _field_faults(case: Case, engine: Engine) -> Iterator[str]:
    named = {*case.fields, *(case.opens or ())}
    for system in case.system:
        for name in sorted(named - set(engine.catalogue.get(system, named))):
            yield f"{system} has no field {name!r}"


def _shape_faults(case: Case) -> Iterator[str]:
    if case.system != (GATEWAY,) and (case.person is None) == (case.place is None):
        yield "write either a person or a place"
    if not case.allow and (set(case.fields.values()) - {"withhold"} or case.opens):
        yield "what is denied shows and opens nothing"
    if case.allow and case.reason is not None:
        yield "only a denial has a reason"
    if "open" in case.fields.values() and case.action != (Action.REVEAL,):
        yield "only the action reveal opens a field"
