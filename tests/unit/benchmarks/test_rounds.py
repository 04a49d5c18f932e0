"""No ratio where an answer was wrong, and medians with their spread."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks import chart
from benchmarks.load import Load, Run
from benchmarks.paths import HELLO, Path
from benchmarks.process import Server
from benchmarks.rounds import Sample, Spread, lines

SERVER = Server("server", 1, "http://127.0.0.1:1", 0.1)
HELLO_PATH = Path(HELLO, "bare & quick", SERVER, lambda: Load(("127.0.0.1", 1), []))
OURS = replace(HELLO_PATH, key="ours", title="ours", goal=0.4)


def sample(rate: float, us: float, **more: Any) -> Sample:
    run = Run(answered=int(rate), wrong=0, failed=0, seconds=1.0, p50_ms=1, p99_ms=2, client_s=0.1)
    return Sample(run=replace(run, **more), server_s=us * rate / 1e6, load_s=0.2, strangers=0.01)


def test_ratios_are_taken_round_by_round_and_the_warming_round_is_left_out() -> None:
    found = lines(
        [HELLO_PATH, OURS],
        {
            HELLO: [sample(9, 1), sample(1000, 20), sample(500, 20), sample(2000, 20)],
            "ours": [sample(900, 1), sample(500, 40), sample(300, 40), sample(800, 40)],
        },
    )
    assert found[1].ratio == Spread(0.5, 0.4, 0.6)
    assert found[1].cpu_ratio == pytest.approx(0.5)
    assert found[1].reached
    assert found[1].answered == 900 + 500 + 300 + 800


@pytest.mark.parametrize("fault", [{"wrong": 1}, {"failed": 1}, {"ran_out": 1}, {"answered": 0}])
@pytest.mark.parametrize("where", [HELLO, "ours"])
@pytest.mark.parametrize("number", [0, 1])
def test_one_wrong_answer_anywhere_and_there_is_no_ratio(
    fault: dict[str, int], where: str, number: int
) -> None:
    samples = {HELLO: [sample(1000, 20)] * 2, "ours": [sample(500, 40)] * 2}
    samples[where] = [*samples[where]]
    samples[where][number] = sample(100, 10, **fault)
    ours = lines([HELLO_PATH, OURS], samples)[1]
    assert ours.ratio is None
    assert ours.reached is None


def test_the_chart_draws_what_has_a_ratio_and_escapes_its_words() -> None:
    samples = {HELLO: [sample(1000, 20)] * 2, "ours": [sample(500, 40, wrong=3)] * 2}
    picture = chart.as_svg(lines([HELLO_PATH, OURS], samples), 'a "title" <here>')
    assert picture.count('<rect class="b') == 1
    assert "bare &amp; quick" in picture
    assert "&lt;here&gt;" in picture
