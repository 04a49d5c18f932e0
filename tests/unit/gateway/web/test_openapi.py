"""The description of the API describes it."""

import re
from typing import Any

import orjson
import pytest
import schemathesis

from gateway.web.endpoint import Access
from gateway.web.openapi import describe
from gateway.web.routes import ROUTES


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(describe(ROUTES))
    return loaded


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()


def test_every_route_stands_in_it_once(document: dict[str, Any]) -> None:
    described = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    assert sorted(described) == sorted((route.method, route.path) for route in ROUTES)
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r'"\$ref":"([^"]+)"', orjson.dumps(document).decode()))
    assert references
    for reference in references:
        assert reference.startswith("#/components/schemas/")
        assert reference.rpartition("/")[2] in document["components"]["schemas"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_operation_says_what_it_takes_and_gives(document: dict[str, Any], route: Any) -> None:
    operation = document["paths"][route.path][route.method.lower()]
    assert operation["summary"]
    assert ("requestBody" in operation) is (route.body is not None)
    in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    assert in_path == set(re.findall(r"\{(\w+)\}", route.path))
    assert set(operation["responses"]) == {str(route.status), "default"}
    problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}
    needs = {name for one in operation.get("security", []) for name in one}
    changes = route.method != "GET"
    expected = {"session", "csrf"} if changes else {"session"}
    assert needs == (set() if route.access is Access.PUBLIC else expected)


def test_query_parameters_have_the_names_that_are_sent(document: dict[str, Any]) -> None:
    audit = document["paths"]["/api/v1/audit"]["get"]["parameters"]
    assert {one["name"] for one in audit} == {"resident", "actor", "action", "from", "to", "cursor", "limit"}


def test_no_address_holds_a_person() -> None:
    for route in ROUTES:
        assert re.fullmatch(r"[a-z0-9/_.]*(\{(resident|household|system)\})?[a-z/]*", route.path)
