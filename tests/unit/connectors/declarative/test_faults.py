"""Every fault of a description is told with its line and column, all of them at once, in plain words."""

from pathlib import Path

import pytest

from connectors.declarative import load_description
from tests.unit.connectors.declarative.described import ACME, faults

TEXT = ACME.read_text("utf-8")
FIND = 'json: {idNumbers: "{query.citizen_ids}"}'
PAGED = '"{page.size}"}\n    pages: {style: page_number, size: 2}'
CURSOR = 'json: {committee: "{query.committee}", cursor: "{page.cursor}"}'
LIST_JSON = 'json: {committee: "{query.committee}", page: "{page.number}", size: "{page.size}"}'
PHONE = "phone: {from: mobile, kind: phone"
BIRTH = 'type: date, format: "%Y%m%d"'


def test_the_example_is_sound(tmp_path: Path) -> None:
    assert faults(tmp_path, TEXT) == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("name: acme", "name: Acme", "line 1, column 7: name: must be a lower-case word of 2 to 32"),
        ("name: acme", "name: 5", "line 1, column 7: name: must be text: put it in quotes"),
        ("title: 社区体检\n", "", "line 1, column 1: title: must be given"),
        ("seal: 检", "seal: 体检", "line 3, column 7: seal: "),
        (
            "auth: {api_key: {check: /api/ping}}",
            "auth: key",
            "line 4, column 7: auth: must be one of api_key",
        ),
        ("{check: /api/ping}", "{check: api/ping}", "line 4, column 25: auth.api_key.check: must be a path"),
        ("{check: /api/ping}", "{}", "line 4, column 8: auth.api_key.check: must be given"),
        (
            "{api_key: {check: /api/ping}}",
            "{api_key: }",
            "line 4, column 8: auth.api_key.check: must be given",
        ),
        (
            "/api/ping}",
            '/api/ping, header: "a b"}',
            "line 4, column 44: auth.api_key.header: must be the name of",
        ),
        ("answer:", "answers:", "line 17, column 1: answers: there is no such key; did you mean answer?"),
        ("  find:", "  look_up:", "line 6, column 3: endpoints.look_up: there is no such key"),
        ("/api/people/find", "api/people/find", "line 7, column 11: endpoints.find.path: must be a path"),
        ("/api/people/find", "/api/../find", "line 7, column 11: endpoints.find.path: must not hold . or .."),
        (
            "/api/people/find",
            "/api/find?a=b",
            "line 7, column 11: endpoints.find.path: holds what a path cannot",
        ),
        ("/api/people/find", "/api/查询", "line 7, column 11: endpoints.find.path: holds what a path cannot"),
        (
            "{query.citizen_ids}",
            "{query.citizen_id",
            "line 8, column 11: endpoints.find.json: a brace begins",
        ),
        ("{query.citizen_ids}", "{{x}}", "line 8, column 11: endpoints.find.json: a brace begins"),
        (
            '{query.citizen_ids}"}',
            '{query.citizen_ids}", a: ["{query.nam}"]}',
            "line 8, column 50: endpoints.find.json.a.1: there is no {query.nam} here; there",
        ),
        (
            '"{query.citizen_ids}"',
            '"x{query.citizen_ids}"',
            "line 8, column 12: endpoints.find.json.idNumbers: {query.citizen_ids} is a list, and s",
        ),
        (
            FIND,
            'form: {idNumbers: "{query.citizen_ids}"}',
            "line 8, column 12: endpoints.find.form.idNumbers: {query.citizen_ids} is a list",
        ),
        (FIND, "json: {}", "line 6, column 3: endpoints.find: does not say what it asks for: use"),
        (
            FIND,
            FIND + "\n    form: {a: b}",
            "line 9, column 5: endpoints.find.form: a request has json or form",
        ),
        (FIND, FIND + "\n    method: GET", "line 9, column 5: endpoints.find.method: a GET has no body"),
        (
            FIND,
            FIND + "\n    method: PUT",
            "line 9, column 13: endpoints.find.method: must be one of GET, POST",
        ),
        (FIND, FIND + "\n    form: [a]", "line 9, column 11: endpoints.find.form: must hold keys and values"),
        (
            FIND,
            FIND + "\n    query_string: {a: [b]}",
            "line 9, column 19: endpoints.find.query_string: must hold",
        ),
        (
            FIND,
            FIND + "\n    pages: {style: next_link, next: a}",
            "line 9, column 5: endpoints.find.pages: only",
        ),
        (FIND, FIND + "\n    most: 9", "line 9, column 5: endpoints.find.most: needs {query.limit}"),
        (
            FIND,
            FIND + "\n    upstream_wants_id_in_url: they say so",
            "line 9, column 5: endpoints.find.upstream_wants_id_in_url: nothing in this URL names a person",
        ),
        (
            FIND,
            'query_string: {number: "{query.citizen_id}"}',
            "line 8, column 20: endpoints.find.query_string.number: {query.citizen_id} would stand in URLs",
        ),
        (
            "/api/people/find\n    " + FIND,
            '"/api/people/{query.citizen_id}"\n    method: GET',
            "line 7, column 5: endpoints.find.path: {query.citizen_id} would stand in URLs",
        ),
        ('name: "{query.name}", ', "", "line 9, column 3: endpoints.search: does not say what it asks for"),
        ('"{query.region}"', '"31"', "line 9, column 3: endpoints.search: does not say what it asks for"),
        ("most: 100", "most: many", "line 12, column 11: endpoints.search.most: must be a whole number"),
        (
            '"{page.number}"',
            "1",
            "line 16, column 5: endpoints.list.pages: the request does not say which page: use {page.number}",
        ),
        (
            "style: page_number",
            "style: leaf",
            "line 16, column 20: endpoints.list.pages.style: must be one of",
        ),
        ("size: 2}", "size: 2, next: a.b}", "line 16, column 42: endpoints.list.pages.next: only cursor and"),
        (
            "size: 2}",
            "size: 2, first: 7}",
            "line 16, column 49: endpoints.list.pages.first: must be less than",
        ),
        (
            LIST_JSON + "\n    pages: {style: page_number, size: 2}",
            CURSOR + "\n    pages: {style: cursor}",
            "line 16, column 5: endpoints.list.pages: next must be given: where the answer",
        ),
        ("rows: data.rows", "rows: data..rows", "line 18, column 9: answer.rows: must be names with dots"),
        ("rows: data.rows", "rows: 5", "line 18, column 9: answer.rows: must be text"),
        ("  rows: data.rows\n", "", "line 17, column 1: answer.rows: must be given"),
        ("  ok: 0\n", "", "line 20, column 3: answer.code: needs ok"),
        ("ok: 0", "ok: [0, 40400]", "line 22, column 14: answer.meanings.40400: means success already"),
        (
            "40400: nobody",
            "40400: no",
            "line 22, column 21: answer.meanings.40400: must be one of expired, nobody",
        ),
        ("  citizen_id: idNumber\n", "", "line 23, column 1: person: citizen_id must be given: find could"),
        ("local_id: id", "local_id: [id]", "line 24, column 13: person.local_id: must be text"),
        (PHONE, "phone: {from: mobile", "line 31, column 3: fields.phone.kind: must be given"),
        ("kind: phone", "kind: telephone", "line 31, column 31: fields.phone.kind: must be one of address"),
        ("  phone: {", "  Phone: {", "line 31, column 3: fields.Phone: must be a lower-case word"),
        ("  phone: {", "  identity: {", "line 31, column 3: fields.identity: this name is taken"),
        ("  phone: {", "  model_dump: {", "line 31, column 3: fields.model_dump: this name is taken"),
        ("mobile, kind: phone", "idNumber, kind: phone", "line 31, column 27: fields.phone.kind: must be id"),
        (
            "kind: id, type: citizen_id",
            "kind: plain",
            "line 29, column 31: fields.id_number.kind: must be id",
        ),
        (PHONE, PHONE + ', format: "%Y"', "line 31, column 38: fields.phone.format: only a date has it"),
        (PHONE, PHONE + ', separator: ","', "line 31, column 38: fields.phone.separator: only a list has it"),
        (BIRTH, 'type: date, format: "%Y%m"', "line 30, column 58: fields.birth_date.format: must name"),
        (BIRTH, 'type: date, format: "%d.%m.%y"', "line 30, column 58: fields.birth_date.format: must name"),
        (
            BIRTH,
            "type: date, codes: {1: a}",
            "line 30, column 58: fields.birth_date.codes: a date has no codes",
        ),
        (BIRTH, "type: day", "line 30, column 52: fields.birth_date.type: must be one of boolean"),
        ("1: 男", "1: 5", "line 32, column 44: fields.gender.codes.1: must be text"),
        ("1: 男", "1: [男]", "line 32, column 47: fields.gender.codes.1: must be text, a whole number"),
        ("Y: true", "Y: yes", "line 33, column 67: fields.living_alone.codes.Y: must be true or false"),
        ("1: 男", "1: 男, 1: 女", "line 32, column 50: '1' stands twice"),
        ("fields:\n", "fields:\n  name: {}\n", "line 29, column 3: 'name' stands twice"),
        ("seal: 检", "seal: 检\ntimeout_s: 0", "line 4, column 12: timeout_s: must be greater than 0"),
        (
            "seal: 检",
            "seal: 检\nttl_s: {cohort: 5}",
            "line 4, column 9: ttl_s.cohort: there is no such endpoint",
        ),
        ("seal: 检", "seal: 检: x", "cannot be read: line 3: mapping values"),
        ("seal: 检", "seal: *x", "cannot be read: line 3: found undefined alias"),
    ],
)
def test_one_fault(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in TEXT
    found = faults(tmp_path, TEXT.replace(old, new, 1))
    assert found
    assert found[0].startswith(fault)
    assert len(found) == 1


def test_all_faults_at_once_in_the_files_order(tmp_path: Path) -> None:
    text = TEXT
    for old, new in (
        ("seal: 检", "seal:"),
        ("kind: phone", "kind: x"),
        ("ok: 0", "okay: 0"),
        ("size: 2", "size: a"),
    ):
        text = text.replace(old, new, 1)
    assert [fault.split(": ")[0] for fault in faults(tmp_path, text + "name: twice\n")] == [
        "line 3, column 6",
        "line 16, column 39",
        "line 21, column 3",
        "line 31, column 31",
        "line 35, column 1",
    ]


def test_parts_that_do_not_fit_are_told_together(tmp_path: Path) -> None:
    text = TEXT.replace("  ok: 0\n", "").replace("mobile, kind: phone", "idNumber, kind: phone")
    assert len(faults(tmp_path, text.replace('"{query.region}"', '"31"'))) == 3


def test_placeholders_and_pages_belong_together(tmp_path: Path) -> None:
    assert [fault[:50] for fault in faults(tmp_path, TEXT.replace(PAGED, '"{page.size}"}'))] == [
        "line 15, column 44: endpoints.list.json.page: ther",
        "line 15, column 67: endpoints.list.json.size: ther",
    ]
    assert [fault[:50] for fault in faults(tmp_path, TEXT.replace(", size: 2", ""))] == [
        "line 15, column 67: endpoints.list.json.size: ther",
        "line 16, column 5: endpoints.list.pages: size must",
    ]


def test_a_reason_lets_a_number_stand_in_a_url(tmp_path: Path) -> None:
    text = TEXT.replace(
        "/api/people/find\n    " + FIND,
        '"/api/people/{query.citizen_id}"\n    method: GET\n    upstream_wants_id_in_url: 厂商只支持 GET',
    )
    assert faults(tmp_path, text) == ()


@pytest.mark.parametrize("text", ["", "- a\n", "just words\n"])
def test_a_file_of_another_kind(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, text) == ("line 1, column 1: must hold keys and values",)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert faults(tmp_path, "x" * 2_000_000) == ("is larger than 1000000 bytes",)
    (tmp_path / "bytes.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(Exception, match=r"^bytes\.yaml: cannot be read: UnicodeDecodeError$"):
        load_description(tmp_path / "bytes.yaml")


FORM_FIELDS = "username_field: u, password_field: p"
SIGNED = "auth: {signed: {check: /api/ping, "


@pytest.mark.parametrize(
    "auth",
    [
        "auth: none",
        "auth: {basic: {check: /ping, charset: gb18030, refusals: {member: code, rejected: [401, '402']}}}",
        "auth: {oauth2: {path: /token, scope: people}}",
        SIGNED + "algorithm: hmac-sm3, encoding: hex, ticks_per_s: 1}}",
        SIGNED + 'joined: {parts: [client, timestamp, nonce], joiner: ""}}}',
        SIGNED + "algorithm: md5, named: {names: {client: appId, timestamp: ts}, secret_name: key}}}",
        f"auth: {{form_login: {{page: /login, action: /login.do, {FORM_FIELDS}, landing: /}}}}",
    ],
)
def test_each_way_to_sign_in(tmp_path: Path, auth: str) -> None:
    assert faults(tmp_path, TEXT.replace("auth: {api_key: {check: /api/ping}}", auth)) == ()


@pytest.mark.parametrize(
    ("auth", "fault"),
    [
        (SIGNED + "algorithm: md5}}", "line 4, column 16: auth.signed: the secret is a part of the text"),
        (SIGNED + "algorithm: sm4}}", "line 4, column 46: auth.signed.algorithm: must be one of hmac-sha256"),
        (SIGNED + "joined: {parts: []}}}", "line 4, column 51: auth.signed.joined.parts: must not be empty"),
        (
            SIGNED + "joined: {parts: [who]}}}",
            "line 4, column 52: auth.signed.joined.parts.1: must be one of",
        ),
        (
            SIGNED + "named: {names: {who: a}}}}",
            "line 4, column 51: auth.signed.named.names.who: must be one of",
        ),
        (
            "auth: {basic: {check: /a}, oauth2: {path: /b}}",
            "line 4, column 7: auth: must be one of api_key, basic",
        ),
        ("auth: {kerberos: {}}", "line 4, column 8: auth.kerberos: there is no such key"),
    ],
)
def test_a_way_to_sign_in_that_cannot_be(tmp_path: Path, auth: str, fault: str) -> None:
    found = faults(tmp_path, TEXT.replace("auth: {api_key: {check: /api/ping}}", auth))
    assert found
    assert found[0].startswith(fault)
