"""What the process counts of its own requests: plain numbers, read when somebody looks at the metrics."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """Count requests and their time by method, route (never the address) and status."""

    counts: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    seconds: defaultdict[tuple[str, str, int], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count one; ``method`` and ``route`` are of our own list, or clients would fill the memory."""
        key = (method, route, status)
        self.counts[key] += 1
        self.seconds[key] += duration_s
