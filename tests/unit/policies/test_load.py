"""Policy files: every fault at once, with file and place, and nothing in force until all is well."""

from __future__ import annotations

import contextlib
import pickle
from typing import TYPE_CHECKING

import pytest

from policies.load import SHIPPED, PolicyFaults, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CATALOGUE = {"household": ("name", "phone"), "relief": ("name", "relief_status")}
PURPOSES = """
daily_service: {title: 日常服务, title_en: Daily service}
visit: {title: 上门走访, title_en: Home visit, opens: {phone: 60}}
"""
CADRE = """
role: cadre
title: 居委干部
grants:
  - system: household
    actions: [read]
    where: {region: own}
    fields: {name: show, phone: mask}
reveal:
  - {fields: [phone], purposes: [visit], for_seconds: 60}
"""


def faults(folder: Path, files: Mapping[str, str], purposes: str | None = PURPOSES) -> tuple[str, ...]:
    (folder / "roles").mkdir()
    if purposes is not None:
        (folder / "purposes.yaml").write_text(purposes, "utf-8")
    for name, text in files.items():
        (folder / "roles" / name).write_text(text, "utf-8")
    with pytest.raises(PolicyFaults) as caught:
        load(folder, CATALOGUE)
    assert str(folder) not in str(caught.value)
    return caught.value.faults


def test_the_shipped_policies_load(catalogue: Mapping[str, tuple[str, ...]]) -> None:
    engine = load(SHIPPED, catalogue)
    assert {"cadre", "secretary", "street", "service", "resident", "guard"} <= engine.roles.keys()
    assert {"auditor", "security", "admin"} <= engine.roles.keys()
    assert engine.version == load(SHIPPED, catalogue).version


def test_the_shipped_purposes_are_those_of_the_contract(catalogue: Mapping[str, tuple[str, ...]]) -> None:
    purposes = load(SHIPPED, catalogue).purposes
    assert set(purposes) == {
        "audit",
        "correct_data",
        "daily_service",
        "emergency",
        "grant_benefit",
        "other",
        "verify_identity",
        "visit",
    }
    assert [code for code, purpose in purposes.items() if purpose.note_required] == ["other"]


def test_another_word_is_another_version(tmp_path: Path) -> None:
    versions = set()
    for number, text in enumerate((CADRE, CADRE.replace("name: show", "name: mask"))):
        folder = tmp_path / str(number)
        (folder / "roles").mkdir(parents=True)
        (folder / "purposes.yaml").write_text(PURPOSES, "utf-8")
        (folder / "roles" / "cadre.yaml").write_text(text, "utf-8")
        versions.add(load(folder, CATALOGUE).version)
    assert len(versions) == 2


def test_fields_may_come_as_an_iterator(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "purposes.yaml").write_text(PURPOSES, "utf-8")
    (tmp_path / "roles" / "cadre.yaml").write_text(CADRE, "utf-8")
    engine = load(tmp_path, {system: iter(fields) for system, fields in CATALOGUE.items()})
    assert engine.catalogue["household"] == ("name", "phone")


