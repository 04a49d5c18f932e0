"""What policy says of a call and of each row of its answer, kept while it must say the same again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cachetools import LRUCache

from gateway.pipeline.lens import Lens, lens
from policies.model import Action, Subject, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from gateway.pipeline.lens import Decisions
    from gateway.pipeline.step import Located
    from policies.engine import Engine
    from policies.model import Decision, ResourceFacts

    Lenses = LRUCache[tuple[str, ...], Lens | None]

MAX_RULINGS = 16_384
"""Rulings kept: one for each place and reader's roles, so about one for each person and kind of reader."""
MAX_LENSES = 4096
"""Combinations of decisions kept; a policy has some dozens."""

_UNUSED = Usage()


@dataclass(frozen=True, slots=True, eq=False)
class Ruling:
    """What one version of the policy says on one day of one kind of question to readers of equal roles."""

    engine: Engine
    subject: Subject
    """The reader as far as policy knows them: without account and organisation."""
    action: Action
    purpose: str
    facts: ResourceFacts
    """Whom or where is asked about, as the locate step found it."""
    today: date
    usage: Usage
    decisions: Decisions
    """Decision by system, in the configured order."""
    lasting: bool
    """No quota has a say, so that it is one object for all equal calls and a key for what follows from it."""
    lenses: Lenses = field(repr=False)
    allowed: tuple[str, ...] = field(init=False)
    """The systems that may be asked."""
    rules: tuple[str, ...] = field(init=False)
    """The rules that allow it, each once."""

    def __post_init__(self) -> None:
        permits = {name: one for name, one in self.decisions.items() if one.allow}
        object.__setattr__(self, "allowed", tuple(permits))
        rules = (rule for one in permits.values() for rule in one.rules)
        object.__setattr__(self, "rules", tuple(dict.fromkeys(rules)))

    def rows(self, facts: ResourceFacts) -> Decisions:
        """Decide about a row, system by system that may be asked."""
        if facts == self.facts:
            return {name: self.decisions[name] for name in self.allowed}
        return {name: self.decide(self.action, name, facts, self.usage) for name in self.allowed}

    def through(self, rows: Decisions) -> Lens | None:
        """Return what lets a row's fields out, None when no permit covers it."""
        digests = (decision.digest for decision in (*self.decisions.values(), *rows.values()))
        key = (self.engine.version, *digests)
        if key not in self.lenses:
            self.lenses[key] = lens(self.decisions, rows)
        return self.lenses[key]

    def decide(self, action: Action, system: str, facts: ResourceFacts, usage: Usage) -> Decision:
        """Decide about a row of one system."""
        return self.engine.decide(self.subject, action, system, facts, self.purpose, self.today, usage)


class Rulings:
    """Make rulings, and keep them for as long as one policy is in force on one day."""

    def __init__(self, policy: Callable[[], Engine], systems: Sequence[str]) -> None:
        """Take what returns the engine in force, and the systems in their configured order."""
        self._policy = policy
        self._systems = systems
        self._in_force: tuple[Engine, date] | None = None
        self._kept: LRUCache[tuple[object, ...], Ruling] = LRUCache(MAX_RULINGS)
        self._lenses: Lenses = LRUCache(MAX_LENSES)

    def of(self, located: Located, usage: Usage) -> Ruling:
        """Return the ruling on a call.

        What decides is the same for readers who differ in their account alone. A used-up quota may deny, so
        then the ruling is made anew and kept by nobody.
        """
        call, engine = located.call, self._policy()
        if engine.metered(call.subject, call.action, usage):
            return self._made(engine, located, usage, lasting=False)
        if self._in_force != (engine, located.today):
            self._in_force = (engine, located.today)
            self._kept.clear()
        subject = call.subject
        key = (
            subject.roles,
            subject.second_factor,
            subject.household,
            call.action,
            call.purpose,
            located.facts,
        )
        try:
            return self._kept[key]
        except KeyError:
            ruling = self._kept[key] = self._made(engine, located, _UNUSED, lasting=True)
            return ruling

    def _made(self, engine: Engine, located: Located, usage: Usage, *, lasting: bool) -> Ruling:
        call = located.call
        # Nothing that is no part of a kept ruling's key may have a say in it.
        subject = Subject(
            "", call.subject.roles, second_factor=call.subject.second_factor, household=call.subject.household
        )
        decisions: Mapping[str, Decision] = {
            system: engine.decide(
                subject, call.action, system, located.facts, call.purpose, located.today, usage
            )
            for system in self._systems
        }
        return Ruling(
            engine,
            subject,
            call.action,
            call.purpose,
            located.facts,
            located.today,
            usage,
            decisions,
            lasting,
            self._lenses,
        )
