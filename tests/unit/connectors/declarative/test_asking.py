"""What a described connector sends, how it reads lists in pages, and what it makes of answers."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from connectors.sdk import (
    BadUpstreamData,
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCohort,
    ListCommittee,
    Query,
    Search,
    SessionExpired,
    Throttled,
    Unavailable,
    UpstreamError,
)
from connectors.sdk.paging import MAX_PAGES
from tests.unit.connectors.declarative.described import COMMITTEE, LIST, answered, described, rows, said

CITIZEN = Identity(IdentityKind.CITIZEN, "319999194001010017")
LISTED = ListCommittee(COMMITTEE)
EVERYBODY = ("a", "b", "c", "d", "e")


def listing(json: str, pages: str) -> str:
    return LIST.format(json=json, pages=pages)


def system(page: Callable[[dict[str, object]], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: page(json.loads(request.content))


# ---- requests


async def test_a_question_becomes_json_with_values_as_they_are(tmp_path: Path) -> None:
    connector = described(
        tmp_path,
        '  search: {path: /s, json: {deep: [{n: "{query.name}"}, 7, true, null], r: "区{query.region}", '
        'l: "{query.limit}"}, most: 50}',
    )
    _, sent = await answered(connector, Search('"},{', ("31", "3101"), 200), lambda _: said(rows=[]))
    assert [json.loads(request.content) for request in sent] == [
        {"deep": [{"n": '"},{'}, 7, True, None], "r": f"区{region}", "l": 50} for region in ("31", "3101")
    ]
    assert {str(request.url) for request in sent} == {"https://line.example/app/s"}
    assert {request.method for request in sent} == {"POST"}


async def test_a_form_is_written_in_the_systems_charset(tmp_path: Path) -> None:
    endpoint = (
        '  search: {path: /s, form: {n: "{query.name}", r: "{query.region}", x: true}}\ncharset: gb18030'
    )
    _, (sent,) = await answered(
        described(tmp_path, endpoint), Search("陈&r=1", ("31",), 5), lambda _: said(rows=[])
    )
    assert parse_qs(sent.content.decode(), encoding="gb18030") == {
        "n": ["陈&r=1"],
        "r": ["31"],
        "x": ["true"],
    }
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded; charset=gb18030"


async def test_a_get_has_its_values_in_path_and_query_string(tmp_path: Path) -> None:
    endpoint = (
        '  cohort: {path: "/c/{query.committee}:all/", method: GET, '
        'query_string: {from: "{query.age_from}", k: 1}}'
    )
    _, (sent,) = await answered(
        described(tmp_path, endpoint), ListCohort(COMMITTEE, 80), lambda _: said(rows=[])
    )
    assert (sent.method, str(sent.url)) == (
        "GET",
        f"https://line.example/app/c/{COMMITTEE}:all/?from=80&k=1",
    )
    assert sent.content == b""


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800"])
async def test_a_name_that_no_path_can_hold_is_nobodys(tmp_path: Path, name: str) -> None:
    connector = described(
        tmp_path,
        '  search: {path: "/{query.name}/x", query_string: {r: "{query.region}"}, '
        "upstream_wants_id_in_url: a test}",
    )
    assert await answered(connector, Search(name, ("31",), 5), lambda _: said(rows=rows("a"))) == ([], [])
    found, _ = await answered(connector, Search("...", ("31",), 5), lambda _: said(rows=rows("a")))
    assert len(found) == 1


async def test_each_kind_of_identity_has_its_endpoint(tmp_path: Path) -> None:
    connector = described(
        tmp_path,
        '  find: {path: /f, json: {n: "{query.citizen_ids}"}}\n'
        '  find_by_passport: {path: /p, json: {n: "{query.passport}"}}\n'
        '  find_by_local_id: {path: /l, json: {n: "{query.local_id}"}}\n'
        '  household: {path: /h, json: {n: "{query.household}"}}',
    )
    asked: list[Query] = [
        FindPerson(CITIZEN),
        FindPerson(Identity(IdentityKind.CITIZEN, "319999201001010015")),
        FindPerson(Identity(IdentityKind.PASSPORT, "E1234567")),
        FindPerson(Identity(IdentityKind.LOCAL, "plain:7")),
        FindPerson(Identity(IdentityKind.LOCAL, "other:7")),
        FindHousehold("H1"),
    ]
    sent = [
        (request.url.path, json.loads(request.content)["n"])
        for query in asked
        for request in (await answered(connector, query, lambda _: said(rows=[])))[1]
    ]
    assert sent == [
        ("/app/f", ["319999194001010017", "319999400101001"]),
        ("/app/f", ["319999201001010015"]),
        ("/app/p", "E1234567"),
        ("/app/l", "7"),
        ("/app/h", "H1"),
    ]


async def test_a_person_who_was_not_asked_for_is_bad_data(tmp_path: Path) -> None:
    connector = described(
        tmp_path,
        '  find: {path: /f, json: {n: "{query.citizen_id}"}}\n'
        '  find_by_local_id: {path: /l, json: {n: "{query.local_id}"}}',
    )
    row = {"id": "7", "number": "319999400101001", "name": "某"}
    records, _ = await answered(connector, FindPerson(CITIZEN), lambda _: said(rows=[row]))
    assert [record.identity for record in records] == [CITIZEN]
    by_local_id = FindPerson(Identity(IdentityKind.LOCAL, "plain:7"))
    assert (await answered(connector, by_local_id, lambda _: said(rows=row)))[0] == records
    for query, other in ((FindPerson(CITIZEN), {"id": "7"}), (by_local_id, {**row, "id": "8"})):
        with pytest.raises(BadUpstreamData):
            await answered(connector, query, lambda _, other=other: said(rows=[other]))  # type: ignore[misc]


async def test_a_search_finds_each_once_and_no_more_than_asked(tmp_path: Path) -> None:
    connector = described(tmp_path, '  search: {path: /s, json: {n: "{query.name}", r: "{query.region}"}}')
    found, _ = await answered(
        connector, Search("某", ("31", "32"), 3), lambda _: said(rows=rows("a", "b", "c", "d"))
    )
    assert [record.local_id for record in found] == ["a", "b", "c"]


# ---- pages


async def test_page_numbers_with_a_total(tmp_path: Path) -> None:
    connector = described(
        tmp_path,
        listing(', p: "{page.number}", s: "{page.size}"', "style: page_number, size: 2, first: 0"),
        answer=", total: sum.all",
    )

    def page(asked: dict[str, object]) -> httpx.Response:
        start = int(str(asked["p"])) * 2
        return said(rows=rows(*EVERYBODY[start : start + 2]), sum={"all": "5"})

    found, sent = await answered(connector, LISTED, system(page))
    assert [record.local_id for record in found] == list(EVERYBODY)
    assert [json.loads(request.content) for request in sent] == [
        {"c": COMMITTEE, "p": number, "s": 2} for number in (0, 1, 2)
    ]


@pytest.mark.parametrize("total", [4, 6, -1, 10**12, None, "five", 5.0, True, [5]])
async def test_a_total_that_is_not_the_list_is_bad_data(tmp_path: Path, total: object) -> None:
    connector = described(
        tmp_path, listing(', p: "{page.number}"', "style: page_number, size: 5"), answer=", total: total"
    )
    with pytest.raises(BadUpstreamData):
        await answered(connector, LISTED, lambda _: said(rows=rows(*EVERYBODY), total=total))


async def test_offsets_with_a_total(tmp_path: Path) -> None:
    connector = described(
        tmp_path, listing(', o: "{page.offset}"', "style: offset, size: 2"), answer=", total: total"
    )

    def page(asked: dict[str, int]) -> httpx.Response:
        return said(rows=rows(*EVERYBODY[asked["o"] : asked["o"] + 2]), total=5)

    found, sent = await answered(connector, LISTED, lambda request: page(json.loads(request.content)))
    assert [record.local_id for record in found] == list(EVERYBODY)
    assert [json.loads(request.content)["o"] for request in sent] == [0, 2, 4]


async def test_without_a_total_a_list_ends_with_an_empty_page(tmp_path: Path) -> None:
    """Were a short page the end, a system that gives fewer rows than asked for would lose people."""
    connector = described(tmp_path, listing(', o: "{page.offset}"', "style: offset, size: 100"))

    def page(asked: dict[str, int]) -> httpx.Response:
        return said(rows=rows(*EVERYBODY[asked["o"] : asked["o"] + 2]))

    found, sent = await answered(connector, LISTED, lambda request: page(json.loads(request.content)))
    assert [record.local_id for record in found] == list(EVERYBODY)
    assert [json.loads(request.content)["o"] for request in sent] == [0, 2, 4, 5]


async def test_a_system_that_ignores_the_page_is_found_out(tmp_path: Path) -> None:
    connector = described(tmp_path, listing(', p: "{page.number}"', "style: page_number, size: 5"))
    sent: list[httpx.Request] = []

    def page(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return said(rows=rows(*EVERYBODY))

    with pytest.raises(BadUpstreamData):
        await answered(connector, LISTED, page)
    assert len(sent) == 2


CURSOR = listing(', s: "{page.size}", after: "{page.cursor}"', "style: cursor, size: 2, next: meta.next")


@pytest.mark.parametrize("end", [None, "", "absent"])
async def test_cursors(tmp_path: Path, end: str | None) -> None:
    connector = described(tmp_path, CURSOR, answer=", total: total")

    def page(asked: dict[str, object]) -> httpx.Response:
        start = int(str(asked.get("after", "0")))
        meta: dict[str, object] = {"next": start + 2 if start + 2 < 5 else end}
        return said(
            rows=rows(*EVERYBODY[start : start + 2]), meta={} if meta["next"] == "absent" else meta, total=5
        )

    found, sent = await answered(connector, LISTED, system(page))
    assert [record.local_id for record in found] == list(EVERYBODY)
    assert [json.loads(request.content) for request in sent] == [
        {"c": COMMITTEE, "s": 2},
        {"c": COMMITTEE, "s": 2, "after": "2"},
        {"c": COMMITTEE, "s": 2, "after": "4"},
    ]


@pytest.mark.parametrize("total", [4, 6])
async def test_cursors_that_lose_somebody_are_found_out(tmp_path: Path, total: int) -> None:
    connector = described(tmp_path, CURSOR, answer=", total: total")
    pages = iter(
        (said(rows=rows("a", "b"), meta={"next": 1}, total=total), said(rows=rows("c", "d", "e"), meta={}))
    )
    with pytest.raises(BadUpstreamData):
        await answered(connector, LISTED, lambda _: next(pages))


@pytest.mark.parametrize(("cursor", "calls"), [("1", 2), (True, 1), (["1"], 1), ({"a": 1}, 1)])
async def test_a_cursor_that_turns_in_a_circle_or_is_none(tmp_path: Path, cursor: object, calls: int) -> None:
    sent = 0

    def page(_request: httpx.Request) -> httpx.Response:
        nonlocal sent
        sent += 1
        return said(rows=[], meta={"next": cursor})

    with pytest.raises(BadUpstreamData):
        await answered(described(tmp_path, CURSOR), LISTED, page)
    assert sent == calls


async def test_cursors_without_end_are_given_up(tmp_path: Path) -> None:
    asked = iter(range(10**6))
    with pytest.raises(BadUpstreamData):
        await answered(
            described(tmp_path, CURSOR), LISTED, lambda _: said(rows=[], meta={"next": f"{next(asked)}"})
        )
    assert next(asked) == MAX_PAGES


async def test_a_list_of_pages_that_never_end_is_given_up(tmp_path: Path) -> None:
    connector = described(tmp_path, listing(', p: "{page.number}"', "style: page_number, size: 5"))
    asked = iter(range(10**6))
    with pytest.raises(BadUpstreamData):
        await answered(connector, LISTED, lambda _: said(rows=rows(f"{next(asked)}")))
    assert next(asked) == MAX_PAGES


LINK = listing("", "style: next_link, next: next")


@pytest.mark.parametrize(
    "link", ["?p={}", "list?p={}", "/app/list?p={}", "https://line.example/app/list?p={}#x"]
)
async def test_next_links(tmp_path: Path, link: str) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("p", "0"))
        following = link.format(start + 2) if start + 2 < 5 else None
        return said(rows=rows(*EVERYBODY[start : start + 2]), next=following)

    found, sent = await answered(described(tmp_path, LINK), LISTED, page)
    assert [record.local_id for record in found] == list(EVERYBODY)
    assert [str(request.url).partition("/app/list")[2] for request in sent] == ["", "?p=2", "?p=4"]
    assert {(request.method, request.content) for request in sent} == {("POST", sent[0].content)}


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/app/list?p=2",
        "http://line.example/app/list?p=2",
        "https://line.example:444/app/list?p=2",
        "https://user:word@line.example/app/list?p=2",
        "//elsewhere.example/app/list",
        "/app/list/../admin?p=2",
        "/app/delete?p=2",
        "/app/list/?p=2",
        "file:///etc/passwd",
        "https://[",
        "\x00",
        5,
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path, link: object) -> None:
    sent: list[httpx.Request] = []

    def page(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return said(rows=rows("a"), next=link)

    with pytest.raises(BadUpstreamData):
        await answered(described(tmp_path, LINK), LISTED, page)
    assert len(sent) == 1


async def test_a_list_in_one_piece_is_counted_too(tmp_path: Path) -> None:
    endpoint = '  list: {path: /list, json: {c: "{query.committee}"}}'
    connector = described(tmp_path, endpoint, answer=", total: total")
    found, _ = await answered(connector, LISTED, lambda _: said(rows=rows("a", "b"), total=2))
    assert len(found) == 2
    with pytest.raises(BadUpstreamData):
        await answered(connector, LISTED, lambda _: said(rows=rows("a"), total=2))


# ---- answers

FIND = '  find: {path: /f, json: {n: "{query.citizen_id}"}}'
CODED = (
    ", code: state.code, ok: [0, '00'], meanings: {4: nobody, 5: expired, '06': throttled, true: unavailable}"
)


@pytest.mark.parametrize("code", [0, "0", "00", " 0 "])
async def test_success_is_told_by_its_word(tmp_path: Path, code: object) -> None:
    row = {"id": 7, "number": CITIZEN.number, "name": "某"}
    for given in ([row], row):
        found, _ = await answered(
            described(tmp_path, FIND, answer=CODED),
            FindPerson(CITIZEN),
            lambda _, given=given: said(state={"code": code}, rows=given),  # type: ignore[misc]
        )
        assert [record.local_id for record in found] == ["7"]


@pytest.mark.parametrize("answer", [{"state": {"code": 4}}, {"state": {"code": 0}, "rows": None}])
async def test_nobody(tmp_path: Path, answer: dict[str, object]) -> None:
    connector = described(tmp_path, FIND, answer=CODED)
    assert (await answered(connector, FindPerson(CITIZEN), lambda _: said(**answer)))[0] == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"state": {"code": "5"}}, SessionExpired),
        ({"state": {"code": "06"}}, Throttled),
        ({"state": {"code": True}}, Unavailable),
        ({"state": {"code": 6}, "rows": []}, BadUpstreamData),
        ({"state": {"code": None}, "rows": []}, BadUpstreamData),
        ({"state": {"code": [0]}, "rows": []}, BadUpstreamData),
        ({"state": {"code": 0.0}, "rows": []}, BadUpstreamData),
        ({"state": 0, "rows": []}, BadUpstreamData),
        ({"rows": []}, BadUpstreamData),
        ({"state": {"code": 0}}, BadUpstreamData),
        ({"state": {"code": 0}, "rows": "none"}, BadUpstreamData),
        ({"state": {"code": 0}, "rows": [None]}, BadUpstreamData),
        ({"state": {"code": 0}, "rows": [[]]}, BadUpstreamData),
        ({"state": {"code": 0}, "rows": {}}, BadUpstreamData),
    ],
)
async def test_an_answer_that_is_none(
    tmp_path: Path, answer: dict[str, object], error: type[UpstreamError]
) -> None:
    connector = described(tmp_path, FIND, answer=CODED)
    with pytest.raises(error) as raised:
        await answered(connector, FindPerson(CITIZEN), lambda _: said(**answer))
    assert type(raised.value) is error


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"rows": [NaN]}', b"<html>login</html>"],
)
async def test_a_body_that_is_none(tmp_path: Path, body: bytes) -> None:
    connector = described(tmp_path, FIND)
    with pytest.raises(BadUpstreamData) as raised:
        await answered(connector, FindPerson(CITIZEN), lambda _: httpx.Response(200, content=body))
    assert raised.value.__context__ is None


async def test_an_endpoint_may_have_an_answer_of_its_own(tmp_path: Path) -> None:
    endpoint = FIND.replace("}}", "}, answer: {rows: $}}")
    row = {"id": "7", "number": CITIZEN.number, "name": "某"}
    found, _ = await answered(
        described(tmp_path, endpoint), FindPerson(CITIZEN), lambda _: httpx.Response(200, json=[row])
    )
    assert len(found) == 1


async def test_rows_may_stand_in_a_list(tmp_path: Path) -> None:
    endpoint = FIND.replace("}}", "}, answer: {rows: sets.1.people}}")
    connector = described(tmp_path, endpoint)
    row = {"id": "7", "number": CITIZEN.number, "name": "某"}
    assert await answered(connector, FindPerson(CITIZEN), lambda _: said(sets=[0, {"people": [row]}]))
    for sets in ([0], [0, []], {"0": 1}):
        with pytest.raises(BadUpstreamData):
            await answered(connector, FindPerson(CITIZEN), lambda _, sets=sets: said(sets=sets))  # type: ignore[misc]
