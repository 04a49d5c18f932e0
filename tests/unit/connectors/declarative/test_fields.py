"""What a described connector makes of a row: types, dates, code tables, identities, what does not fit."""

import pickle
from datetime import date
from pathlib import Path

import pytest

from connectors.sdk import BadUpstreamData, FindPerson, Identity, IdentityKind, Kind, Record
from tests.unit.connectors.declarative.described import NAME, answered, described, said

NUMBER = "319999194001010017"
ASKED = FindPerson(Identity(IdentityKind.CITIZEN, NUMBER))
FIND = '  find: {path: /f, json: {n: "{query.citizen_id}"}}'


async def read(folder: Path, field: str, value: object, person: str = "") -> Record:
    connector = described(folder, FIND, f"  it: {{from: v, {field}}}{person}")
    row = {"id": "7", "number": NUMBER, "v": value}
    (record,), _ = await answered(connector, ASKED, lambda _: said(rows=[row]))
    return record


TAGS = 'kind: plain, type: list, separator: ";", codes: {1: 独居, 02: 失独}'


@pytest.mark.parametrize(
    ("field", "value", "read_as"),
    [
        ("kind: name", " 陈桂芳 ", "陈桂芳"),
        ("kind: phone", 13900000001, "13900000001"),
        ("kind: name", "", None),
        ("kind: name", "  ", None),
        ("kind: name", None, None),
        ("kind: free", "长" * 2000, "长" * 2000),
        ("kind: birth, type: date", "1940-01-02", date(1940, 1, 2)),
        ('kind: birth, type: date, format: "%Y%m%d"', 19400102, date(1940, 1, 2)),
        ('kind: birth, type: date, format: "%Y年%m月%d日"', "1940年1月2日", date(1940, 1, 2)),
        ('kind: birth, type: date, format: "%Y-%m-%d %H:%M:%S"', "1940-01-02 00:00:00", date(1940, 1, 2)),
        ("kind: birth, type: date", "", None),
        ("kind: plain, type: integer", 300, 300),
        ("kind: plain, type: integer", "-5", -5),
        ("kind: plain, type: integer, codes: {A: 1, B: 2}", "B", 2),
        ("kind: plain, type: integer, codes: {A: 1, B: 2}", "C", None),
        ("kind: plain, type: boolean", False, False),
        ("kind: plain, type: boolean, codes: {Y: true, N: false, 1: true}", "N", False),
        ("kind: plain, type: boolean, codes: {Y: true, N: false, 1: true}", 1, True),
        ("kind: plain, type: boolean, codes: {true: false}", True, False),
        ("kind: plain, codes: {01: 男, 1: 女}", "01", "男"),
        ("kind: plain, codes: {01: 男, 1: 女}", 1, "女"),
        ("kind: plain, codes: {01: 男, 1: 女}", "3", None),
        ("kind: id, type: citizen_id", "319999400101001", NUMBER),
        (TAGS, "1; 02;9;1", ("独居", "失独")),
        (TAGS, ["02", 1], ("失独", "独居")),
        (TAGS, [], ()),
        (TAGS, "", None),
        ("kind: plain, type: list", "一;二", ("一;二",)),
        ("kind: plain, type: list", ["一", "", "一"], ("一",)),
    ],
)
async def test_a_value(tmp_path: Path, field: str, value: object, read_as: object) -> None:
    record = await read(tmp_path, field, value)
    assert record.it == read_as  # type: ignore[attr-defined]
    assert type(record).model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind: name", True),
        ("kind: name", 1.5),
        ("kind: name", ["陈"]),
        ("kind: name", {"first": "陈"}),
        ("kind: name", "长" * 201),
        ("kind: free", "长" * 2001),
        ("kind: birth, type: date", "1940/01/02"),
        ("kind: birth, type: date", "1940-02-30"),
        ("kind: birth, type: date", ["1940-01-02"]),
        ('kind: birth, type: date, format: "%Y%m%d"', "1940-01-02"),
        ("kind: plain, type: integer", "三百"),
        ("kind: plain, type: integer", "9" * 400),
        ("kind: plain, type: integer", 1.5),
        ("kind: plain, type: boolean", "true"),
        ("kind: plain, type: boolean", 1),
        ("kind: plain, codes: {1: 男}", 1.0),
        ("kind: plain, codes: {1: 男}", ["1"]),
        ("kind: id, type: citizen_id", "3199991940****0017"),
        ("kind: plain, type: list", {"a": 1}),
        ("kind: plain, type: list", [["a"]]),
        ("kind: plain, type: list", ["a"] * 101),
    ],
)
async def test_a_value_of_another_form_is_bad_data(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(BadUpstreamData) as raised:
        await read(tmp_path, field, value)
    assert str(raised.value) == "unexpected answer"
    assert raised.value.__context__ is None


async def test_a_value_deep_in_a_row(tmp_path: Path) -> None:
    connector = described(tmp_path, FIND, "  phone: {from: contacts.0.电话, kind: phone}")
    for contacts, phone in (([{"电话": "139"}], "139"), ([], None), (None, None), ("139", None)):
        row = {"id": "7", "number": NUMBER, "contacts": contacts}
        (record,), _ = await answered(connector, ASKED, lambda _, row=row: said(rows=[row]))  # type: ignore[misc]
        assert record.phone == phone  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("row", "identity"),
    [
        ({"number": "319999400101001"}, Identity(IdentityKind.CITIZEN, NUMBER)),
        ({"number": "", "passport": "e 123 4567"}, Identity(IdentityKind.PASSPORT, "E1234567")),
        ({"number": None, "passport": " "}, Identity(IdentityKind.LOCAL, "plain:7")),
        ({}, Identity(IdentityKind.LOCAL, "plain:7")),
    ],
)
async def test_whom_a_row_is_about(tmp_path: Path, row: dict[str, object], identity: Identity) -> None:
    endpoint = '  search: {path: /s, json: {n: "{query.name}", r: "{query.region}"}}'
    from connectors.sdk import Search

    (record,), _ = await answered(
        described(tmp_path, endpoint), Search("某", ("31",), 5), lambda _: said(rows=[{"id": 7, **row}])
    )
    assert record.identity == identity
    assert record.local_id == "7"


