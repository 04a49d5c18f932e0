"""What is measured: each path with its load, its server, and what it is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.load import Load
from benchmarks.process import Server

HELLO = "hello"
FANOUT = "fanout"


@dataclass(frozen=True, slots=True)
class Path:
    """One thing to measure."""

    key: str
    title: str
    server: Server
    load: Callable[[], Load]
    """Makes the load of one run; called anew for each, outside of the measured time."""
    baseline: str | None = HELLO
    """Key of the path, measured in the same rounds, that is 1.00."""
    goal: float | None = None
    """Least ratio to the baseline."""
    action: str | None = None
    """The audit action that every right answer leaves, where it leaves one."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Something that is not measured, said loudly."""

    title: str
    why: str
