"""An administrator forgets what is kept; it is written down, and tells nobody who was looked up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.audit.event import EventAction
from tests.unit.gateway.pipeline.cards import HERE, THERE, card, citizen
from tests.unit.gateway.web.site import Answer, Site, site

PATH = "/api/v1/cache/purge"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Site]:
    people = [card(1, residence_region=HERE, registered_region=HERE), card(2, residence_region=HERE)]
    async with site(tmp_path, people, [], []) as running:
        yield running


async def look(place: Site, number: int = 1) -> str:
    answer = await place.ask(
        "POST", "/api/v1/residents/lookup", "cadre", body={"id_number": citizen(number).number}
    )
    assert answer.status == 200, answer.raw
    token: str = answer.json["resident"]
    return token


async def purge(place: Site, user: str = "admin", /, **body: object) -> Answer:
    return await place.ask("POST", PATH, user, body=body)


def asked(place: Site) -> int:
    return sum(cards.calls["FindPerson"] for cards in place.systems.values())


async def test_a_person_is_asked_for_anew_after_a_purge(place: Site) -> None:
    token = await look(place)
    await look(place, 2)
    first = asked(place)
    await look(place)
    assert asked(place) == first
    for whom in ({"resident": token}, {"id_number": citizen(1).number}, {"committee": HERE}):
        answer = await purge(place, **whom)
        assert (answer.status, answer.raw) == (204, b"")
        before = asked(place)
        await look(place)
        assert asked(place) == before + first // 2
    before = asked(place)
    assert (await purge(place, system="household", id_number=citizen(1).number)).status == 204
    await look(place)
    assert asked(place) == before + 1


async def test_what_is_not_purged_stays(place: Site) -> None:
    await look(place)
    first = asked(place)
    await purge(place, id_number=citizen(2).number)
    await purge(place, committee=THERE)
    await look(place)
    assert asked(place) == first


async def test_a_search_finds_what_the_lists_say_after_a_purge(place: Site) -> None:
    async def found() -> list[str]:
        answer = await place.ask("POST", "/api/v1/residents/search", "cadre", body={"query": "陈"})
        return sorted(hit["name"] for hit in answer.json["results"])

    before = await found()
    place.systems["household"].cards[0] = card(
        1, name="陈改名", residence_region=HERE, registered_region=HERE
    )
    assert await found() == before
    await purge(place, id_number=citizen(1).number)
    assert "陈改名" in await found()


async def test_a_purge_is_written_down_before_it_is_done(place: Site) -> None:
    await purge(place, id_number=citizen(1).number, system="relief")
    await purge(place, committee=HERE)
    events, _ = await place.services.audit_log.events(action=EventAction.CACHE_PURGE)
    of_committee, of_person = (one.event for one in events)
    assert of_person.actor.account == "admin"
    assert of_person.subjects == (place.services.recorder.pseudonym(citizen(1)),)
    assert of_person.systems == {"relief": "purged"}
    assert of_person.rules == ("admin:gateway:1",)
    assert of_committee.facts.residence_region == HERE
    assert set(of_committee.systems) == set(place.systems)


@pytest.mark.parametrize("user", ["cadre", "auditor"])
async def test_nobody_else_may_and_the_try_is_written_down(place: Site, user: str) -> None:
    await look(place)
    first = asked(place)
    answer = await purge(place, user, system="household")
    assert (answer.status, answer.json["rule"]) == (403, "default-deny")
    await look(place)
    assert asked(place) == first
    events, _ = await place.services.audit_log.events(action=EventAction.CACHE_PURGE)
    assert (events[0].event.actor.account, events[0].event.outcome) == (user, "denied")
    assert events[0].event.systems == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"committee": HERE, "id_number": citizen(1).number}, "body"),
        ({"system": "nothing"}, "system"),
        ({"resident": "nobody"}, "resident"),
        ({"id_number": "1"}, "id_number"),
        ({"committee": "31"}, "committee"),
        ({"everything": True}, "everything"),
    ],
)
async def test_an_order_must_say_what(place: Site, body: dict[str, object], field: str) -> None:
    answer = await purge(place, **body)
    assert answer.status == 422, answer.raw
    assert answer.json["errors"][0]["field"] == field
    assert answer.json["errors"][0]["message"]
