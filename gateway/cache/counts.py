"""How the cache was used since the start: plain numbers, read when somebody looks at the metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, eq=False)
class CacheCounts:
    """Count answers by system; each answer is a hit, a miss or stale."""

    together: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Hits by the systems that one look asked: one sum for them all, as this is the hottest path."""
    single: Counter[str] = field(default_factory=Counter)
    """Hits of one system."""
    misses: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    """Older data stood in: the system failed, or is being asked anew behind the reader's back."""

    def hits(self) -> Mapping[str, int]:
        """Return the hits by system."""
        hits = Counter(self.single)
        for systems, looks in self.together.items():
            hits.update(dict.fromkeys(systems, looks))
        return hits
