"""The budget: what each stage of a cached lookup costs in place, by leaving it out (:mod:`benchmarks.variant`).

Adding up micro-benchmarks misleads, as a stage costs two to five times as much among the others as alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path as File

from benchmarks.cold import numbers
from benchmarks.cores import Cores
from benchmarks.installation import USERNAME, Installation, environment
from benchmarks.load import Load, request
from benchmarks.paths import Path
from benchmarks.process import Server, running
from benchmarks.reader import API, Reader
from benchmarks.rounds import Client, Spread, measure
from benchmarks.variant import VARIANTS, WHOLE
from connectors.sdk import Identity, IdentityKind

_PEOPLE = 100
_OK = b'"complete":true'


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage, and a lookup without it."""

    key: str
    name: str
    us: float
    """The server's CPU microseconds for one cached lookup without this stage."""
    costs_us: float
    """How much less that is than the whole; a difference of two measurements, so a few microseconds are noise."""
    good: bool


def budget(
    installation: Installation,
    rounds: int,
    seconds: float,
    cores: Cores,
    client: Client,
    folder: File,
    hello: Sequence[Path] = (),
    variants: Iterable[str] = VARIANTS,
) -> list[Stage]:
    """Return the stages; every variant runs before the same upstreams, with everybody in its cache.

    ``hello`` are paths to measure in the same rounds: the bare server that the budget begins with. The whole
    gateway must be among the ``variants``.
    """
    tokens = [
        installation.tokens.of_person(Identity(IdentityKind.CITIZEN, number))
        for number in islice(numbers(), _PEOPLE)
    ]
    with ExitStack() as stack:
        paths = list(hello)
        for key in variants:
            server = stack.enter_context(
                running(
                    f"variant-{key}",
                    [
                        sys.executable,
                        "-m",
                        "benchmarks.variant",
                        "--config",
                        installation.config,
                        "--without",
                        key,
                    ],
                    cores.server,
                    folder,
                    environment(),
                )
            )
            reader = Reader.sign_in(server.address, USERNAME, installation.password)
            for token in tokens:
                reader.json("GET", f"{API}/residents/{token}")
            paths.append(Path(key, VARIANTS[key].title, server, _load(server, reader, tokens)))
        samples = measure(paths, rounds, seconds, cores, client)
    whole = Spread.of([sample.us for sample in samples[WHOLE][1:]]).median
    stages = []
    for path in paths:
        us = Spread.of([sample.us for sample in samples[path.key][1:]]).median
        good = all(sample.good for sample in samples[path.key])
        stages.append(Stage(path.key, path.title, us, whole - us, good))
    return stages


def _load(server: Server, reader: Reader, tokens: Sequence[str]) -> Callable[[], Load]:
    cookie = {"Cookie": reader.headers["Cookie"]}
    asked = [request("GET", f"{API}/residents/{token}", cookie) for token in tokens]
    return lambda: Load(server.address, asked, _OK)
