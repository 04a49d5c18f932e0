"""Two cores, one for the server that is measured and one for its load; and who used how much of them.

Linux only: affinity by ``sched_setaffinity(2)``, times by ``proc(5)``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


class CannotMeasure(Exception):
    """This machine, or this moment, gives no figure worth printing; the text says why."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core does what."""

    server: int
    load: int

    @classmethod
    def pick(cls) -> Cores:
        """Take two of the cores that we may use; the first is for the load, as it tends to serve interrupts."""
        mine = sorted(os.sched_getaffinity(0))
        if len(mine) < 2:
            raise CannotMeasure("two cores are needed: one for the server, one for the load")
        return cls(server=mine[1], load=mine[0])


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keep this thread, and the processes it starts meanwhile, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def used_s(pid: int) -> float:
    """Return the CPU seconds, user and system, that a process, its threads and its living children have used."""
    return sum(_process_s(one) for one in family(pid))


def family(pid: int) -> list[int]:
    """Return a process and its living descendants."""
    parents: dict[int, int] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def resident_mib(pid: int) -> float:
    """Return the resident memory of one process, in MiB."""
    fields = _stat(pid)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20 if fields else 0.0


def busy_s(core: int) -> float:
    """Return the seconds that a core was not idle since the machine started, time stolen by the host included."""
    for line in (_PROC / "stat").read_text("ascii").splitlines():
        name, *times = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, times[:8])
            return (user + nice + system + irq + softirq + steal) * _TICK_S
    raise CannotMeasure(f"/proc/stat does not know core {core}")


def _process_s(pid: int) -> float:
    """Add up the threads in nanoseconds as the scheduler counts them: ``stat`` counts in ticks of 10 ms."""
    try:
        threads = list((_PROC / str(pid) / "task").iterdir())
    except FileNotFoundError:
        return 0.0
    return sum(_thread_s(thread) for thread in threads)


def _thread_s(thread: Path) -> float:
    try:
        return int((thread / "schedstat").read_text("ascii").split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the third on (state, ppid, ...); empty if it has ended."""
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The name in brackets may hold blanks and brackets.
    return text.rpartition(")")[2].split()
