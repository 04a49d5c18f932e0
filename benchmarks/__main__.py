"""``python -m benchmarks``: measure the gateway against a bare server on this machine. See docs/performance.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import chart, report, wrk
from benchmarks.cores import CannotMeasure, Cores
from benchmarks.rounds import CLIENTS
from benchmarks.run import PHASES, Bench, Plan
from gateway import logs

RESULTS = Path(__file__).with_name("results")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write it with its JSON and its chart into a folder.

    Returns 0 when every answer was right and recorded, 1 when one was not, 2 when nothing could be measured. A
    goal that is not reached changes nothing here: the table says so.
    """
    options = _parser().parse_args(argv)
    client = options.client or ("wrk" if wrk.installed() else "own")
    plan = Plan.quick(client) if options.quick else Plan.whole(client, options.rounds, options.seconds)
    if options.only:
        plan = replace(plan, phases=options.only.split(","))
    logs.configure("error")
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        # Beside the results and not in /tmp, which may be memory: the audit is to be written to a disk.
        with TemporaryDirectory(prefix="run-", dir=options.out) as folder:
            result = Bench(plan, Cores.pick(), Path(folder)).run()
    except CannotMeasure as why:
        print(f"Nothing was measured: {why}", file=sys.stderr)
        return 2
    text = report.as_text(result)
    (options.out / "benchmark.txt").write_text(text, "utf-8")
    (options.out / "benchmark.json").write_bytes(report.as_json(result))
    if any(line.ratio for line in result.lines):
        title = f"Community Cloud gateway on one core, {result.setting.at:%Y-%m-%d}"
        (options.out / "benchmark.svg").write_text(chart.as_svg(result.lines, title), "utf-8")
    print(text, end="")
    return 0 if result.good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the gateway.")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke test of the benchmark itself, no figures"
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one path in one round")
    parser.add_argument("--client", choices=list(CLIENTS), help="wrk where it is installed, else our own")
    parser.add_argument("--only", help=f"some of {','.join(PHASES)}; storm goes with warm")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the results go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
