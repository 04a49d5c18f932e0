"""Everything an author of a connector needs, on one page.

A connector is one class: a manifest, a way to sign in, record models whose fields say how sensitive they are,
and a conversation (``exchange``, ``write``) for each thing it can answer or write down. See
``connectors/elderly`` for a plain example. SOAP and XML have modules of their own (``connectors.sdk.soap``,
``connectors.sdk.xml``), and so have mocks (``connectors.sdk.mock``).
"""

from connectors.sdk.auth.api_key import ApiKey
from connectors.sdk.auth.basic import Basic
from connectors.sdk.auth.cas import Cas
from connectors.sdk.auth.cas_grant import CasForm, CasRest
from connectors.sdk.auth.form_login import FormLogin
from connectors.sdk.auth.no_sign_in import NoSignIn
from connectors.sdk.auth.oauth2 import OAuth2ClientCredentials
from connectors.sdk.auth.refusals import Refusals
from connectors.sdk.auth.scheme import AuthScheme, Credential, Steps, Verdict
from connectors.sdk.auth.signature import Algorithm, Encoding, Joined, Named, Part, SigningStyle
from connectors.sdk.auth.signed import SignedRequests
from connectors.sdk.auth.soap_key import SoapKey
from connectors.sdk.citizen_id import CitizenId
from connectors.sdk.connector import (
    API_VERSION,
    Connector,
    ConnectorSettings,
    Exchange,
    Manifest,
    Writing,
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
from connectors.sdk.paging import Page, list_pages, unique
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
from connectors.sdk.write import (
    NeedCategory,
    Receipt,
    RecordNeed,
    RecordVisit,
    Repeat,
    VisitOutcome,
    Write,
)

__all__ = [
    "API_VERSION",
    "Algorithm",
    "ApiKey",
    "AuthRejected",
    "AuthScheme",
    "BadUpstreamData",
    "Basic",
    "CaptchaRequired",
    "Cas",
    "CasForm",
    "CasRest",
    "CitizenId",
    "Connector",
    "ConnectorSettings",
    "Credential",
    "Encoding",
    "Exchange",
    "FindHousehold",
    "FindPerson",
    "FormLogin",
    "Identity",
    "IdentityKind",
    "Joined",
    "Kind",
    "ListCohort",
    "ListCommittee",
    "Manifest",
    "Named",
    "NeedCategory",
    "NoSignIn",
    "NotFound",
    "OAuth2ClientCredentials",
    "Page",
    "Part",
    "Query",
    "Receipt",
    "Record",
    "RecordNeed",
    "RecordVisit",
    "Refusals",
    "Repeat",
    "Search",
    "SessionExpired",
    "SignedRequests",
    "SigningStyle",
    "SoapKey",
    "Steps",
    "Throttled",
    "TimedOut",
    "Unavailable",
    "UnclassifiedField",
    "UpstreamError",
    "Value",
    "Verdict",
    "VisitOutcome",
    "Write",
    "Writing",
    "ask",
    "ask_all",
    "decode",
    "form",
    "list_pages",
    "unique",
]
