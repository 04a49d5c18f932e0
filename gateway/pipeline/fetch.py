"""fetch: run a connector's exchange under the account's upstream session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk import NotFound, SessionExpired, Unavailable
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
        session = await system.account.session()
        for _ in range(SESSIONS_TRIED):
            try:
                return await run_exchange(system.connector, query, session, system.send)
            except SessionExpired:
                session = await system.account.renew(session)
            except NotFound:
                return []
        msg = "the upstream session keeps expiring"
        raise Unavailable(msg)

    return step
