"""How a connector signs in, and what it makes of a session that ends."""

from __future__ import annotations

import asyncio
import json

from connectors.sdk.errors import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    SessionExpired,
    UpstreamError,
)
from connectors.sdk.query import ListCommittee, Query
from connectors.sdk.testing.account import SESSIONS_TRIED, Account
from connectors.sdk.testing.line import Line
from connectors.sdk.testing.verdict import Broken, NotPossible, said

CALLERS = 50
_HOUR_S = 3_600
"""More than keys live, and than any signature is good for."""


async def wrong_credentials(line: Line) -> None:
    """Use a wrong password: one attempt, told as such, and never a second one."""
    query, wrong = line.question(), line.wrong_credential()
    before = await _failed_logins(line)
    account = line.other_account(wrong)
    error = await _rejection(account, query)
    if wrong.secret in said(error):
        raise Broken("An exception of a rejected sign-in must not tell the password.")
    attempts = await _failed_logins(line) - before
    if attempts > 1:
        raise Broken(f"A wrong password must be tried once; the connector tried it {attempts} times.")
    sent = len(account.sent)
    await _rejection(account, query)
    if len(account.sent) != sent:
        raise Broken("A rejected password must not be sent again.")


async def _rejection(account: Account, query: Query) -> AuthRejected:
    try:
        await account.ask(query)
    except AuthRejected as error:
        return error
    except UpstreamError as error:
        kind = type(error).__name__
        raise Broken(f"A wrong password must raise AuthRejected; the connector raised {kind}.") from None
    raise Broken("A wrong password must raise AuthRejected; the connector answered.")


async def _failed_logins(line: Line) -> int:
    try:
        return (await line.site.counts()).failed_logins
    except NotPossible:
        return 0  # the rest of the check still tells something


async def expiry_mid_exchange(line: Line) -> None:
    """End the session in the middle of a list, or before the answer where there is one request only."""
    query = next((query for query in line.queries() if isinstance(query, ListCommittee)), line.question())
    healthy = await line.found(query)
    sent = len(line.account.sent)
    await line.answer(query)
    requests = len(line.account.sent) - sent
    logins = (await line.site.counts()).logins

    async def expire_once() -> None:
        nonlocal requests
        requests -= 1
        if requests == 1:
            await line.hurt(expire_sessions=True)

    if requests == 1:
        await line.hurt(expire_sessions=True)
    line.account.after_each = expire_once
    if await line.answer(query) != healthy:
        raise Broken("After a session that ended in mid-exchange the answer must be the same as without.")
    await _at_most(line, logins, 1, "A session that ended once in mid-exchange")


async def concurrent_expiry(line: Line) -> None:
    """Let many callers find the session over at the same time."""
    query = line.question()
    healthy = await line.found(query)
    logins = (await line.site.counts()).logins
    await line.hurt(expire_sessions=True)
    answers = await asyncio.gather(*(line.answer(query) for _ in range(CALLERS)))
    if any(answer != healthy for answer in answers):
        raise Broken(f"All of {CALLERS} callers must get the answer after the session ended.")
    await _at_most(line, logins, 1, f"A session that ended for {CALLERS} callers at once")


async def stored_session(line: Line) -> None:
    """Store the session as JSON, read it back, and ask under it."""
    auth, session = line.connector.auth, await line.account.session()
    try:
        copy = auth.load(json.loads(json.dumps(auth.dump(session))))
    except (TypeError, ValueError):
        raise Broken("A session must be plain values, to be stored and read back.") from None
    if copy != session:
        raise Broken("A stored session must be read back as it was.")
    if line.credential.secret in f"{session!r} {session!s}":
        raise Broken("The repr of a session must not tell the password.")


async def login_page_with_200(line: Line) -> None:
    """Answer a question with a login page."""
    query = line.question()
    await line.found(query)
    await line.hurt(login_page=True)
    await line.failure(
        query, "A login page with status 200", (SessionExpired, BadUpstreamData, CaptchaRequired)
    )


async def clock_skew(line: Line) -> None:
    """Set the system's clock an hour ahead and an hour back: the same answers, or a failure that may pass."""
    query = line.question()
    healthy = await line.found(query)
    for skew in (_HOUR_S, -_HOUR_S):
        await line.hurt(clock_skew_s=skew)
        logins = (await line.site.counts()).logins
        for account in (line.account, line.other_account()):
            try:
                records = await account.ask(query)
            except AuthRejected:
                raise Broken("A clock that is off must not count as a rejected password.") from None
            except UpstreamError:
                continue
            if records != healthy:
                raise Broken("With a clock that is off the answer must be the same, or an error.")
        await _at_most(line, logins, 2 * SESSIONS_TRIED, "A clock that is off")


async def _at_most(line: Line, before: int, most: int, what: str) -> None:
    logins = (await line.site.counts()).logins - before
    if logins > most:
        raise Broken(f"{what} may cost {most} sign-ins at most; there were {logins}.")
