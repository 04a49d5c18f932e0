"""Connectors are found by entry point; each test installs distributions of its own in a folder."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import SystemSettings
from gateway.upstream.installed import GROUP
from gateway.upstream.registry import catalogue, connect

CONNECTOR = """
from typing import Annotated
from connectors.sdk import Connector, ConnectorSettings, FindPerson, Kind, Manifest, Record
from connectors.sdk.auth.oauth2 import OAuth2ClientCredentials

class Person(Record):
    name: Annotated[str | None, Kind.NAME] = None

class Settings(ConnectorSettings):
    page_size: int = 100

class Acme(Connector[Settings]):
    manifest = Manifest(name="acme", title="测试", seal="测", api={api})
    operations = {{FindPerson: Person}}
    settings_type = Settings
    auth = OAuth2ClientCredentials("/token")
    def exchange(self, query):
        return []
        yield
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a way to install a distribution with one module and one connector in it."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(
        distribution: str, code: str = CONNECTOR.format(api=1), name: str = "acme", target: str = "Acme"
    ) -> None:
        module = distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code, "utf-8")
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", "utf-8"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}:{target}\n", "utf-8")

    yield installed
    for name in set(sys.modules) - before:
        if name.startswith("cc_"):
            del sys.modules[name]


def system(connector: str = "acme", **settings: Any) -> SystemSettings:
    return SystemSettings.model_validate(
        {
            "connector": connector,
            "base_url": "http://127.0.0.1:9999/app",
            "credential": {"username": "gateway", "secret": "env:X"},
            "settings": settings,
        }
    )


def faults_of(systems: dict[str, SystemSettings]) -> list[str]:
    faults: list[str] = []
    connected = connect(systems, faults)
    assert set(connected).isdisjoint(fault.split(": ")[1] for fault in faults)
    return faults


def test_a_third_partys_connector_is_found(install: Install) -> None:
    install("cc-acme")
    faults: list[str] = []
    connected = connect({"one": system(page_size=10), "two": system(), "elders": system("elderly")}, faults)
    assert faults == []
    assert list(connected) == ["one", "two", "elders"], "in the order of the configuration"
    assert (connected["one"].settings.page_size, connected["two"].settings.page_size) == (10, 100)
    assert str(connected["one"].base_url) == "http://127.0.0.1:9999/app/"


def test_what_is_not_configured_is_not_imported(install: Install) -> None:
    install("cc-broken", "raise SystemExit('imported')", name="other")
    install("cc-acme")
    assert faults_of({"acme": system()}) == []
    assert "cc_broken" not in sys.modules


def test_policies_may_name_our_own_systems_that_are_not_there(install: Install) -> None:
    install("cc-broken", "raise SystemExit('imported')", name="other")
    install("cc-acme")

    def named(**systems: str) -> dict[str, tuple[str, ...]]:
        settings = {name: system(connector) for name, connector in systems.items()}
        return catalogue(settings, connect(settings, []))

    found = named(household="household", elders="elderly", acme="acme")
    assert list(found) == ["household", "elders", "acme", "benefits", "meals", "relief"]
    assert "age" in found["elders"]
    assert {"name", "relief_status"} <= set(found["relief"])
    assert named(relief="acme")["relief"] == ("name",), "a configured name keeps its own fields"


def test_an_unknown_connector_is_named_with_those_there_are() -> None:
    (fault,) = faults_of({"acme": system("acme2")})
    assert fault == (
        "systems.yaml: acme: no connector 'acme2' is installed; "
        "there are benefits, elderly, household, meals, relief"
    )


