"""Every route answers in the shape that it describes."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio

from gateway.web.endpoint import Access
from gateway.web.routes import ROUTES
from gateway.web.schema import Problem
from tests.unit.gateway.pipeline.cards import THERE, card, citizen
from tests.unit.gateway.web.site import PASSPHRASE, Site, signed, site

in_one_loop = pytest.mark.asyncio(loop_scope="module")
BY_NAME = {f"{route.method} {route.path.removeprefix('/api/v1')}": route for route in ROUTES}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    household = [
        card(1, name="陈桂芳", door="3-502", phone="13800006021", tags=("已故",)),
        card(2, household="H1", phone=None),
        card(3, residence_region=THERE, registered_region=THERE),
    ]
    elderly = [card(1, name="陈桂芬", phone="15900007740", care_level="二级", tags=("独居",))]
    async with site(
        tmp_path_factory.mktemp("site"), household, elderly, [card(1, relief_benefits="低保")]
    ) as made:
        yield made


CALLS: dict[str, tuple[str | None, dict[str, object] | None]] = {
    "POST /session": (None, {"username": "cadre", "password": PASSPHRASE}),
    "DELETE /session": ("cadre", None),
    "GET /me": ("cadre", None),
    "POST /residents/search": ("cadre", {"query": "陈"}),
    "POST /residents/lookup": ("cadre", {"id_number": citizen(1).number}),
    "GET /residents/{resident}": ("cadre", None),
    "POST /residents/{resident}/reveal": ("cadre", {"fields": ["phone", "id_number"], "purpose": "visit"}),
    "GET /households/{household}": ("cadre", None),
    "GET /systems": ("admin", None),
    "GET /audit": ("auditor", None),
    "POST /cache/purge": ("admin", {"committee": THERE}),
    "POST /webhooks/{system}": (None, {"committees": [THERE]}),
    "GET /healthz": (None, None),
    "GET /readyz": (None, None),
    "GET /openapi.json": (None, None),
    "GET /docs": (None, None),
}


async def call(running: Site, name: str, **given: Any) -> Any:
    user, body = CALLS[name]
    route = BY_NAME[name]
    tokens = running.services.tokens
    path = route.path.format(
        resident=tokens.of_person(citizen(1)), household=tokens.of_household("H1"), system="elderly"
    )
    if "webhook" in name:
        given["body"] = orjson.dumps(body)
        given |= signed(given["body"])
    answer = await running.ask(
        route.method, path, given.pop("user", user), body=given.pop("body", body), **given
    )
    if name == "DELETE /session":
        running.sessions.clear()
    return answer


def test_every_route_is_called_here() -> None:
    assert set(CALLS) == set(BY_NAME)


@in_one_loop
@pytest.mark.parametrize("name", sorted(CALLS))
async def test_an_answer_has_the_shape_of_its_model(running: Site, name: str) -> None:
    answer = await call(running, name)
    route = BY_NAME[name]
    assert answer.status == route.status, answer.raw
    if route.answer is None:
        return
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    shaped = route.answer.model_validate_json(answer.raw)
    assert shaped.model_dump(mode="json", exclude_unset=True).keys() == answer.json.keys()


@in_one_loop
@pytest.mark.parametrize("name", sorted(name for name in CALLS if BY_NAME[name].access is Access.SIGNED_IN))
async def test_without_a_session_there_is_a_problem(running: Site, name: str) -> None:
    answer = await call(running, name, user=None)
    assert answer.status == 401
    assert Problem.model_validate_json(answer.raw).code == "not_signed_in"
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@in_one_loop
async def test_the_record_is_the_contracts(running: Site) -> None:
    record = (await call(running, "POST /residents/lookup")).json
    fields = record["fields"]
    assert fields["phone"]["value"] == "138****6021"
    assert (fields["phone"]["masked"], fields["phone"]["revealable"], fields["phone"]["conflict"]) == (
        True,
    ) * 3
    assert [other["value"] for other in fields["phone"]["others"]] == ["159****7740"]
    assert fields["name"]["source"] == "household"
    assert fields["name"]["as_of"].endswith("+08:00")
    assert fields["tags"]["value"] == ["已故", "独居"]
    assert record["sources"]["relief"]["status"] == "ok"
    assert record["complete"] is True
    assert citizen(1).number not in str(record)


@in_one_loop
async def test_a_reveal_says_until_when(running: Site) -> None:
    opened = (await call(running, "POST /residents/{resident}/reveal")).json["fields"]
    assert opened["id_number"]["value"] == citizen(1).number
    assert opened["id_number"]["until"] > opened["id_number"]["as_of"]


@in_one_loop
async def test_a_household_lists_its_members(running: Site) -> None:
    household = (await call(running, "GET /households/{household}")).json
    assert household["door"] == "3-502"
    assert len(household["members"]) == 2


@in_one_loop
async def test_nothing_that_a_browser_may_keep(running: Site) -> None:
    for name in CALLS:
        answer = await call(running, name)
        assert answer.headers["Cache-Control"] == "no-store", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(answer.headers["X-Request-Id"]) == 16
