"""The tour that both READMEs tell runs as it stands there, against a real demo."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.flow.conftest import Demo
from tests.flow.running import PASSWORD

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_tour_runs_as_it_is_told(name: str, demo: Demo, tmp_path: Path) -> None:
    script = "set -eu\n" + "\n".join(_BLOCK.findall((ROOT / name).read_text("utf-8")))

    told = subprocess.run(
        ["bash", "-c", script],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "BASE": demo.gateway.base_url, "PASSWORD": PASSWORD},
        text=True,
        timeout=50,
    ).stdout

    record = (tmp_path / "record.json").read_text("utf-8")
    assert '"relief_programmes"' in record
    assert '"living_alone"' in record
    assert '"door"' in record
    assert re.search(r'"id_number":\{"value":"3\d{16}[\dX]"', told), "the number is open for a purpose"
    assert "cadre resident:search" in told
    assert "cadre resident:read" in told
    assert "cadre resident:reveal visit id_number" in told
    assert '"rule":"default-deny"' in told
    assert '"code":"not_found_in_scope"' in told


def test_both_languages_show_the_same_commands() -> None:
    english, chinese = (
        [_without_comments(block) for block in _BLOCK.findall((ROOT / name).read_text("utf-8"))]
        for name in ("README.md", "README.zh-CN.md")
    )

    assert english == chinese


def _without_comments(block: str) -> str:
    return re.sub(r":\?[^}]*", ":?", block)
