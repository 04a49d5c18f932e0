"""The contract finds out every wrong connector, by the one test that is meant for it."""

import pytest

from connectors.sdk.testing import ConnectorContract
from tests.contract.wrong import WRONG
from tests.contract.wrong.right import Right

PLUGIN = ("-p", "connectors.sdk.testing.plugin")
CONTRACT = """
from {module} import {name}
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
