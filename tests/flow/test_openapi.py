"""Whatever a client can make of the API's own description is answered as the description says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.flow.conftest import Demo
from tests.flow.reader import API
from tests.flow.running import PASSWORD

EXAMPLES = 25
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
# Signing out would end the session that the others need; it has its own tests.
LEFT_OUT = {f"DELETE {API}/session"}
USERS = ("cadre", "auditor", "admin")


@pytest.fixture(scope="module")
def cookies_and_tokens(demo: Demo) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Sign somebody in for each kind of route."""
    ready = {}
    for username in USERS:
        answer = httpx.post(
            f"{demo.gateway.base_url}{API}/session",
            json={"username": username, "password": PASSWORD},
            timeout=10,
        )
        ready[username] = (
            {"session": answer.cookies["session"]},
            {"X-CSRF-Token": answer.json()["csrf_token"], "Origin": demo.gateway.base_url},
        )
    return ready


def test_random_requests_are_answered_as_described(
    demo: Demo, cookies_and_tokens: dict[str, tuple[dict[str, str], dict[str, str]]]
) -> None:
    cookies, headers = cookies_and_tokens["cadre"]
    person = demo.town.fresh(where=lambda each: each["age"] >= 60)
    record = httpx.post(
        f"{demo.gateway.base_url}{API}/residents/lookup",
        json={"id_number": person["id_number"]},
        cookies=cookies,
        headers=headers,
        timeout=10,
    ).json()
    real = {
        "resident": record["resident"],
        "household": record["household"],
        "id_number": person["id_number"],
        "query": person["name"],
        "fields": ["id_number"],
        "purpose": "visit",
    }
    schema = schemathesis.openapi.from_url(f"{demo.gateway.base_url}/openapi.json")
    tried: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation: Any = found.ok()
        if operation.label in LEFT_OUT:
            continue
        who = {f"GET {API}/audit": "auditor", f"GET {API}/systems": "admin"}.get(operation.label, "cadre")
        cookies, headers = cookies_and_tokens[who]
        answers = tried.setdefault(operation.label, set())

        _ask(operation, cookies, headers, real, answers)

    assert len(tried) >= 11
    for label in (f"GET {API}/residents/{{resident}}", f"POST {API}/residents/{{resident}}/reveal"):
        assert 200 in tried[label]
        assert tried[label] & {404, 422}
    assert {status for statuses in tried.values() for status in statuses} >= {200, 401, 404, 422}


def _ask(
    operation: Any,
    cookies: dict[str, str],
    headers: dict[str, str],
    real: dict[str, object],
    answers: set[int],
) -> None:
    """Try one operation with a fixed run of made-up requests; keep the statuses that came."""

    @seed(20261121)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), somebody=st.booleans())
    def ask(case: Any, *, somebody: bool) -> None:
        case.cookies = {**cookies}
        if somebody:  # else nobody would ever be found
            for part in (case.path_parameters, case.body):
                if isinstance(part, dict):
                    part.update({name: value for name, value in real.items() if name in part})
        response = case.call(headers=headers, timeout=10)
        assert response.status_code < 500 or response.status_code == 503, response.text
        case.validate_response(response, checks=CHECKS)
        answers.add(response.status_code)

    ask()
