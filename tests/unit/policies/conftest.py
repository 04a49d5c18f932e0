"""Engines of a few words of policy, and the shipped one with the fields of the real connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.benefits.records import Beneficiary
from connectors.elderly.records import ElderlyPerson
from connectors.household.records import HouseholdPerson
from connectors.meals.records import Diner
from connectors.relief.records import ReliefPerson
from connectors.sdk.record import Record
from policies.documents import Purpose, Role
from policies.engine import Engine
from policies.load import SHIPPED, load
from policies.model import GATEWAY

if TYPE_CHECKING:
    from collections.abc import Callable

    EngineOf = Callable[..., Engine]

PURPOSES = {
    "daily_service": Purpose(title="日常服务", title_en="Daily service"),
    "visit": Purpose(title="上门走访", title_en="Home visit", opens={"id_number": 60, "phone": 600}),
    "emergency": Purpose(title="紧急救助", title_en="Emergency", opens={"phone": 600}),
}
FIELDS = {"household": ("name", "id_number", "phone"), "relief": ("name", "relief_status"), GATEWAY: ()}
RECORDS: dict[str, type[Record]] = {
    "household": HouseholdPerson,
    "elderly": ElderlyPerson,
    "relief": ReliefPerson,
    "benefits": Beneficiary,
    "meals": Diner,
}


@pytest.fixture
def engine_of() -> EngineOf:
    """Return a function that makes an engine of role documents."""

    def make(*roles: dict[str, Any]) -> Engine:
        documents = [Role.model_validate({"title": "测试", **role}) for role in roles]
        return Engine({role.role: role for role in documents}, PURPOSES, FIELDS, "test")

    return make


@pytest.fixture(scope="session")
def catalogue() -> dict[str, tuple[str, ...]]:
    """Return the fields of each line system, as the gateway takes them from the connectors."""
    return {
        system: (*record.kinds, "age") if "birth_date" in record.kinds else tuple(record.kinds)
        for system, record in RECORDS.items()
    }


@pytest.fixture(scope="session")
def shipped(catalogue: dict[str, tuple[str, ...]]) -> Engine:
    return load(SHIPPED, catalogue)
