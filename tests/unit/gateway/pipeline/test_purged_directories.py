"""A purge leaves no directory in memory that holds whom it is about."""

import asyncio
import gc
from pathlib import Path

from connectors.sdk import Identity
from gateway.cache.purge import Purge
from gateway.model import SearchPeople
from gateway.residents.directory import Directory
from tests.unit.gateway.pipeline.cards import card, citizen
from tests.unit.gateway.pipeline.hamlet import hamlet


def holding(identity: Identity) -> int:
    """Return how many directories of this process hold somebody."""
    gc.collect()
    directories = [one for one in gc.get_objects() if type(one) is Directory]
    return sum(any(person.identity == identity for person in one.people) for one in directories)


async def test_directories_go_with_those_they_hold(tmp_path: Path) -> None:
    somebody, another = citizen(81), citizen(82)
    async with hamlet(tmp_path, [card(81, name="陈白鹭"), card(82, name="王苍鹭")]) as town:
        assert (await town.ask(SearchPeople("陈", 20))).people
        assert holding(somebody) == 1
        town.pipeline.purge(Purge.of(citizen(83)))
        assert holding(somebody) == 1
        town.pipeline.purge(Purge.of(another))
        assert holding(somebody) == 0


async def test_a_list_fetched_before_a_purge_makes_no_directory_that_stays(tmp_path: Path) -> None:
    somebody = citizen(84)
    async with hamlet(tmp_path, [card(84, name="陈白鹭")]) as town:
        town.elderly.open.clear()
        asking = asyncio.ensure_future(town.ask(SearchPeople("陈", 20)))
        while "ListCommittee" not in town.household.asked:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        town.pipeline.purge(Purge.of(somebody))
        town.elderly.open.set()
        assert (await asking).people
        del asking
        assert holding(somebody) == 0
