"""What the operator's listener shows, and what no metric may tell."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.web import admin
from tests.unit.gateway.pipeline.cards import HERE, card, citizen
from tests.unit.gateway.web.site import USERS, Site, site


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Site]:
    person = card(1, residence_region=HERE, registered_region=HERE)
    async with site(tmp_path, [person], [person], [], admin={"port": 0}) as running:
        yield running


async def shown(place: Site) -> str:
    async with admin.listening(place.services) as url, httpx.AsyncClient() as client:
        assert url is not None
        answer = await client.get(f"{url}/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        return answer.text


async def numbers(place: Site) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name.removeprefix("community_cloud_"), tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(await shown(place))
        for sample in family.samples
    }


async def look(place: Site) -> None:
    body = {"id_number": citizen(1).number}
    answer = await place.ask("POST", "/api/v1/residents/lookup", "cadre", body=body)
    assert answer.status == 200


async def test_the_cache_and_the_systems_are_counted(place: Site) -> None:
    await look(place)
    first = await numbers(place)
    assert first["cache_answers_total", ("household", "miss")] >= 1
    assert first["cache_bytes", ()] > 0
    assert first["cache_max_bytes", ()] == place.services.settings.cache.max_bytes
    assert first["upstream_answer_seconds_count", ("household",)] >= 1
    assert first["upstream_answer_seconds_sum", ("household",)] > 0
    assert first["upstream_state", ("household", "ok")] == 1
    for _ in range(3):
        await look(place)
    then = await numbers(place)
    key = ("cache_answers_total", ("elderly", "hit"))
    assert then[key] == first[key] + 3
    misses = ("cache_answers_total", ("elderly", "miss"))
    assert then[misses] == first[misses]


async def test_requests_are_counted_by_route(place: Site) -> None:
    await look(place)
    await place.ask("GET", "/nowhere/special")
    await place.ask("BREW", "/api/v1/me")
    found = await numbers(place)
    route = "/api/v1/residents/lookup"
    assert found["request_seconds_count", tuple(sorted((route, "POST", "200")))] == 1
    assert found["request_seconds_count", tuple(sorted(("any", "none", "404")))] == 1
    assert not any("BREW" in labels for _, labels in found)
    assert found["sessions", ()] >= 1
    assert found["audit_waiting", ()] == 0
    assert found["audit_accepting", ()] == 1


async def test_no_metric_tells_of_anybody(place: Site) -> None:
    await look(place)
    await place.ask("POST", "/api/v1/residents/search", "cadre", body={"query": "陈"})
    text = await shown(place)
    assert "陈" not in text
    for secret in (citizen(1).number, place.services.tokens.of_person(citizen(1)), HERE, *USERS):
        assert secret not in text


async def test_metrics_are_not_on_the_public_port_and_off_by_default(place: Site, tmp_path: Path) -> None:
    assert (await place.ask("GET", "/metrics")).status == 404
    (tmp_path / "other").mkdir()
    async with site(tmp_path / "other") as other, admin.listening(other.services) as url:
        assert url is None