def test_all_faults_of_all_files_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        {
            "broken.yaml": "role: [",
            "cadre.yaml": CADRE.replace("phone: mask", "shoe_size: show").replace("[visit]", "[gossip]"),
            "guard.yaml": "role: gatekeeper\ntitle: 门岗\n",
            "street.yaml": CADRE.replace("cadre", "street")
            .replace("[read]", "[reed]")
            .replace(": 60", ": -1"),
        },
        PURPOSES.replace("{phone: 60}", "{fax: 60}"),
    )
    assert list(dict.fromkeys(fault.split(":")[0] for fault in found)) == [
        "purposes.yaml",
        "broken.yaml",
        "cadre.yaml",
        "guard.yaml",
        "street.yaml",
    ]
    text = "\n".join(found)
    for words in (
        "visit: no system has a field 'fax'",
        "line 1",
        "household has no field 'shoe_size'",
        "no purpose is called 'gossip'",
        "name the file gatekeeper.yaml",
        "grants.1.actions.1",
        "reveal.1.for_seconds",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "system: household",
            "system: houshold",
            "no system is called 'houshold'; there are household, relief",
        ),
        ("    where: {region: own}\n", "", "where.region is missing for household"),
        ("region: own", "region: everywhere", "grants.1.where.region"),
        ("region: own", "age_from: 80", "grants.1.where.region: Field required"),
        ("name: show", "name: reveal", "grants.1.fields.name"),
        ("region: own", "region: own, children: [play]", "no purpose is called 'play'"),
        ("[phone]", "[telephone]", "reveal.1: no system has a field 'telephone'"),
        ("title: 居委干部", "title: 居委干部\ncolour: red", "colour: Extra inputs are not permitted"),
        ("title: 居委干部", "title: 居委干部\ndefault_purpose: nap", "no purpose is called 'nap'"),
        ("title: 居委干部", "title: 居委干部\nquota: {reveals_per_day: 0}", "quota.reveals_per_day"),
        ("title: 居委干部", "title: 居委干部\nrole: cadre", "line 4, column 1: 'role' stands twice"),
        ("phone: mask", "phone: mask, phone: show", "line 8, column 39: 'phone' stands twice"),
        ("title: 居委干部", "title: *nobody", "cannot be read: line 3"),
        ("title: 居委干部", "title: !!python/object:os.system x", "cannot be read: line 3"),
    ],
)
def test_one_fault(tmp_path: Path, old: str, new: str, words: str) -> None:
    found = faults(tmp_path, {"cadre.yaml": CADRE.replace(old, new, 1)})
    assert len(found) == 1
    assert found[0].startswith("cadre.yaml: ")
    assert words in found[0]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{actions: [read], systems: [moon]}", "forbid.1: no system is called 'moon'"),
        ("{actions: [read], fields: [moon]}", "forbid.1: no system it holds for has a field 'moon'"),
        (
            "{actions: [read], systems: [relief], fields: [phone]}",
            "no system it holds for has a field 'phone'",
        ),
        ("{actions: []}", "forbid.1.actions"),
        ("{actions: [read], unless: {second_factor: false}}", "forbid.1.unless.second_factor"),
    ],
)
def test_a_forbid_that_would_hold_nothing(tmp_path: Path, rule: str, words: str) -> None:
    found = faults(tmp_path, {"cadre.yaml": f"{CADRE}forbid:\n  - {rule}\n"})
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("fields: {name: show}", "the gateway has no fields"),
        ("where: {region: any}", "the gateway has no places"),
    ],
)
def test_the_gateway_has_neither_fields_nor_places(tmp_path: Path, line: str, words: str) -> None:
    grant = f"  - system: gateway\n    actions: [read_audit]\n    {line}\n"
    found = faults(tmp_path, {"auditor.yaml": f"role: auditor\ntitle: 审计员\ngrants:\n{grant}"})
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "[]", "cadre"])
def test_an_empty_file_is_no_role(tmp_path: Path, text: str) -> None:
    # Its forbids would be gone without a word.
    found = faults(tmp_path, {"cadre.yaml": text})
    assert len(found) == 1
    assert "must hold keys and values" in found[0]


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "cadre.yaml").write_bytes("title: 居委干部".encode("gb18030"))
    (tmp_path / "purposes.yaml").write_text(PURPOSES, "utf-8")
    with pytest.raises(PolicyFaults, match=r"cadre\.yaml: cannot be read"):
        load(tmp_path, CATALOGUE)


def test_no_roles_and_no_purposes(tmp_path: Path) -> None:
    found = faults(tmp_path, {}, purposes=None)
    assert [fault.split(":")[0] for fault in found] == ["purposes.yaml", "roles"]


def test_lost_purposes_are_one_fault_and_not_one_for_each_role(tmp_path: Path) -> None:
    found = faults(tmp_path, {"cadre.yaml": CADRE}, purposes="[]")
    assert found == ("purposes.yaml: must hold keys and values, and holds list",)


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("Visit: {title: 走访, title_en: Visit}", "'Visit' is no code"),
        ("Yes: {title: 是, title_en: Yes}", "'Yes' is no code"),
        ("call: {title: 电话}", "call: title_en: Field required"),
        ("call: {title: 电话, title_en: Call, opens: {phone: 0}}", "call: opens.phone"),
        ("call: {title: 电话, title_en: Call, opens: {phone: 86400}}", "call: opens.phone"),
    ],
)
def test_a_purpose_that_cannot_be_meant(tmp_path: Path, purpose: str, words: str) -> None:
    found = faults(tmp_path, {"cadre.yaml": CADRE}, PURPOSES + purpose)
    assert len(found) == 1
    assert words in found[0]


def test_no_line_system_is_called_gateway(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "purposes.yaml").write_text(PURPOSES, "utf-8")
    (tmp_path / "roles" / "cadre.yaml").write_text(CADRE, "utf-8")
    with pytest.raises(PolicyFaults, match="no line system may be called 'gateway'"):
        load(tmp_path, {**CATALOGUE, "gateway": ("name",)})


def test_faults_pass_through_context_managers_and_processes() -> None:
    @contextlib.contextmanager
    def around() -> Iterator[None]:
        yield

    error = PolicyFaults(["one", "two"])
    with pytest.raises(PolicyFaults, match="one\ntwo"), around():
        raise error
    assert pickle.loads(pickle.dumps(error)).faults == ("one", "two")  # noqa: S301  # our own bytes
