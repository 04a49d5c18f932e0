"""The contract that every connector keeps: tests to inherit, and a report on a live system.

``class TestAcme(ConnectorContract)`` inherits all tests; :func:`run_contract` runs the same ones against a
system over HTTP. Of the extra ``testing``, pytest is imported by the plugin alone and respx by ``mock_site``.
"""

from connectors.sdk.testing.contract import ConnectorContract
from connectors.sdk.testing.report import Outcome, Report, Result, run_contract
from connectors.sdk.testing.samples import Samples
from connectors.sdk.testing.verdict import Broken, NotPossible

__all__ = [
    "Broken",
    "ConnectorContract",
    "NotPossible",
    "Outcome",
    "Report",
    "Result",
    "Samples",
    "run_contract",
]
