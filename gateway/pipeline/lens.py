"""A lens: what two decisions together let through of any person they hold for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policies.model import DEFAULT_DENY, Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.model import Decision

    Decisions = Mapping[str, Decision]
    Effects = Mapping[tuple[str, str], Effect]

_WIDTH = {Effect.WITHHOLD: 0, Effect.MASK: 1, Effect.SHOW: 2}


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """The effects of the decision on a question and of that on a row, combined."""

    effects: Effects
    """(field, system) -> the narrower of both effects."""
    withheld: Mapping[str, str]
    """Field -> rule, for what is withheld from anyone here, whether or not a record holds it."""
    revealable: frozenset[str]
    """Masked fields that some purpose would open."""
    shown: dict[frozenset[tuple[str, str]], bool] = field(default_factory=dict, repr=False)
    """What :meth:`shows` has said; an index knows few combinations."""

    def shows(self, alternatives: frozenset[tuple[str, str]]) -> bool:
        """Tell whether any of these (field, system) pairs is shown as it is."""
        found = self.shown.get(alternatives)
        if found is None:
            found = any(self.effects.get(pair) is Effect.SHOW for pair in alternatives)
            self.shown[alternatives] = found
        return found


def lens(place: Decisions, rows: Decisions) -> Lens | None:
    """Combine the decision on the question with the one on the row, system by system.

    ``place`` has every system, ``rows`` those that ``place`` allows. None when no system allows the row.
    """
    if not any(row.allow for row in rows.values()):
        return None
    return Lens(
        effects={
            (name, system): min(place[system].fields[name], effect, key=_WIDTH.__getitem__)
            for system, row in rows.items()
            for name, effect in row.fields.items()
        },
        withheld=_withheld(place, rows),
        revealable=frozenset(name for row in rows.values() for name in row.reveal_s),
    )


def _withheld(place: Decisions, rows: Decisions) -> Mapping[str, str]:
    withheld: dict[str, str] = {}
    let_out: set[str] = set()
    for system, decision in place.items():
        row = rows.get(system, decision)
        for name in decision.fields:
            rule = decision.withheld_by.get(name) or row.withheld_by.get(name)
            if rule is None:
                let_out.add(name)
            elif withheld.get(name, DEFAULT_DENY) == DEFAULT_DENY:
                # An explicit rule tells more than the default.
                withheld[name] = rule
    return {name: rule for name, rule in withheld.items() if name not in let_out}
