"""Everything an author of a connector needs, on one page.

A connector is one class: a manifest, a way to sign in, record models whose fields say how sensitive they are,
and a conversation (``exchange``) for each question it can answer. See ``connectors/elderly`` for a plain
example.
"""

from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.citizen_id import CitizenId
from connectors.sdk.connector import (
    API_VERSION,
    Connector,
    ConnectorSettings,
    Exchange,
    Manifest,
    ask,
    ask_all,
    form,
)
from connectors.sdk.errors import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    NotFound,
    SessionExpired,
    Throttled,
    TimedOut,
    Unavailable,
    UpstreamError,
)
from connectors.sdk.kinds import Kind
from connectors.sdk.query import (
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    ListCohort,
    ListCommittee,
    Query,
    Search,
)
from connectors.sdk.record import Record, UnclassifiedField, Value
from connectors.sdk.text import decode

__all__ = [
    "API_VERSION",
    "AuthRejected",
    "AuthScheme",
    "BadUpstreamData",
    "CaptchaRequired",
    "CitizenId",
    "Connector",
    "ConnectorSettings",
    "Credential",
    "Exchange",
    "FindHousehold",
    "FindPerson",
    "Identity",
    "IdentityKind",
    "Kind",
    "ListCohort",
    "ListCommittee",
    "Manifest",
    "NotFound",
    "Query",
    "Record",
    "Search",
    "SessionExpired",
    "Steps",
    "Throttled",
    "TimedOut",
    "Unavailable",
    "UnclassifiedField",
    "UpstreamError",
    "Value",
    "Verdict",
    "ask",
    "ask_all",
    "decode",
    "form",
]