@pytest.mark.parametrize("number", [None, "", " ", True, 1.5, [7], "a b", "x" * 65])
async def test_a_row_without_a_number_of_its_own_is_bad_data(tmp_path: Path, number: object) -> None:
    with pytest.raises(BadUpstreamData):
        await answered(
            described(tmp_path, FIND), ASKED, lambda _: said(rows=[{"id": number, "number": NUMBER}])
        )


@pytest.mark.parametrize(
    ("said_region", "region"),
    [("310109010003", "310109010003"), (310109, "310109"), ("31", ""), ("虹口", ""), (None, "")],
)
async def test_a_region_is_a_code_or_not_said(tmp_path: Path, said_region: object, region: str) -> None:
    text = "\nperson: {local_id: id, citizen_id: number, residence_region: v, registered_region: v, "
    text += "household: v}"
    connector = described(tmp_path, FIND, NAME)
    file = tmp_path / "plain.yaml"
    whole = file.read_text("utf-8")
    start = whole.index("person:")
    file.write_text(whole[:start] + text.lstrip() + whole[whole.index("\nfields:") :], "utf-8")
    from connectors.declarative import load_description

    made = load_description(file)
    row = {"id": "7", "number": NUMBER, "v": said_region}
    connector = made("https://line.example", made.settings_type())
    (record,), _ = await answered(connector, ASKED, lambda _: said(rows=[row]))
    assert (record.residence_region, record.registered_region) == (region, region)
    assert record.household == (None if said_region is None else str(said_region))


async def test_the_record_type_stands_where_it_can_be_found_again(tmp_path: Path) -> None:
    record = await read(tmp_path, "kind: health", "残疾")
    assert type(record).kinds == {"it": Kind.HEALTH}
    assert pickle.loads(pickle.dumps(record)) == record  # noqa: S301  # our own bytes
    assert type(await read(tmp_path, "kind: health", "残疾")) is type(record)
    other = await read(tmp_path, "kind: phone", "残疾")
    assert type(other) is not type(record), "another description, another type"
    assert "残疾" not in f"{record} {record!r}"
