"""The elderly-care system (养老服务): REST in JSON behind OAuth 2.0 client credentials."""

from connectors.elderly.connector import ElderlyConnector
from connectors.elderly.records import ElderlyPerson

__all__ = ["ElderlyConnector", "ElderlyPerson"]
