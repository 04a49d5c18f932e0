"""The contract finds out every wrong connector, by the one test that is meant for it."""

from pathlib import Path

import pytest

from connectors.sdk.testing import ConnectorContract
from tests.contract.wrong import WRONG
from tests.contract.wrong.right import Right

PLUGIN = ("-p", "connectors.sdk.testing.plugin")
CONTRACT = """
from {module} import {name}
from dataclasses import replace
from tests.contract.wrong.right import RightContract

class TestIt(RightContract):
    connector = {name}
    {more}
"""


@pytest.fixture
def outcomes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> "Outcomes":
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Outcomes(pytester)


class Outcomes:
    """Run the contract on a connector in a pytest of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester

    def __call__(self, module: str, name: str, more: str = "", *options: str) -> dict[str, tuple[str, str]]:
        """Return test -> outcome and what was said."""
        self._pytester.makepyfile(CONTRACT.format(module=module, name=name, more=more))
        run = self._pytester.inline_run(*PLUGIN, *options)
        found: dict[str, tuple[str, str]] = {}
        for report in run.getreports("pytest_runtest_logreport"):
            if report.when == "call" or report.outcome != "passed":
                said = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
                found[report.nodeid.rpartition("::")[2]] = (report.outcome, said)
        return found


def failed(found: dict[str, tuple[str, str]]) -> set[str]:
    return {name for name, (outcome, _) in found.items() if outcome == "failed"}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_wrong_connector_fails_exactly_its_test(outcomes: Outcomes, wrong: type[Right]) -> None:
    found = outcomes(wrong.__module__, wrong.__name__)
    assert failed(found) == {WRONG[wrong]}, {name: said for name, (_, said) in found.items() if said}
    assert set(found) == set(ConnectorContract.names())


def test_every_test_has_a_wrong_connector() -> None:
    assert {*WRONG.values(), "test_every_exemption_names_a_test"} == set(ConnectorContract.names())


def test_the_right_connector_passes_all(outcomes: Outcomes) -> None:
    found = outcomes("tests.contract.wrong.right", "Right")
    assert {outcome for outcome, _ in found.values()} == {"passed"}


def test_an_exemption_is_skipped_and_says_why(outcomes: Outcomes) -> None:
    found = outcomes(
        "tests.contract.wrong.people", "FirstRowOnly", 'exempt = {"test_duplicate_person": "one row each"}'
    )
    assert failed(found) == set()
    outcome, said = found["test_duplicate_person"]
    assert outcome == "skipped"
    assert "exempt: one row each" in said


@pytest.mark.parametrize(
    "exempt",
    [
        {"test_no_such_thing": "as nobody has written it"},
        {"test_known_person": " "},
        {"test_every_exemption_names_a_test": "as I say so"},
    ],
)
def test_an_exemption_needs_a_test_and_a_reason(outcomes: Outcomes, exempt: dict[str, str]) -> None:
    found = outcomes("tests.contract.wrong.right", "Right", f"exempt = {exempt}")
    assert failed(found) == {"test_every_exemption_names_a_test"}


def test_an_operation_that_the_connector_lacks_is_skipped(outcomes: Outcomes) -> None:
    found = outcomes("tests.contract.wrong.right", "ListsOnly")
    skipped = {name for name, (outcome, _) in found.items() if outcome == "skipped"}
    assert skipped == {"test_known_person", "test_unknown_person", "test_duplicate_person"}
    assert "the connector does not support FindPerson" in found["test_known_person"][1]
    assert failed(found) == set()


def test_samples_that_lack_what_an_operation_needs_are_a_failure(outcomes: Outcomes) -> None:
    found = outcomes(
        "tests.contract.wrong.right", "Right", "samples = replace(RightContract.samples, known=None)"
    )
    assert "test_known_person" in failed(found)
    assert "The samples lack what FindPerson needs." in found["test_known_person"][1]


def test_the_fixtures_belong_to_the_class(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        """
        from tests.contract.wrong.right import Right, RightContract

        class TestMore(RightContract):
            def test_more(self, connector, mock):
                assert type(connector) is Right
                assert str(connector.base_url) == "http://line.example:8080/"
                assert mock.name == "right"

        def test_more_or_less(trial):
            pass
        """
    )
    result = pytester.runpytest_inprocess(*PLUGIN, "-k", "test_more")
    result.assert_outcomes(passed=1, errors=1, deselected=len(ConnectorContract.names()))


def test_the_contract_runs_against_a_base_url(outcomes: Outcomes, tmp_path: Path, line_system: str) -> None:
    file = tmp_path / "account"
    file.write_text("contract:a-made-up-password\n")
    options = (f"--connector-base-url={line_system}", f"--connector-credential-file={file}")
    found = outcomes("tests.contract.wrong.right", "ListsOnly", "", *options, "-k", "operation or garbage")
    assert {name: outcome for name, (outcome, _) in found.items()} == {
        "test_every_operation_answers": "passed",
        "test_garbage": "passed",
    }
