"""One whole run: servers up, rounds, checks, servers down."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path as File

import orjson

from benchmarks import ablation, morning, storm
from benchmarks.ablation import Stage
from benchmarks.cold import Cold, fanout_load
from benchmarks.cores import Cores, resident_mib
from benchmarks.evidence import Evidence, counts, examine
from benchmarks.fanout import SYSTEMS
from benchmarks.installation import (
    COMMITTEE,
    USERNAME,
    Account,
    Disk,
    Installation,
    accounts,
    environment,
)
from benchmarks.load import Load, request
from benchmarks.morning import Morning
from benchmarks.paths import FANOUT, HELLO, Absent, Path
from benchmarks.peers import apache, fastapi, nginx
from benchmarks.process import Server, address_of, running
from benchmarks.reader import Reader
from benchmarks.result import Result, Setting, Start
from benchmarks.rounds import CLIENTS, Line, lines, measure
from benchmarks.storm import Storm
from benchmarks.variant import VARIANTS, WHOLE
from benchmarks.warm import Warm

PHASES = ("warm", "cold", "storm", "stages", "morning")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    client: str
    rounds: int
    seconds: float
    phases: Sequence[str] = PHASES
    lookups: int = 1000
    """Of the morning."""
    variants: Sequence[str] = tuple(VARIANTS)
    """Of the budget."""

    @classmethod
    def whole(cls, client: str, rounds: int = 5, seconds: float = 3.0) -> Plan:
        """Measure all in about five minutes."""
        return cls(client, rounds, seconds)

    @classmethod
    def quick(cls, client: str) -> Plan:
        """Only show that everything works; the figures are worth nothing."""
        return cls(client, rounds=1, seconds=0.5, lookups=50, variants=(WHOLE, "write"))


@dataclass(slots=True)
class _Found:
    """What the phases have found so far."""

    lines: list[Line] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    record_bytes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    start: Start | None = None
    storm: Storm | None = None
    stages: list[Stage] = field(default_factory=list)
    morning: Morning | None = None
    people: int | None = None


@dataclass(slots=True)
class Bench:
    """The machine's two cores, a folder, and what is found."""

    plan: Plan
    cores: Cores
    folder: File
    found: _Found = field(default_factory=_Found)

    def run(self) -> Result:
        """Measure everything that the plan names; raises CannotMeasure where nothing can be said."""
        setting = Setting.here(self.plan.client, self.plan.rounds, self.plan.seconds, Disk.under(self.folder))
        phases = {
            "warm": self._warm,
            "cold": self._cold,
            "stages": self._stages,
            "morning": self._morning,
        }
        for name, phase in phases.items():
            if name in self.plan.phases:
                _tell(f"{name} ...")
                phase()
        found = self.found
        return Result(
            setting=setting,
            lines=found.lines,
            absent=found.absent,
            evidence=found.evidence,
            record_bytes=found.record_bytes,
            faults=found.faults,
            start=found.start,
            storm=found.storm,
            stages=found.stages,
            morning=found.morning,
            people=found.people,
        )

    def _warm(self) -> None:
        with ExitStack() as stack:
            instant = stack.enter_context(self._upstream())
            bare = stack.enter_context(self._bare(instant))
            mocks = stack.enter_context(
                running(
                    "mocks",
                    # Of the five the three that the cold fan-out asks, so that runs of all versions compare.
                    [sys.executable, "-m", "mocks", *SYSTEMS, "--json", "--until-stdin-closes"],
                    self.cores.load,
                    self.folder,
                    ready="{",
                )
            )
            printed = "{" + mocks.said
            installation = Installation.make(self.folder / "warm", accounts(printed))
            with running(
                "warm", installation.serve, self.cores.server, self.folder, environment()
            ) as gateway:
                self.found.start = Start(gateway.started_s, resident_mib(gateway.pid))
                self.found.people = _residents(orjson.loads(printed)["city"]["base_url"])
                reader = Reader.sign_in(gateway.address, USERNAME, installation.password)
                warm = Warm.up(gateway, reader)
                self.found.record_bytes["cached"] = warm.record_bytes()
                ours, absent = warm.paths()
                self.found.absent += absent
                peers = self._static_peers(stack, instant)
                before, asked = counts(installation), _asked(printed)
                measured = self._rounds([_hello(bare), *ours, *peers], [mocks])
                if _asked(printed) != asked:
                    self.found.faults.append("warm: line systems were asked; this was not the cache's speed")
                if "storm" in self.plan.phases:
                    _tell("storm ...")
                    seconds = max(1.0, 2 * self.plan.seconds)
                    self.found.storm = storm.blow(gateway, installation.password, seconds, self.cores)
            _tell("audit verify ...")
            self.found.evidence["warm"] = examine(installation, before, measured)

    def _cold(self) -> None:
        with ExitStack() as stack:
            instant = stack.enter_context(self._upstream())
            bare = stack.enter_context(self._bare(instant))
            installation = Installation.make(self.folder / "cold", _instant(instant))
            with running(
                "cold", installation.serve, self.cores.server, self.folder, environment()
            ) as gateway:
                reader = Reader.sign_in(gateway.address, USERNAME, installation.password)
                cold = Cold(gateway, instant, reader, installation.tokens, self.plan.seconds)
                self.found.record_bytes["cold"] = cold.first_look()
                fanout = Path(
                    FANOUT, "bare aiohttp, fan-out to three systems", bare, fanout_load(bare), FANOUT
                )
                paths = [fanout, cold.path()]
                peer = fastapi.fanout(stack, self.cores, self.folder, _bases(instant))
                if isinstance(peer, Absent):
                    self.found.absent.append(peer)
                else:
                    paths.append(peer)
                before, asked = counts(installation), cold.calls()
                measured = self._rounds(paths, [instant])
                self._each_system_once(measured, asked, cold.calls())
            _tell("audit verify ...")
            self.found.evidence["cold"] = examine(installation, before, measured)

    def _each_system_once(
        self, measured: Sequence[Line], before: Mapping[str, int], after: Mapping[str, int]
    ) -> None:
        least = sum(line.answered for line in measured)
        most = least + sum(line.cut_off for line in measured)
        for name in SYSTEMS:
            calls = after[name] - before[name]
            if not least <= calls <= most:
                self.found.faults.append(f"cold: {calls} calls of {name} for {least} lookups")

    def _stages(self) -> None:
        with ExitStack() as stack:
            instant = stack.enter_context(self._upstream())
            bare = stack.enter_context(self._bare(instant))
            installation = Installation.make(self.folder / "stages", _instant(instant))
            self.found.stages = ablation.budget(
                installation,
                max(1, self.plan.rounds - 2),
                self.plan.seconds / 2,
                self.cores,
                CLIENTS[self.plan.client],
                self.folder,
                [_hello(bare)],
                self.plan.variants,
            )
            self.found.faults += [
                f"stages: without {stage.key}: wrong answers" for stage in self.found.stages if not stage.good
            ]

    def _morning(self) -> None:
        folder = self.folder / "morning"
        folder.mkdir(mode=0o700)
        self.found.morning = morning.run(folder, self.plan.lookups)

    def _static_peers(self, stack: ExitStack, instant: Server) -> list[Path]:
        upstream = _bases(instant)[0]
        offered = [
            fastapi.hello(stack, self.cores, self.folder, _bases(instant)),
            nginx.static(stack, self.cores, self.folder),
            *apache.sessions(stack, self.cores, self.folder, upstream),
        ]
        self.found.absent += [one for one in offered if isinstance(one, Absent)]
        return [one for one in offered if isinstance(one, Path)]

    def _rounds(self, paths: Sequence[Path], helpers: Sequence[Server]) -> list[Line]:
        samples = measure(
            paths, self.plan.rounds, self.plan.seconds, self.cores, CLIENTS[self.plan.client], helpers
        )
        measured = lines(paths, samples)
        self.found.lines += measured
        return measured

    @contextmanager
    def _upstream(self) -> Iterator[Server]:
        command = [sys.executable, "-m", "benchmarks.upstream"]
        with running("upstream", command, self.cores.load, self.folder) as server:
            yield server

    @contextmanager
    def _bare(self, instant: Server) -> Iterator[Server]:
        command = [sys.executable, "-m", "benchmarks.bare", *_bases(instant)]
        with running("bare", command, self.cores.server, self.folder) as server:
            yield server


def _hello(bare: Server) -> Path:
    return Path(
        HELLO,
        "bare aiohttp on uvloop, 590 bytes",
        bare,
        lambda: Load(bare.address, [request("GET", "/")], b'"ok"'),
    )


def _bases(instant: Server) -> tuple[str, ...]:
    addresses = orjson.loads(instant.said)
    return tuple(addresses[name] for name in SYSTEMS)


def _instant(instant: Server) -> dict[str, Account]:
    return {name: Account(base) for name, base in zip(SYSTEMS, _bases(instant), strict=True)}


def _asked(printed: str) -> dict[str, int]:
    """Return how many questions about people each mock has been asked."""
    return {
        name: Reader(address_of(system["base_url"])).json("GET", "/_mock/stats")["calls"]
        for name, system in orjson.loads(printed)["systems"].items()
    }


def _residents(city: str) -> int:
    path = f"/_mock/truth?committee={COMMITTEE}"
    return len(Reader(address_of(city)).json("GET", path))


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
