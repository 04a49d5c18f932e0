"""The pytest plugin: the fixtures ``connector``, ``mock`` and ``trial`` of a ConnectorContract class.

Installed by the entry point group ``pytest11``. Options: ``--connector-base-url`` runs the contract against a
system over HTTP, ``--connector-credential-file`` names a file whose one line is ``username:password``.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk.auth.scheme import Credential
from connectors.sdk.connector import Connector
from connectors.sdk.mock.upstream import MockUpstream
from connectors.sdk.testing.contract import ConnectorContract
from connectors.sdk.testing.line import Trial
from connectors.sdk.testing.live_site import LiveSite
from connectors.sdk.testing.mock_site import MockSite
from connectors.sdk.testing.verdict import Broken, NotPossible


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for a system over HTTP."""
    group = parser.getgroup("connectors", "connector contract")
    group.addoption("--connector-base-url", metavar="URL", help="run connector contracts against this system")
    group.addoption(
        "--connector-credential-file",
        metavar="FILE",
        help="its account, one line username:password (default: the contract's own)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Say in plain words how a contract test ended."""
    try:
        return (yield)
    except (Broken, NotPossible) as caught:
        why = caught
    # Outside of the handler: pytest would show where it was raised as well.
    if isinstance(why, NotPossible):
        pytest.skip(str(why))
    pytest.fail(str(why), pytrace=False)


@pytest.fixture
def connector(request: pytest.FixtureRequest) -> Connector[Any]:
    """Return the class's connector, towards the base URL."""
    return _connector(_contract(request), _base_url(request))


@pytest.fixture
def mock(request: pytest.FixtureRequest) -> MockUpstream:
    """Return a new mock of the class's system."""
    return _contract(request).make_mock()


@pytest.fixture
def trial(request: pytest.FixtureRequest) -> Trial:
    """Return what a contract test runs; skips a test from which the class is exempt."""
    contract = _contract(request)
    live = _option(request, "--connector-base-url")
    base_url = _base_url(request)
    ready = Trial(
        make_connector=lambda: _connector(contract, base_url),
        credential=_credential(request),
        samples=contract.samples,
        open_site=(lambda: LiveSite(base_url)) if live else (lambda: MockSite(contract.make_mock())),
        exempt=contract.exempt,
    )
    if reason := ready.exemption(getattr(request.node, "originalname", request.node.name)):
        pytest.skip(f"exempt: {reason}")
    return ready


def _contract(request: pytest.FixtureRequest) -> ConnectorContract:
    if not isinstance(request.instance, ConnectorContract):
        raise pytest.UsageError("this fixture belongs to classes of tests that inherit ConnectorContract")
    return request.instance


def _connector(contract: ConnectorContract, base_url: str) -> Connector[Any]:
    made = contract.connector
    return made(base_url, made.settings_type.model_validate(contract.settings))


def _option(request: pytest.FixtureRequest, name: str) -> str | None:
    value = request.config.getoption(name)
    return str(value) if value else None


def _base_url(request: pytest.FixtureRequest) -> str:
    return _option(request, "--connector-base-url") or _contract(request).base_url


def _credential(request: pytest.FixtureRequest) -> Credential:
    file = _option(request, "--connector-credential-file")
    if file is None:
        return _contract(request).credential
    username, _, secret = Path(file).read_text(encoding="utf-8").strip().partition(":")
    return Credential(username, secret)
