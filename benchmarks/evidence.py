"""Was every answer written down? The audit's own word, against the count of answers."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.installation import Installation
from benchmarks.rounds import Line

_OK = re.compile(r"ok (\d+) events")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the audit holds of one run, and whether it is what was answered."""

    verified: int
    """Events that ``audit verify`` found right."""
    events: Mapping[str, int]
    """Events of the measured paths, by action."""
    answered: Mapping[str, int]
    cut_off: Mapping[str, int]
    """Requests whose answers the client did not wait for, at most; the gateway may have recorded them."""

    @property
    def good(self) -> bool:
        """Tell whether there is an event for each answer, and none beyond."""
        return self.verified > 0 and all(
            count <= self.events.get(action, 0) <= count + self.cut_off[action]
            for action, count in self.answered.items()
        )


def counts(installation: Installation) -> dict[str, int]:
    """Return the recorded events by action."""
    with sqlite3.connect(f"file:{installation.folder / 'state.db'}?mode=ro", uri=True) as store:
        rows = store.execute("SELECT action, count(*) FROM audit_event GROUP BY action")
        return {str(action): int(count) for action, count in rows}


def examine(installation: Installation, before: Mapping[str, int], lines: Iterable[Line]) -> Evidence:
    """Verify the whole chain and compare the events since ``before`` with the answers; the gateway must have ended."""
    answered: dict[str, int] = {}
    cut_off: dict[str, int] = {}
    for line in lines:
        if line.path.action:
            answered[line.path.action] = answered.get(line.path.action, 0) + line.answered
            cut_off[line.path.action] = cut_off.get(line.path.action, 0) + line.cut_off
    after = counts(installation)
    found = _OK.match(installation.command("audit", "verify"))
    return Evidence(
        verified=int(found[1]) if found else 0,
        events={action: after.get(action, 0) - before.get(action, 0) for action in answered},
        answered=answered,
        cut_off=cut_off,
    )
