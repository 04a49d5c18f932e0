"""fetch: run a connector's exchange under the account's upstream session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk import AuthRejected, CaptchaRequired, NotFound, SessionExpired, Unavailable
from connectors.sdk.run import fetch as run_exchange
from gateway.upstream.accounts import NOBODY

if TYPE_CHECKING:
    from connectors.sdk import Query, Record
    from gateway.pipeline.step import Fetch
    from gateway.upstream.account import UpstreamAccount
    from gateway.upstream.system import LineSystem


class SessionLost(Unavailable):
    """The system ended a session that it had only just given: asking again would only sign in again."""


def fetch(system: LineSystem) -> Fetch:
    """Make the step; an expired session is renewed, once, and the exchange restarted from its beginning.

    Old systems count sign-ins, and some lock an account for too many: a session that does not last is the
    system's trouble and not mended by more of them.
    """

    async def step(query: Query, reader: str = NOBODY) -> list[Record]:
        account = system.accounts.of(reader)
        session = await account.session()
        try:
            return await asked(query, account, session)
        except SessionExpired:
            session = await account.renew(session)
        try:
            return await asked(query, account, session)
        except SessionExpired:
            raise SessionLost("the upstream session keeps expiring") from None

    async def asked(query: Query, account: UpstreamAccount, session: object) -> list[Record]:
        try:
            return await run_exchange(system.connector, query, session, system.send)
        except NotFound:
            return []
        except (AuthRejected, CaptchaRequired) as error:
            account.refused(session, error)
            raise

    return step
