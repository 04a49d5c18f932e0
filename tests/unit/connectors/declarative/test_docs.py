"""docs/connectors-yaml.md is right: the example is green, each piece of YAML is sound, no key is left out."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.declarative import load_description
from connectors.declarative.checks import ASKS
from connectors.declarative.part import Part
from connectors.declarative.template import PERSONAL
from connectors.sdk import Credential, Identity, IdentityKind, Kind
from connectors.sdk.marked_yaml import read_yaml
from connectors.sdk.scaffold import WAYS, create
from connectors.sdk.testing import Outcome, Samples, run_contract
from connectors.sdk.testing.mock_site import MockSite
from tests.unit.connectors.declarative.described import faults

DOCUMENT = (Path(__file__).parents[4] / "docs" / "connectors-yaml.md").read_text("utf-8")
EXAMPLE, *PIECES = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.fixture
def acme(tmp_path: Path) -> Any:
    """Return the mock of the system that `connector new acme` makes, as a module."""
    create("acme_of_docs", tmp_path / "acme", WAYS["api_key"], "0")
    file = tmp_path / "acme" / "acme_of_docs" / "mock.py"
    spec = importlib.util.spec_from_file_location("acme_of_docs_mock", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_system_of_connector_new_is_forty_lines_of_yaml_and_green(tmp_path: Path, acme: Any) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(EXAMPLE, "utf-8")
    assert len(EXAMPLE.splitlines()) <= 40
    report = run_contract(
        load_description(file),
        "http://line.example:8080",
        credential=Credential("contract", "a-made-up-key"),
        samples=Samples(
            Identity(IdentityKind.CITIZEN, acme.ROWS[0][1]),
            name="建国",
            region="31",
            committee=acme.COMMITTEE,
        ),
        open_site=lambda: MockSite(acme.build({"contract": "a-made-up-key"})),
    )
    failed = [result for result in report.results if result.outcome is Outcome.FAILED]
    assert failed == []
    assert sum(result.outcome is Outcome.PASSED for result in report.results) >= 24


@pytest.mark.parametrize("piece", [piece for piece in PIECES if not piece.startswith("# systems.yaml")])
def test_every_piece_is_sound_in_the_place_of_the_examples_own(tmp_path: Path, piece: str) -> None:
    whole = read_yaml(EXAMPLE).content | read_yaml(piece).content
    whole["ttl_s"] = {}
    assert faults(tmp_path, json.dumps(whole)) == ()


def test_the_fault_that_is_shown_is_the_one_that_is_told(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```text\nacme\.yaml: (.*?)\n```", DOCUMENT)
    assert faults(tmp_path, EXAMPLE.replace("{from: mobile, kind: phone}", "{from: mobile}")) == (shown,)


def parts() -> Iterator[type[Part]]:
    yield from (
        part for part in Part.__subclasses__() if part.__module__.startswith("connectors.declarative")
    )


def test_no_key_is_left_out() -> None:
    words = {word for code in re.findall(r"`([^`\n]+)`", DOCUMENT) for word in re.split(r"[^\w.]+", code)}
    words |= {word for piece in (EXAMPLE, *PIECES) for word in re.split(r"[^\w.]+", piece)}
    keys = {info.alias or name for part in parts() for name, info in part.model_fields.items()}
    values = {hole for sets in ASKS.values() for one in sets for hole in one} | PERSONAL
    assert keys | values | {kind.value for kind in Kind} <= words
