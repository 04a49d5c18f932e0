"""Where a value stands in an answer: ``data.rows``, ``list.0.name``, or ``$`` for the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

ROOT: Final = "$"
_STEP: Final = re.compile(r"[^\s.$*{}\[\]\"']+")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Name a value by the members to go through; a step of digits also counts in a list, from 0."""

    steps: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pointer:
        """Read the dotted form; raises ValueError with a sentence."""
        steps = () if text == ROOT else tuple(text.split("."))
        if not all(_STEP.fullmatch(step) for step in steps):
            raise ValueError(f"must be names with dots between them, such as data.rows, or {ROOT}")
        return cls(steps)

    def find(self, content: Any) -> Any:
        """Return the value; raises LookupError, quoting nothing, where there is none."""
        for step in self.steps:
            match content:
                case dict() if step in content:
                    content = content[step]
                case list() if step.isdecimal():
                    content = content[int(step)]
                case _:
                    raise LookupError("not there")
        return content

    def find_or_none(self, content: Any) -> Any:
        """Return the value, None where there is none: to be absent and to be null mean the same."""
        try:
            return self.find(content)
        except LookupError:
            return None
