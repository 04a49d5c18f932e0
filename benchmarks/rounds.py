"""Measure the paths in turn, round by round, so that a slow minute of the machine meets them all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import client, wrk
from benchmarks.cores import Cores, busy_s, pinned, used_s
from benchmarks.load import Load, Run
from benchmarks.paths import Path
from benchmarks.process import Server

Client = Callable[[Load, float], Run]
CLIENTS: Mapping[str, Client] = {"own": client.run, "wrk": wrk.run}


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one path, and what it cost."""

    run: Run
    server_s: float
    """CPU seconds of the server."""
    load_s: float
    """CPU seconds of the client and the upstreams on the load's core."""
    strangers: float
    """Share of the two cores' time that neither idled nor belonged to server, client or upstreams; the worse one."""

    @property
    def good(self) -> bool:
        """Tell whether every answer was right."""
        run = self.run
        return run.answered > 0 and not (run.wrong or run.failed or run.ran_out)

    @property
    def us(self) -> float:
        """Return the server's CPU microseconds for one answer."""
        done = self.run.answered + self.run.cut_off / 2
        return self.server_s / done * 1e6 if done else 0.0


def measure(
    paths: Sequence[Path],
    rounds: int,
    seconds: float,
    cores: Cores,
    load_client: Client,
    helpers: Sequence[Server] = (),
) -> dict[str, list[Sample]]:
    """Return the samples of each path, in the order of the rounds; ``helpers`` share the load's core.

    A round before them warms everything up and counts for nothing but the audit.
    """
    samples: dict[str, list[Sample]] = {path.key: [] for path in paths}
    for number in range(rounds + 1):
        for path in paths:
            sample = _sample(path, seconds if number else min(seconds, 1.0), cores, load_client, helpers)
            samples[path.key].append(sample)
    return samples


def _sample(
    path: Path, seconds: float, cores: Cores, load_client: Client, helpers: Sequence[Server]
) -> Sample:
    load = path.load()
    used, helped = used_s(path.server.pid), _all_s(helpers)
    server_busy, load_busy = busy_s(cores.server), busy_s(cores.load)
    with pinned(cores.load):
        run = load_client(load, seconds)
    server_s = used_s(path.server.pid) - used
    load_s = run.client_s + _all_s(helpers) - helped
    strangers_s = max(
        busy_s(cores.server) - server_busy - server_s, busy_s(cores.load) - load_busy - load_s, 0.0
    )
    return Sample(run=run, server_s=server_s, load_s=load_s, strangers=strangers_s / run.seconds)


def _all_s(servers: Sequence[Server]) -> float:
    return sum(used_s(server.pid) for server in servers)


@dataclass(frozen=True, slots=True)
class Spread:
    """A median between the least and the greatest."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Take at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Line:
    """What all rounds together say of one path."""

    path: Path
    rate: Spread
    us: Spread
    ratio: Spread | None
    """Of the rates, pairwise in each round; None without a baseline, or where an answer was wrong."""
    cpu_ratio: float | None
    """The same of the CPU for one answer, which strangers on the core disturb less."""
    p50_ms: float
    p99_ms: float
    load_share: float
    """How busy the load's core was with this load."""
    strangers: float
    answered: int
    """Right answers of all runs, the warming one included."""
    cut_off: int
    wrong: int
    failed: int
    ran_out: bool

    @property
    def good(self) -> bool:
        """Tell whether every answer of every run was right."""
        return self.answered > 0 and not (self.wrong or self.failed or self.ran_out)

    @property
    def reached(self) -> bool | None:
        """Tell whether the goal was reached; None where there is none."""
        if self.path.goal is None or self.ratio is None:
            return None
        return self.ratio.median >= self.path.goal


def lines(paths: Sequence[Path], samples: Mapping[str, Sequence[Sample]]) -> list[Line]:
    """Return one line for each path; the warming round counts for correctness, not for speed."""
    return [_line(path, samples) for path in paths]


def _line(path: Path, samples: Mapping[str, Sequence[Sample]]) -> Line:
    every = samples[path.key]
    timed = every[1:]
    base = samples[path.baseline] if path.baseline else None
    right = all(sample.good for sample in every) and (base is None or all(sample.good for sample in base))
    ratio = cpu_ratio = None
    if base is not None and right:
        pairs = list(zip(timed, base[1:], strict=True))
        ratio = Spread.of([one.run.rate / other.run.rate for one, other in pairs])
        cpu_ratio = median(other.us / one.us for one, other in pairs if one.us)
    return Line(
        path=path,
        rate=Spread.of([sample.run.rate for sample in timed]),
        us=Spread.of([sample.us for sample in timed]),
        ratio=ratio,
        cpu_ratio=cpu_ratio,
        p50_ms=median(sample.run.p50_ms for sample in timed),
        p99_ms=median(sample.run.p99_ms for sample in timed),
        load_share=median(sample.load_s / sample.run.seconds for sample in timed),
        strangers=median(sample.strangers for sample in timed),
        answered=sum(sample.run.answered for sample in every),
        cut_off=sum(sample.run.cut_off for sample in every),
        wrong=sum(sample.run.wrong for sample in every),
        failed=sum(sample.run.failed for sample in every),
        ran_out=any(sample.run.ran_out for sample in every),
    )
