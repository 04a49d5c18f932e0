"""Mock upstreams.

One object serves respx in tests and a real HTTP server, with the same manners and faults. A door stands
before its handlers and demands what the system's way of signing in is: ``door.route(...)`` registers behind
it, ``mock.route(...)`` before it.
"""

from connectors.sdk.mock.cas import CasDoor
from connectors.sdk.mock.credentials import BasicDoor, KeyDoor
from connectors.sdk.mock.door import Door, Refusal, Refused, account_of
from connectors.sdk.mock.faults import Faults
from connectors.sdk.mock.login_page import FormDoor
from connectors.sdk.mock.signature import SignatureDoor
from connectors.sdk.mock.stats import Stats
from connectors.sdk.mock.token import TokenDoor
from connectors.sdk.mock.upstream import LOGIN, MockUpstream

__all__ = [
    "LOGIN",
    "BasicDoor",
    "CasDoor",
    "Door",
    "Faults",
    "FormDoor",
    "KeyDoor",
    "MockUpstream",
    "Refusal",
    "Refused",
    "SignatureDoor",
    "Stats",
    "TokenDoor",
    "account_of",
]
