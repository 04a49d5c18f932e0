"""A connector and its system for the time of one check, with what all checks ask of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.sdk.auth.scheme import Credential
from connectors.sdk.connector import Connector
from connectors.sdk.errors import UpstreamError
from connectors.sdk.kinds import Kind
from connectors.sdk.mock.faults import Faults
from connectors.sdk.query import FindPerson, Query
from connectors.sdk.record import Record
from connectors.sdk.testing.account import Account
from connectors.sdk.testing.samples import READS, Samples
from connectors.sdk.testing.site import Site
from connectors.sdk.testing.verdict import Broken, NotPossible

EXEMPTIONS: Final = "test_every_exemption_names_a_test"


@dataclass(frozen=True, slots=True)
class Trial:
    """Say what is tried, with which account, and where: enough to run any check."""

    make_connector: Callable[[], Connector[Any]]
    credential: Credential
    samples: Samples
    open_site: Callable[[], Site]
    exempt: Mapping[str, str] = field(default_factory=dict)

    def exemption(self, name: str) -> str:
        """Return why a test is not made; empty where it is. The test of the exemptions always is."""
        return "" if name == EXEMPTIONS else self.exempt.get(name, "")

    def run(self, check: Callable[[Line], Awaitable[None]]) -> None:
        """Run one check, with a connector, an account and a site of its own.

        Raises Broken or NotPossible; whatever else the connector raises passes through. Not to be called
        where an event loop runs.
        """
        asyncio.run(self._run(check))

    async def _run(self, check: Callable[[Line], Awaitable[None]]) -> None:
        site = self.open_site()
        try:
            await check(Line(self, site))
        finally:
            await site.close()


class Line:
    """Put a fresh connector, its account and its system before a check."""

    def __init__(self, trial: Trial, site: Site) -> None:
        """Open the line; nothing is sent yet."""
        self.connector = trial.make_connector()
        self.samples = trial.samples
        self.site = site
        self.credential = trial.credential
        self.account = Account(self.connector, trial.credential, site)

    def other_account(self, credential: Credential | None = None) -> Account:
        """Return an account that has not signed in yet."""
        return Account(self.connector, credential or self.credential, self.site)

    def wrong_credential(self) -> Credential:
        """Return one that the system refuses; on a live system of nobody, so that nobody is locked out."""
        word = secrets.token_urlsafe(12)
        name = f"nobody-{secrets.token_hex(4)}" if self.site.live else self.credential.username
        return Credential(name, word)

    async def hurt(self, **switches: object) -> None:
        """Replace the system's fault switches."""
        await self.site.set_faults(Faults.model_validate(switches))

    def lacking(self, what: str) -> Broken | NotPossible:
        """Return what to raise where a check lacks something: for a mock it can be had."""
        return NotPossible(f"not possible here: {what}") if self.site.live else Broken(what)

    # What may be asked

    def query(self, operation: type[Query]) -> Query:
        """Return the sample question of an operation; raises NotPossible where the connector lacks it."""
        if operation not in self.connector.operations:
            raise NotPossible(f"the connector does not support {operation.__name__}")
        query = self.samples.query(operation)
        if query is None:
            raise self.lacking(f"The samples lack what {operation.__name__} needs.")
        return query

    def queries(self) -> Iterator[Query]:
        """Yield a sample question for each supported operation that has one, the plainest first."""
        for operation in READS:
            if operation in self.connector.operations and (query := self.samples.query(operation)):
                yield query

    def question(self) -> Query:
        """Return the plainest question that the connector can answer."""
        query = next(self.queries(), None)
        if query is None:
            raise self.lacking("The samples fit none of the connector's operations.")
        return query

    # Asking

    async def answer(self, query: Query, account: Account | None = None) -> list[Record]:
        """Ask a system that is well; raises Broken for any failure."""
        try:
            return await (account or self.account).ask(query)
        except UpstreamError as error:
            name, kind = type(query).__name__, type(error).__name__
            raise Broken(f"A well system must answer {name}; the connector raised {kind}.") from None

    async def found(self, query: Query) -> list[Record]:
        """Ask a well system, signing in by the way; raises Broken when nobody is found."""
        records = await self.answer(query)
        if not records:
            name = type(query).__name__
            raise Broken(f"A well system must find somebody by the samples' {name}; nobody was found.")
        return records

    async def failure(
        self, query: Query, trouble: str, allowed: tuple[type[UpstreamError], ...]
    ) -> UpstreamError:
        """Ask a hurt system once and return the error; raises Broken for another one, and for an answer."""
        names = " or ".join(sorted(error.__name__ for error in allowed))
        try:
            records = await self.account.once(query)
        except allowed as error:
            return error
        except UpstreamError as error:
            raise Broken(
                f"{trouble} must raise {names}; the connector raised {type(error).__name__}."
            ) from None
        raise Broken(f"{trouble} must raise {names}; the connector returned {len(records)} records.")


def texts(record: Record, *kinds: Kind) -> list[str]:
    """Return a record's texts in fields of these kinds."""
    values = [getattr(record, name) for name, kind in record.kinds.items() if kind in kinds]
    return [
        text
        for value in values
        if value
        for text in (value if isinstance(value, tuple) else (value,))
        if isinstance(text, str)
    ]


def number_of(query: Query) -> str:
    """Return the number that a question names a person by, empty when it names none."""
    return query.identity.number if isinstance(query, FindPerson) else ""
