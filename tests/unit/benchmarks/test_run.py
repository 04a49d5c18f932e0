"""The whole benchmark, once through, in half a minute: servers, rounds, checks, table, JSON and chart."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="measuring takes two cores")
@pytest.mark.timeout(240)
def test_a_quick_run_measures_checks_and_writes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--client", "own", "--out", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads((tmp_path / "benchmark.json").read_bytes())
    assert found["good"]
    assert {"hello", "healthz", "cached", "search", "fanout", "cold"} <= found["paths"].keys()
    assert all(path["ratio"] and not path["wrong"] for path in found["paths"].values())
    for gateway in found["audit"].values():
        assert gateway["events"] == gateway["answered"]
    assert found["storm"]["sign_ins_a_second"] > 0
    assert {stage["name"] for stage in found["stages"]} >= {"nothing: the whole gateway"}
    assert found["morning"]["acts"]["open"] == 50
    assert (tmp_path / "benchmark.svg").read_text().startswith("<svg")
    assert "cached lookup" in ended.stdout
    # The installations, with their keys and their state, are gone.
    assert {file.name for file in tmp_path.iterdir()} == {"benchmark.json", "benchmark.svg", "benchmark.txt"}
