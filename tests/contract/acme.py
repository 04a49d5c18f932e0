"""The system that ``acme.yaml`` describes, as a mock."""

import json
from collections.abc import Mapping, Sequence

import httpx

from connectors.sdk.mock import KeyDoor, MockUpstream

COMMITTEE = "310109010003"
_KEYS = ("id", "idNumber", "name", "birthDate", "mobile", "sex", "alone", "tags")
_ROWS = (
    ("P1", "319999194001010017", "欧阳建国", "19400101", 13900000001, 1, "Y", "01,02,99"),
    ("P2", "319999194001020020", "𠮷田芳", "19400102", None, "2", "N", ""),
    ("P3", "319999194001030018", "阿卜杜热合曼·买买提江", "", "13900000003", 9, "?", None),
)
PEOPLE: Sequence[Mapping[str, object]] = [
    dict(zip(_KEYS, row, strict=True)) | {"committee": COMMITTEE} for row in _ROWS
]


def build(accounts: Mapping[str, str]) -> MockUpstream:
    mock = MockUpstream("acme")
    door = KeyDoor(mock, accounts, check="/api/ping")
    mock.maintenance_page = lambda _request: said(50300, None)

    @door.route("POST", "/api/people/find", operation="find")
    def find(request: httpx.Request) -> httpx.Response:
        numbers = json.loads(request.content)["idNumbers"]
        rows = [row for row in PEOPLE if row["idNumber"] in numbers]
        if mock.faults.duplicate:
            rows += [{**row, "id": f"{row['id']}-2"} for row in rows]
        return said(0, {"rows": rows}) if rows else said(40400, None)

    @door.route("POST", "/api/people/search", operation="search")
    def search(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        here = [row for row in PEOPLE if str(row["committee"]).startswith(asked["region"])]
        return said(0, {"rows": [row for row in here if asked["name"] in str(row["name"])][: asked["limit"]]})

    @door.route("POST", "/api/people/list", operation="list")
    def page(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        rows = [row for row in PEOPLE if row["committee"] == asked["committee"]]
        first = (asked["page"] - 1) * asked["size"]
        return said(0, {"total": len(rows), "rows": rows[first : first + asked["size"]]})

    return mock


def said(code: int, data: object) -> httpx.Response:
    return httpx.Response(200, json={"code": code, "data": data})
