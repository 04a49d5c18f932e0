"""A city looked at on a later day has aged; the people in it are the same."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.city import DEMO_COMMITTEE, EPOCH, City, city_day
from mocks.city.codes import DocumentKind

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2020-01-01T00:00:00+00:00", EPOCH),
        ("2026-11-21T15:59:59+00:00", EPOCH),
        ("2026-11-21T16:00:00+00:00", date(2026, 11, 22)),
        ("2026-11-21T12:00:00-05:00", date(2026, 11, 22)),
        ("2028-02-29T10:00:00+08:00", date(2028, 2, 29)),
    ],
)
def test_the_day_is_shanghais_and_never_before_the_epoch(now: str, day: date) -> None:
    assert city_day(datetime.fromisoformat(now)) == day


def test_people_grow_into_the_elderly_system_and_its_age_bounds() -> None:
    before, after = City(1, 2_000), City(1, 2_000, as_of=date(2029, 3, 1))
    assert list(before.people) == list(after.people)
    assert [before.disagreements(p.pid) for p in before.people] == [
        after.disagreements(p.pid) for p in after.people
    ]
    assert [before.relief_case(p.pid) for p in before.people] == [
        after.relief_case(p.pid) for p in after.people
    ]
    grown = [
        person
        for person in after.people
        if after.elderly_view(person) is not None and before.elderly_view(person) is None
    ]
    assert grown
    assert all(before.age(p) < 60 <= after.age(p) and p.document is not DocumentKind.NONE for p in grown)
    listed = {row["id_number"] for row in after.truth(DEMO_COMMITTEE, 90)}
    assert listed > {row["id_number"] for row in before.truth(DEMO_COMMITTEE, 90)}


def test_python_m_mocks_tells_the_ages_of_today() -> None:
    started = city_day(datetime.now(UTC))
    rows = told_by_a_process()
    days = {started, city_day(datetime.now(UTC))}  # midnight may pass
    assert rows
    assert any(all(row["age"] == years(row["birth_date"], day) for row in rows) for day in days)


def years(birth_date: str, on: date) -> int:
    born = date.fromisoformat(birth_date)
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def told_by_a_process() -> list[dict[str, Any]]:
    with subprocess.Popen(
        [sys.executable, "-m", "mocks", "relief", "--population", "1000", "--json", "--until-stdin-closes"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        city = json.loads(process.stdout.readline())["city"]["base_url"]
        answer = httpx.get(f"{city}/_mock/truth", params={"committee": DEMO_COMMITTEE}, trust_env=False)
    assert process.returncode == 0
    rows: list[dict[str, Any]] = answer.json()
    return rows
