"""Run the contract without a test framework and report, for the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from inspect import getdoc
from typing import Any

from connectors.sdk.auth.scheme import Credential
from connectors.sdk.connector import Connector
from connectors.sdk.errors import UpstreamError
from connectors.sdk.testing.contract import ConnectorContract
from connectors.sdk.testing.line import Trial
from connectors.sdk.testing.live_site import LiveSite
from connectors.sdk.testing.samples import Samples
from connectors.sdk.testing.site import Site
from connectors.sdk.testing.verdict import Broken, NotPossible


class Outcome(StrEnum):
    """How a test ended."""

    EXEMPT = "exempt"
    FAILED = "failed"
    NOT_POSSIBLE = "not possible"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Result:
    """One test."""

    name: str
    """As in ``exempt``, e.g. ``test_known_person``."""
    title: str
    """What it shows, one sentence."""
    outcome: Outcome
    reason: str = ""
    """Why it failed, was exempt or not possible: a plain sentence without upstream text; else empty."""


@dataclass(frozen=True, slots=True)
class Report:
    """All tests of the contract on one connector and system, in the contract's order."""

    connector: str
    base_url: str
    results: tuple[Result, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing failed."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)


def run_contract(
    connector: type[Connector[Any]],
    base_url: str,
    *,
    credential: Credential,
    samples: Samples,
    settings: Mapping[str, object] | None = None,
    exempt: Mapping[str, str] | None = None,
    open_site: Callable[[], Site] | None = None,
) -> Report:
    """Run all tests, one after the other, against the system at ``base_url``, and report.

    Signs in about once for each test, and once as a user who does not exist. Fault switches are thrown only
    where the system has a mock's (``/_mock/faults``), and put back; else such tests are `not possible`.
    ``open_site`` gives another system than the one over HTTP, e.g. a mock in this process. Not to be called
    where an event loop runs. Raises pydantic's ValidationError for settings that the connector does not take.
    """
    own = connector.settings_type.model_validate(settings or {})
    trial = Trial(
        make_connector=lambda: connector(base_url, own),
        credential=credential,
        samples=samples,
        open_site=open_site or (lambda: LiveSite(base_url)),
        exempt=exempt or {},
    )
    results = tuple(_result(name, trial) for name in ConnectorContract.names())
    return Report(connector.manifest.name, base_url, results)


def _result(name: str, trial: Trial) -> Result:
    test = getattr(ConnectorContract(), name)
    title = getdoc(test) or name
    if reason := trial.exemption(name):
        return Result(name, title, Outcome.EXEMPT, reason)
    try:
        test(trial)
    except NotPossible as why:
        return Result(name, title, Outcome.NOT_POSSIBLE, str(why))
    except (Broken, UpstreamError) as why:
        return Result(name, title, Outcome.FAILED, str(why))
    except Exception as error:  # noqa: BLE001  # whatever a connector raises is a line of the report
        return Result(name, title, Outcome.FAILED, f"The connector raised {type(error).__name__}.")
    return Result(name, title, Outcome.PASSED)
