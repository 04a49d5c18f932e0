"""What a connector is.

A manifest, a way to sign in, and one conversation for each question. No I/O, no retries.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast
from urllib.parse import quote_plus

import httpx
from pydantic import BaseModel, ConfigDict

from connectors.sdk.auth.scheme import AuthScheme
from connectors.sdk.query import Query
from connectors.sdk.record import Record
from connectors.sdk.request import whole_request
from connectors.sdk.write import Receipt, Repeat, Write

API_VERSION = 1
"""The version of this contract; a connector made for another one stops start-up."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Say who a connector is and what the gateway may assume when the configuration is silent."""

    name: str
    """Lower-case word, unique in an installation; the name of the source in every record."""
    title: str
    """What the staff call the system, e.g. 人口信息."""
    seal: str
    """The one character of its seal in the portal, e.g. 户."""
    api: int
    """The contract version it was written for: :data:`API_VERSION`."""
    version: str = "1"
    """The connector's own version: a new one leaves old cache entries unread."""
    timeout_s: float = 3.0
    """How long one call may take, all its requests together, in seconds."""
    list_timeout_s: float = 30.0
    """The same for paged lists."""
    ttl_s: Mapping[type[Query], float] = field(default_factory=dict)
    """How long an answer stays fresh, by query, in seconds; the gateway's default where absent."""

    def __post_init__(self) -> None:
        """Refuse a name that could not stand in a configuration key or a log line."""
        if not _NAME.fullmatch(self.name):
            msg = "a connector's name is a lower-case word of 2 to 32 letters, digits and _"
            raise ValueError(msg)


class ConnectorSettings(BaseModel):
    """The connector's own settings.

    The block ``settings`` of its system in ``systems.yaml``. Unknown keys are faults.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


SettingsT = TypeVar("SettingsT", bound=ConnectorSettings)

Asked = httpx.Request | Sequence[httpx.Request]
Exchange = Generator[Asked, Any, list[Record]]
"""A conversation that returns records.

Write it with :func:`ask` and :func:`ask_all`, which give the types.
"""

Writing = Generator[Asked, Any, Receipt]
"""A conversation that writes something down and returns the system's receipt."""


def ask(request: httpx.Request) -> Generator[Asked, Any, httpx.Response]:
    """Send one request.

    Written as ``response = yield from ask(request)``.
    """
    return cast("httpx.Response", (yield request))


def ask_all(requests: Sequence[httpx.Request]) -> Generator[Asked, Any, list[httpx.Response]]:
    """Send several requests, a few at a time, and get the responses in the same order."""
    return cast("list[httpx.Response]", (yield list(requests))) if requests else []


class Connector(ABC, Generic[SettingsT]):
    """Turn typed queries into requests and replies into typed records.

    A connector never awaits, never retries and keeps no state between calls. What it raises is one of
    :mod:`connectors.sdk.errors`; a parsing error of Python or lxml out of :meth:`exchange` counts as
    BadUpstreamData.
    """

    manifest: ClassVar[Manifest]
    operations: ClassVar[Mapping[type[Query], type[Record]]]
    """Query type -> the record type it answers with: the operations this connector supports."""
    writes: ClassVar[Mapping[type[Write], Repeat]] = {}
    """Write type -> whether one may be sent twice: what this connector can write back."""
    settings_type: ClassVar[type[ConnectorSettings]] = ConnectorSettings
    auth: AuthScheme[Any]

    def __init__(self, base_url: str, settings: SettingsT) -> None:
        """Take the system's base URL (scheme, host, port, maybe a path) and the connector's own settings."""
        self.base_url = httpx.URL(base_url.rstrip("/") + "/")
        self.settings = settings
        self._urls: dict[str, httpx.URL] = {}

    @abstractmethod
    def exchange(self, query: Query) -> Exchange:
        """Answer one query of a type named in ``operations``.

        Returns the records found, an empty list when the system knows nobody. Raises as :class:`Connector`
        says.
        """

    def write(self, entry: Write) -> Writing:
        """Write down one entry of a type named in ``writes``, with its key if the system takes one.

        Raises as :class:`Connector` says.
        """
        raise NotImplementedError(type(entry).__name__)

    def url(self, path: str) -> httpx.URL:
        """Return the address of a path below the base URL.

        Made once for a path, as making one costs microseconds.
        """
        found = self._urls.get(path)
        if found is None:
            found = self._urls[path] = self.base_url.join(path.lstrip("/"))
        return found

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Request:
        """Make a GET request. Never put personal data into the path: use a body."""
        return httpx.Request("GET", self.url(path), headers=headers)

    def post(
        self, path: str, content: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Request:
        """Make a POST request with a body of the given type."""
        named = {"Content-Type": content_type}
        if headers:
            return httpx.Request("POST", self.url(path), content=content, headers={**named, **headers})
        return whole_request("POST", self.url(path), named, content)

    def post_form(self, path: str, fields: Mapping[str, str], charset: str = "utf-8") -> httpx.Request:
        """Make a POST request with a form in the upstream's charset."""
        return self.post(path, form(fields, charset), f"application/x-www-form-urlencoded; charset={charset}")


def form(fields: Mapping[str, str], charset: str) -> bytes:
    """Encode a form (application/x-www-form-urlencoded) in a charset; httpx itself knows only UTF-8."""
    return "&".join(
        f"{quote_plus(name, encoding=charset)}={quote_plus(value, encoding=charset)}"
        for name, value in fields.items()
    ).encode("ascii")
