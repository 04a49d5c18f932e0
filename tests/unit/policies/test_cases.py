"""The shipped cases hold, cover every rule, and the runner tells what does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.cases import run
from policies.load import SHIPPED, PolicyFaults

if TYPE_CHECKING:
    from pathlib import Path

    from policies.engine import Engine

PEOPLE = """
people:
  elder: {residence: "310109010003", registered: "310109010003", age: 91, household: "1001"}
  far: {residence: "310110016005", registered: "310110016005", age: 91}
places:
  own_area: {own_area: true}
"""
HEAD = """
today: 2026-11-21
subjects:
  cadre: {roles: [{role: cadre, scope: ["310109010003"]}]}
cases:
"""
CASE = """
  - what: 看老人
    subject: cadre
    person: elder
    action: read
    system: household
    allow: true
    rule: cadre:household:1
"""


def write(folder: Path, cases: str, head: str = HEAD, people: str = PEOPLE) -> Path:
    (folder / "people.yaml").write_text(people, "utf-8")
    (folder / "cadre_test.yaml").write_text(head + cases, "utf-8")
    return folder


def test_the_shipped_cases_hold_and_cover_every_rule(shipped: Engine) -> None:
    results = run(shipped)
    assert "\n".join(map(str, results.failures)) == ""
    assert results.uncovered == ()
    assert results.total > 4000


def test_every_role_has_its_cases() -> None:
    roles = {path.stem for path in (SHIPPED / "roles").glob("*.yaml")}
    assert roles <= {path.stem.removesuffix("_test") for path in (SHIPPED / "cases").glob("*_test.yaml")}


def test_every_role_has_denials_written_out() -> None:
    for role in (SHIPPED / "roles").glob("*.yaml"):
        text = (SHIPPED / "cases" / f"{role.stem}_test.yaml").read_text("utf-8")
        assert "allow: false" in text, role.stem


def test_a_case_that_holds(shipped: Engine, tmp_path: Path) -> None:
    results = run(shipped, write(tmp_path, CASE))
    assert results.total == 1
    assert results.failures == ()
    assert "cadre:household:1" not in results.uncovered
    assert "cadre:relief:1" in results.uncovered


@pytest.mark.parametrize(
    ("line", "point", "expected", "actual"),
    [
        ("fields: {name: mask}", "fields.name", "mask", "show"),
        ("fields: {phone: show}", "fields.phone", "show", "mask"),
        ("fields: {registered_address: mask}", "fields.registered_address", "mask", "withhold"),
        ("opens: {phone: 60}", "opens", "phone 60 s", "id_number 60 s, phone 60 s"),
        ("opens: {}", "opens", "nothing", "id_number 60 s, phone 60 s"),
    ],
)
def test_what_does_not_hold_is_told(
    shipped: Engine, tmp_path: Path, line: str, point: str, expected: str, actual: str
) -> None:
    (failure,) = run(shipped, write(tmp_path, f"{CASE}    {line}\n")).failures
    assert (failure.point, failure.expected, failure.actual) == (point, expected, actual)
    assert (failure.file, failure.case, failure.rule) == ("cadre_test.yaml", "看老人", "cadre:household:1")
    assert failure.question == "cadre read household elder for daily_service"


def test_the_rest_is_compared_when_named(shipped: Engine, tmp_path: Path) -> None:
    failures = run(shipped, write(tmp_path, f"{CASE}    rest: withhold\n")).failures
    assert len(failures) == 13
    assert "fields.registered_address" not in {failure.point for failure in failures}


def test_an_unexpected_denial_fails_in_allow_and_rule(shipped: Engine, tmp_path: Path) -> None:
    case = CASE.replace("person: elder", "person: [elder, far]")
    results = run(shipped, write(tmp_path, case))
    assert results.total == 2
    assert [(failure.point, failure.actual) for failure in results.failures] == [
        ("allow", "false"),
        ("rule", "default-deny"),
    ]
    assert str(results.failures[0]) == (
        "cadre_test.yaml: 看老人: cadre read household far for daily_service: "
        "allow should be true, is false (default-deny)"
    )


def test_an_unexpected_permit_and_another_reason(shipped: Engine, tmp_path: Path) -> None:
    denied = CASE.replace("allow: true", "allow: false").replace("cadre:household:1", "default-deny")
    (allow, rule) = run(shipped, write(tmp_path, denied)).failures
    assert (allow.point, allow.actual) == ("allow", "true")
    assert (rule.point, rule.actual) == ("rule", "cadre:household:1")
    far = denied.replace("person: elder", "person: far") + "    reason: no_grant\n"
    (reason,) = run(shipped, write(tmp_path, far)).failures
    assert (reason.point, reason.expected, reason.actual) == ("reason", "no_grant", "out_of_scope")


def test_all_combinations_are_asked(shipped: Engine, tmp_path: Path) -> None:
    case = (
        CASE.replace("person: elder", "place: own_area")
        .replace("action: read", "action: [search, list, read]")
        .replace("system: household", "system: household\n    purpose: [daily_service, visit]")
    )
    results = run(shipped, write(tmp_path, case))
    assert (results.total, results.failures) == (6, ())


def test_all_faults_of_all_files_at_once(shipped: Engine, tmp_path: Path) -> None:
    write(
        tmp_path,
        """
  - {what: a, subject: ghost, person: nobody, action: read, system: moon, purpose: nap, allow: true, rule: r}
  - {what: b, subject: cadre, person: elder, action: read, system: relief, allow: true, rule: cadre:relief:1,
     fields: {door: show}, opens: {shoe_size: 60}}
  - {what: c, subject: cadre, action: read, system: relief, allow: true, rule: cadre:relief:1}
  - {what: d, subject: cadre, person: elder, place: own_area, action: read, system: relief, allow: false,
     rule: default-deny, fields: {name: show}}
  - {what: e, subject: cadre, person: elder, action: read, system: relief, allow: true, rule: cadre:relief:1,
     fields: {id_number: open}, reason: no_grant}
""",
        head=HEAD.replace("role: cadre,", "role: emperor,"),
    )
    (tmp_path / "empty_test.yaml").write_text("", "utf-8")
    (tmp_path / "odd_test.yaml").write_text(HEAD + "  - {what: f, action: fly}", "utf-8")
    with pytest.raises(PolicyFaults) as caught:
        run(shipped, tmp_path)
    found = caught.value.faults
    for words in (
        "cadre_test.yaml: subjects.cadre: no role is called 'emperor'",
        "cases.1 (a): no subject is called 'ghost'",
        "cases.1 (a): no person is called 'nobody'",
        "cases.1 (a): no system is called 'moon'",
        "cases.1 (a): no purpose is called 'nap'",
        "cases.1 (a): no rule is called 'r'",
        "cases.2 (b): relief has no field 'door'",
        "cases.2 (b): relief has no field 'shoe_size'",
        "cases.3 (c): write either a person or a place",
        "cases.4 (d): write either a person or a place",
        "cases.4 (d): what is denied shows and opens nothing",
        "cases.5 (e): only a denial has a reason",
        "cases.5 (e): only the action reveal opens a field",
        "empty_test.yaml: must hold keys and values",
        "odd_test.yaml: cases.1.action.1",
        "odd_test.yaml: cases.1.subject: Field required",
    ):
        assert any(words in fault for fault in found), words


def test_a_folder_without_cases(shipped: Engine, tmp_path: Path) -> None:
    with pytest.raises(PolicyFaults) as caught:
        run(shipped, tmp_path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["people.yaml", "cases"]
