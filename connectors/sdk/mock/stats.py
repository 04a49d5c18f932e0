"""What a mock counts, so that tests can count upstream calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stats:
    """Counts since start. ``calls`` counts questions about people; signing in is counted apart."""

    calls: int = 0
    logins: int = 0
    failed_logins: int = 0
    in_flight: int = 0
    max_concurrent: int = 0
    by_operation: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        """Return what ``GET /_mock/stats`` answers."""
        return {
            "calls": self.calls,
            "logins": self.logins,
            "failed_logins": self.failed_logins,
            "max_concurrent": self.max_concurrent,
            "by_operation": dict(self.by_operation),
        }
