"""The whole benchmark, once through, in half a minute: servers, rounds, checks, table, JSON and chart."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.__main__ import main


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="measuring takes two cores")
@pytest.mark.timeout(240)
def test_a_quick_run_measures_checks_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "--client", "own", "--out", str(tmp_path)]) == 0, capsys.readouterr().out
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
    assert "cached lookup" in capsys.readouterr().out
    # The installations, with their keys and their state, are gone.
    assert {file.name for file in tmp_path.iterdir()} == {"benchmark.json", "benchmark.svg", "benchmark.txt"}
