"""The social-relief system (社会救助): SOAP with a key that expires, XML inside a SOAP string, GB18030."""

from connectors.relief.connector import ReliefConnector
from connectors.relief.records import ReliefPerson

__all__ = ["ReliefConnector", "ReliefPerson"]