def test_two_distributions_of_one_name_are_named(install: Install) -> None:
    install("cc-acme")
    install("cc-other")
    assert faults_of({"acme": system()}) == [
        "systems.yaml: acme: connector 'acme' is provided by several distributions: cc-acme, cc-other"
    ]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("1/0", "ZeroDivisionError"),
        ("class Acme(", "SyntaxError"),
        ("Other = 1", "AttributeError"),
        ("Acme = 1", "TypeError"),
        ("class Acme: pass", "TypeError"),
        (CONNECTOR.format(api=1).replace('name="acme"', 'name="No Name"'), "ValueError"),
        (CONNECTOR.format(api=1).replace("def exchange", "def other"), "TypeError"),
        (CONNECTOR.format(api=1).replace("    auth =", "    other ="), "TypeError"),
        (CONNECTOR.format(api=1).replace("    manifest =", "    other ="), "TypeError"),
        ("import pydantic\npydantic.TypeAdapter(int).validate_python('secret')", "ValidationError"),
    ],
)
def test_a_connector_that_cannot_be_loaded_names_its_distribution(
    install: Install, code: str, error: str
) -> None:
    install("cc-acme", code)
    assert faults_of({"acme": system()}) == [
        f"systems.yaml: acme: cc-acme: the connector cannot be loaded ({error})"
    ]


def test_an_unclassified_field_is_named(install: Install) -> None:
    install("cc-acme", CONNECTOR.format(api=1).replace("Annotated[str | None, Kind.NAME]", "str | None"))
    (fault,) = faults_of({"acme": system()})
    assert fault.startswith(
        "systems.yaml: acme: cc-acme: the connector cannot be loaded: cc_acme.Person.name:"
    )
    assert "exactly one Kind" in fault


def test_another_contract_version_is_named(install: Install) -> None:
    install("cc-acme", CONNECTOR.format(api=2))
    assert faults_of({"acme": system()}) == [
        "systems.yaml: acme: cc-acme: made for contract version 2, this gateway has 1"
    ]


def test_settings_that_it_does_not_take_are_named_one_by_one(install: Install) -> None:
    install("cc-acme")
    assert faults_of({"acme": system(page_size="many", pages=3)}) == [
        (
            "systems.yaml: acme: settings.page_size: "
            "Input should be a valid integer, unable to parse string as an integer"
        ),
        "systems.yaml: acme: settings.pages: Extra inputs are not permitted",
    ]


def test_all_faults_come_at_once(install: Install) -> None:
    install("cc-acme", "1/0")
    faults = faults_of({"a": system(), "b": system("nobody"), "c": system("elderly", wrong=1)})
    assert [fault.split(": ")[1] for fault in faults] == ["a", "b", "c"]


DESCRIPTION = Path(__file__).parents[3] / "contract" / "acme.yaml"


def test_a_description_is_a_connector() -> None:
    faults: list[str] = []
    connected = connect({"acme": system(f"file:{DESCRIPTION}")}, faults)
    assert faults == []
    assert connected["acme"].manifest.title == "社区体检"
    assert str(connected["acme"].base_url) == "http://127.0.0.1:9999/app/"
    found = catalogue({"acme": system(f"file:{DESCRIPTION}")}, connected)["acme"]
    assert found[:3] == ("name", "id_number", "birth_date")


def test_the_faults_of_a_description_name_its_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    text = DESCRIPTION.read_text("utf-8").replace("kind: phone", "type: text")
    file.write_text(text.replace("seal:", "sael:"), "utf-8")
    assert [fault.split(": ")[:4] for fault in faults_of({"acme": system(f"file:{file}")})] == [
        ["systems.yaml", "acme", "acme.yaml", "line 1, column 1"],
        ["systems.yaml", "acme", "acme.yaml", "line 3, column 1"],
        ["systems.yaml", "acme", "acme.yaml", "line 31, column 3"],
    ]


def test_a_description_takes_no_settings_of_its_own_and_must_be_there(tmp_path: Path) -> None:
    assert faults_of({"acme": system(f"file:{DESCRIPTION}", page_size=5)}) == [
        "systems.yaml: acme: settings.page_size: Extra inputs are not permitted"
    ]
    assert faults_of({"acme": system(f"file:{tmp_path}/nowhere.yaml")}) == [
        "systems.yaml: acme: nowhere.yaml: cannot be read: No such file or directory"
    ]
