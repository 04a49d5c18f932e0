"""The contract that a distribution declares beside its connector: its mock, its samples, its exemptions.

Test classes are not installed, so nothing in a wheel would say what a connector passes. A distribution that
names its :class:`ConnectorContract` under the entry point group ``community_cloud.contracts``, by the
connector's name, lets anybody who has it run the contract again, in process.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any, Final

from connectors.sdk.connector import Connector
from connectors.sdk.testing.contract import ConnectorContract
from connectors.sdk.testing.report import Report, run_contract

GROUP: Final = "community_cloud.contracts"


class NotDeclared(Exception):
    """There is no contract to run; ``str()`` is a sentence that says why."""


def declared(name: str) -> type[ConnectorContract]:
    """Return the contract that some distribution declares for a connector; raises NotDeclared."""
    points = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if len(points) != 1:
        several = "several distributions declare" if points else "no distribution declares"
        raise NotDeclared(f"{several} a contract for {name}: see {GROUP} in docs/connectors.md")
    (point,) = points.values()
    try:
        found = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001  # what somebody else's module raises
        raise NotDeclared(f"the contract of {name} cannot be loaded ({type(error).__name__})") from None
    if not (isinstance(found, type) and issubclass(found, ConnectorContract) and hasattr(found, "samples")):
        raise NotDeclared(f"the contract of {name} is no ConnectorContract with samples")
    return found


def run_declared(contract: type[ConnectorContract], connector: type[Connector[Any]]) -> Report:
    """Run a declared contract on its own mock in this process, and report.

    Raises NotDeclared where the extra ``testing`` is not installed, and for a mock that cannot be made.
    """
    try:
        from connectors.sdk.testing.mock_site import MockSite  # noqa: PLC0415  # wants respx
    except ModuleNotFoundError:
        raise NotDeclared("respx is not installed: pip install 'community-cloud-gateway[testing]'") from None
    try:
        contract().make_mock()
    except Exception as error:  # noqa: BLE001  # what somebody else's module raises
        raise NotDeclared(f"its mock cannot be made ({type(error).__name__})") from None
    return run_contract(
        connector,
        contract.base_url,
        credential=contract.credential,
        samples=contract.samples,
        settings=contract.settings,
        exempt=contract.exempt,
        open_site=lambda: MockSite(contract().make_mock()),
    )
