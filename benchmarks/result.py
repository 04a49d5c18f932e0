"""What a whole run found, and whether it may be printed."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.ablation import Stage
from benchmarks.evidence import Evidence
from benchmarks.installation import Disk
from benchmarks.morning import Morning
from benchmarks.paths import Absent
from benchmarks.rounds import Line
from benchmarks.storm import Storm

_PACKAGES = ("community-cloud-gateway", "aiohttp", "uvloop", "orjson", "pydantic", "sqlalchemy")
NOISY = 0.05
"""Share of a core that strangers may take before a run is no good for publishing."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how it was measured."""

    client: str
    rounds: int
    seconds: float
    disk: Disk
    processor: str
    cores: int
    versions: Mapping[str, str]
    at: datetime

    @classmethod
    def here(cls, client: str, rounds: int, seconds: float, disk: Disk) -> Setting:
        """Look at this machine."""
        versions = {"python": platform.python_version()}
        versions |= {name: importlib.metadata.version(name) for name in _PACKAGES}
        return cls(
            client=client,
            rounds=rounds,
            seconds=seconds,
            disk=disk,
            processor=_processor(),
            cores=len(os.sched_getaffinity(0)),
            versions=versions,
            at=datetime.now(UTC).replace(microsecond=0),
        )


@dataclass(frozen=True, slots=True)
class Start:
    """What an idle gateway costs."""

    started_s: float
    """From the command to ``ready``."""
    resident_mib: float
    """Before the first request."""


@dataclass(frozen=True, slots=True)
class Rivalry:
    """How many times as many answers a second as a peer of the same run."""

    ours: str
    peer: str
    times: float
    goal: float


_GOALS = (("cached", "apache_proxy", 2.0), ("cold", "fastapi_fanout", 20.0), ("page", "fastapi_hello", 1.0))


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a run found."""

    setting: Setting
    lines: Sequence[Line]
    absent: Sequence[Absent]
    evidence: Mapping[str, Evidence]
    """By gateway: ``warm`` and ``cold``."""
    record_bytes: Mapping[str, int]
    faults: Sequence[str]
    """What was not as it must be, a sentence each."""
    start: Start | None = None
    storm: Storm | None = None
    stages: Sequence[Stage] = ()
    morning: Morning | None = None
    people: int | None = None
    """People in the directory that was searched."""

    @property
    def good(self) -> bool:
        """Tell whether all answers were right and all of them recorded."""
        return not self.all_faults

    @property
    def all_faults(self) -> list[str]:
        """Return a sentence for each thing that makes a figure worthless."""
        found = list(self.faults)
        found += (
            f"{line.path.key}: {line.wrong} wrong and {line.failed} failed of "
            f"{line.answered + line.wrong} answers{', ran out of people' if line.ran_out else ''}"
            for line in self.lines
            if not line.good
        )
        for name, evidence in self.evidence.items():
            if not evidence.good:
                found.append(
                    f"{name}: the audit verified {evidence.verified} events; it holds {dict(evidence.events)} "
                    f"of {dict(evidence.answered)} answers"
                )
        if self.storm is not None and not self.storm.good:
            found.append("storm: a sign-in or a heartbeat was not answered")
        return found

    @property
    def rivalries(self) -> list[Rivalry]:
        """Return how our paths stand to the peers that were there."""
        right = {line.path.key: line for line in self.lines if line.good}
        return [
            Rivalry(ours, peer, right[ours].rate.median / right[peer].rate.median, goal)
            for ours, peer, goal in _GOALS
            if ours in right and peer in right
        ]

    @property
    def noise(self) -> float:
        """Return the largest share of a core that strangers took from any path."""
        return max((line.strangers for line in self.lines), default=0.0)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
