"""Run the written cases against an engine: who asks whom for what, and what must come of it.

A case stands in ``cases/NAME_test.yaml`` and speaks of the people and places of ``cases/people.yaml``::

    today: 2026-11-21
    subjects:
      cadre: {roles: [{role: cadre, scope: ["310109010003"]}]}
    cases:
      - what: 走访时打开电话
        subject: cadre
        person: elder
        action: reveal
        system: household
        purpose: visit
        allow: true
        rule: cadre:household:1
        fields: {name: show, phone: open, registered_address: withhold}
        opens: {id_number: 60, phone: 60}

Subject, person (or place), action, system and purpose may be lists: every combination must come out as
written. :mod:`policies.case_file` says what else a case may hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from policies.case_file import Case, CaseFile, People, read
from policies.load import SHIPPED
from policies.model import Action, Decision, ResourceFacts, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from policies.engine import Engine

_NOBODY = ResourceFacts()


@dataclass(frozen=True, slots=True)
class Failure:
    """One point in which a decision is not what its case says."""

    file: str
    case: str
    question: str
    """Who, what, whom, why, in the file's own names."""
    point: str
    """``allow``, ``rule``, ``reason``, ``opens`` or ``fields.NAME``."""
    expected: str
    actual: str
    rule: str
    """The rules that decided."""

    def __str__(self) -> str:
        """Tell it in one line."""
        return (
            f"{self.file}: {self.case}: {self.question}: {self.point} should be {self.expected}, "
            f"is {self.actual} ({self.rule})"
        )


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a run."""

    total: int
    """Decisions made: every combination of every case."""
    failures: tuple[Failure, ...]
    uncovered: tuple[str, ...]
    """Grants that no case uses and forbids that no case meets."""


def run(engine: Engine, folder: Path = SHIPPED / "cases") -> Results:
    """Decide every case of a folder and compare.

    Raises PolicyFaults with all faults of all files if one names what is not there: then nothing is decided.
    """
    people, files = read(folder, engine)
    total = 0
    failures: list[Failure] = []
    met: set[str] = set()
    for name, file in files.items():
        for case in file.cases:
            for question, decision in _asked(engine, people, file, case):
                total += 1
                met.update(decision.rules, decision.withheld_by.values())
                failures += (
                    Failure(name, case.what, question, point, expected, actual, ", ".join(decision.rules))
                    for point, expected, actual in _points(case, decision)
                    if expected != actual
                )
    return Results(total, tuple(failures), tuple(sorted(engine.rule_ids - met)))


def _asked(engine: Engine, people: People, file: CaseFile, case: Case) -> Iterator[tuple[str, Decision]]:
    """Yield every combination in words, with its decision."""
    targets: dict[str, ResourceFacts] = {name: people.people[name].facts() for name in case.person or ()}
    targets |= {name: people.places[name].facts() for name in case.place or ()}
    usage = Usage(case.usage.residents, case.usage.reveals, case.usage.already_seen)
    for who, action, system, whom in product(case.subject, case.action, case.system, targets or ("",)):
        subject = file.subjects[who].subject(who)
        for why in case.purpose or (engine.default_purpose(subject),):
            facts = targets.get(whom, _NOBODY)
            decision = engine.decide(subject, action, system, facts, why, file.today, usage)
            yield " ".join(filter(None, (who, action, system, whom, f"for {why}"))), decision


def _points(case: Case, decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Yield point, expected and actual for all that a case says."""
    yield "allow", _word(case.allow), _word(decision.allow)
    yield "rule", ", ".join(sorted(case.rule)), ", ".join(sorted(decision.rules))
    if case.reason is not None:
        yield "reason", case.reason, decision.reason or "none"
    if case.opens is not None:
        yield "opens", _words(case.opens.items()), _words(decision.reveal_s.items())
    reveals = case.action == (Action.REVEAL,)
    for name, effect in decision.fields.items():
        expected = case.fields.get(name, case.rest)
        if expected is not None:
            yield f"fields.{name}", expected, "open" if reveals and name in decision.reveal_s else effect


def _word(value: object) -> str:
    return str(value).lower()


def _words(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {seconds} s" for name, seconds in sorted(pairs)) or "nothing"
