"""Mock upstreams.

One object serves respx in tests and a real HTTP server, with the same manners and faults.
"""

from connectors.sdk.mock.faults import Faults
from connectors.sdk.mock.stats import Stats
from connectors.sdk.mock.upstream import MockUpstream

__all__ = ["Faults", "MockUpstream", "Stats"]
