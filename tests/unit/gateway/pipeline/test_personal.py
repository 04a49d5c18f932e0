"""Readers with accounts of their own: what one is told is not told another, nor is one's trouble theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.sdk import FindHousehold, FindPerson
from gateway.model import Outcome, SearchPeople, SourceState
from gateway.settings import Window
from gateway.upstream.breaker import BreakerState
from gateway.upstream.quota import PerSecond
from tests.unit.gateway.pipeline.cards import card, citizen
from tests.unit.gateway.pipeline.hamlet import Hamlet, hamlet, reader

CHEN = FindPerson(citizen(1))
PERSONAL = {"elderly": {"personal": True, "retry": False}}


@asynccontextmanager
async def of_their_own(folder: Path, **limits: Any) -> AsyncIterator[Hamlet]:
    cards = [card(1, care_level="二级")]
    async with hamlet(folder, cards, cards, cards, limits=PERSONAL | limits) as town:
        yield town


def level(outcome: Outcome) -> object:
    (person,) = outcome.people
    return person.fields["care_level"][0].value


async def test_one_readers_answer_is_not_anothers(tmp_path: Path) -> None:
    async with of_their_own(tmp_path) as town:
        lu, luo = reader(account="lu"), reader(account="luo")
        assert level(await town.ask(CHEN, subject=lu)) == "二级"
        town.elderly.cards[0] = card(1, care_level="三级")
        assert level(await town.ask(CHEN, subject=luo)) == "三级", "asked with luo's own account"
        assert level(await town.ask(CHEN, subject=lu)) == "二级", "fresh still, and lu's own"
        assert town.elderly.asked_by == ["lu", "luo"]
        assert len(town.household.asked) == len(town.relief.asked) == 1, "service accounts are everybody's"


async def test_those_declared_equal_share(tmp_path: Path) -> None:
    equal = {"elderly": {"personal": True, "equal": {"lu": "office", "luo": "office"}}}
    async with of_their_own(tmp_path, **equal) as town:
        for account in ("lu", "luo", "wang"):
            await town.ask(CHEN, subject=reader(account=account))
        assert town.elderly.asked_by == ["lu", "wang"]


async def test_households_and_searches_are_asked_with_ones_own_account_too(tmp_path: Path) -> None:
    async with of_their_own(tmp_path) as town:
        for query in (FindHousehold("H1"), SearchPeople("陈", 20)):
            town.elderly.asked_by.clear()
            for account in ("lu", "luo", "lu", "luo"):
                await town.ask(query, subject=reader(account=account))
            assert sorted(town.elderly.asked_by) == ["lu", "luo"], query


async def test_one_readers_rejected_password_is_no_trouble_of_the_others(tmp_path: Path) -> None:
    async with of_their_own(tmp_path) as town:
        town.elderly.passwords["lu"] = "changed"
        for _ in range(8):
            status = (await town.ask(CHEN, subject=reader(account="lu"))).sources["elderly"]
            assert (status.status, status.detail) == (SourceState.UNAVAILABLE, "needs_attention")
        assert town.elderly.sign_ins == 1
        assert town.lines["elderly"].breaker.state is BreakerState.CLOSED
        assert level(await town.ask(CHEN, subject=reader(account="luo"))) == "二级"


async def test_a_thousand_readers_at_expiry_sign_in_once_each(tmp_path: Path) -> None:
    limits = {"elderly": {"personal": True, "concurrency": 1000, "queue": 1000}}
    async with of_their_own(tmp_path, **limits) as town:
        subjects = [reader(account=f"reader{number}") for number in range(40)]
        await asyncio.gather(*(town.ask(CHEN, subject=subject) for subject in subjects))
        town.elderly.tickets.clear()
        town.clock.move(seconds=301)
        await asyncio.gather(*(town.ask(CHEN, subject=subject) for subject in subjects * 25))
        assert town.elderly.sign_ins == 80


# ---- what we do not ask, and say so


@pytest.mark.parametrize("known", [True, False])
async def test_in_maintenance_old_data_stand_in_and_the_status_says_until_when(
    tmp_path: Path, known: bool
) -> None:
    limits = {"elderly": {"windows": (Window.parse("08:20-08:40"),), "failures": 2}}
    async with of_their_own(tmp_path, **limits) as town:
        if known:
            await town.ask(CHEN)
        asked = len(town.elderly.asked)
        town.clock.move(minutes=10)
        for _ in range(5):
            status = (await town.ask(CHEN)).sources["elderly"]
            assert status.status is (SourceState.STALE if known else SourceState.UNAVAILABLE)
            assert (status.detail, f"{status.until:%H:%M}") == ("maintenance", "08:40")
        assert (len(town.elderly.asked), town.elderly.sign_ins) == (asked, int(known))
        assert town.lines["elderly"].breaker.state is BreakerState.CLOSED
        town.clock.move(minutes=20)
        assert (await town.ask(CHEN)).sources["elderly"].status is SourceState.OK


async def test_a_used_up_second_is_waited_for_or_told(tmp_path: Path) -> None:
    limits = {"elderly": {"pace": PerSecond(2), "timeout_s": 0.4, "retry": False, "failures": 2}}
    async with of_their_own(tmp_path, **limits) as town:
        elderly = town.elderly
        await town.ask(CHEN)
        assert (len(elderly.asked), elderly.sign_ins) == (1, 1)
        busy = (await town.ask(CHEN, subject=reader(account="luo"), purpose="visit")).sources["elderly"]
        assert busy.status is SourceState.OK, "from memory, which costs nothing"
        town.clock.move(seconds=301)
        stale = (await town.ask(CHEN)).sources["elderly"]
        assert (stale.status, stale.detail) == (SourceState.STALE, "busy")
        assert (len(elderly.asked), elderly.sign_ins) == (1, 1)
        assert town.lines["elderly"].breaker.state is BreakerState.CLOSED
        await asyncio.sleep(1.1)
        assert (await town.ask(CHEN)).sources["elderly"].status is SourceState.OK


async def test_maintenance_is_said_though_the_breaker_is_open_and_takes_no_probe(tmp_path: Path) -> None:
    limits = {"elderly": {"windows": (Window.parse("08:20-08:40"),), "failures": 1, "retry": False}}
    async with of_their_own(tmp_path, **limits) as town:
        town.elderly.always = httpx.Response(500)
        await town.ask(CHEN)
        asked = len(town.elderly.asked)
        assert town.lines["elderly"].breaker.state is BreakerState.OPEN
        town.clock.move(minutes=10)
        assert (await town.ask(CHEN)).sources["elderly"].detail == "maintenance"
        assert len(town.elderly.asked) == asked
        town.elderly.always = None
        town.clock.move(minutes=20)
        assert (await town.ask(CHEN)).sources["elderly"].status is SourceState.OK
