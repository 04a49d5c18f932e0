"""fetch: run a connector's exchange under the account's upstream session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk import AuthRejected, CaptchaRequired, NotFound, SessionExpired, Unavailable
from connectors.sdk.run import fetch as run_exchange

if TYPE_CHECKING:
    from connectors.sdk import Query, Record
    from gateway.pipeline.step import Fetch
    from gateway.upstream.system import LineSystem

SESSIONS_TRIED = 3
"""An upstream session may expire while we ask; more often than this is the system's trouble, not ours."""


def fetch(system: LineSystem) -> Fetch:
    """Make the step; an expired session is renewed and the exchange restarted from its beginning."""

    async def step(query: Query) -> list[Record]:
        account = system.account
        expired: object | None = None
        for _ in range(SESSIONS_TRIED):
            session = await (account.session() if expired is None else account.renew(expired))
            try:
                return await run_exchange(system.connector, query, session, system.send)
            except SessionExpired:
                expired = session
            except NotFound:
                return []
            except (AuthRejected, CaptchaRequired) as error:
                account.refused(session, error)
                raise
        raise Unavailable("the upstream session keeps expiring")

    return step
