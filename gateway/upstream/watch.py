"""A watch on a system's login: looks at it on a schedule, and signs in with a test account if it has one."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from connectors.sdk import AuthRejected, BadUpstreamData, CaptchaRequired, UpstreamError
from connectors.sdk.run import converse
from gateway.errors import StoreUnavailable
from gateway.upstream.reasons import InMaintenance

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.sdk import Connector
    from gateway.upstream.account import Means, UpstreamAccount
    from gateway.upstream.accounts import Accounts
    from gateway.upstream.repository import UpstreamRepository

log = structlog.get_logger()

LOOK_WITHIN_S = 10.0


class LoginStatus(StrEnum):
    """What was last seen of a login."""

    CAPTCHA = "captcha"
    """It wants a human."""
    DRIFTED = "drifted"
    """It is not the one that last let us in, or not one the connector knows."""
    OK = "ok"
    REJECTED = "rejected"
    """It refused the test account."""
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    """Not looked at yet, or there is nothing to look at and no test account."""


class LoginWatch:
    """Compare a login with the one that last let somebody in, before the next who signs in is hurt.

    A login that looks different is drifted until somebody is let in by it: then it is the one we know. What
    the system asks of an account that is neither the canary's nor in use is *not* found out.
    """

    def __init__(
        self,
        system: str,
        connector: Connector[Any],
        means: Means,
        repository: UpstreamRepository,
        accounts: Accounts,
        canary: UpstreamAccount | None = None,
    ) -> None:
        """Take the test account that signs in, if there is one."""
        self.status = LoginStatus.UNKNOWN
        self.checked_at: datetime | None = None
        self._system = system
        self._connector = connector
        self._means = means
        self._repository = repository
        self._accounts = accounts
        self._canary = canary
        self._changed_at: float | None = None

    async def check(self) -> None:
        """Look, and note what was seen; fails for no reason of the system's."""
        try:
            status = await self._looked()
        except InMaintenance:
            return
        except StoreUnavailable:
            return  # with nothing to compare to, what was seen last stands
        except TimeoutError:
            status = LoginStatus.UNAVAILABLE
        except UpstreamError as error:
            kinds = (kind for kind in _STATUS if isinstance(error, kind))
            status = _STATUS.get(next(kinds, UpstreamError), LoginStatus.UNAVAILABLE)
        if status is not self.status:
            level = log.info if status is LoginStatus.OK else log.warning
            level("upstream.login", system=self._system, status=status)
        self.status = status
        if status is not LoginStatus.UNKNOWN:
            self.checked_at = self._means.clock.now()

    async def _looked(self) -> LoginStatus:
        async with asyncio.timeout(LOOK_WITHIN_S):
            look = self._connector.auth.look()
            fingerprint = await converse(look, self._means.send, self._connector.base_url)
        let_in = False
        if self._canary is not None:
            try:
                await self._canary.session()
            finally:
                await self._canary.close()
            let_in = True
        if not fingerprint:
            return LoginStatus.OK if let_in else LoginStatus.UNKNOWN
        return await self._compared(fingerprint, let_in=let_in)

    async def _compared(self, fingerprint: str, *, let_in: bool) -> LoginStatus:
        kept = await self._repository.fingerprint(self._system)
        if kept == fingerprint:
            self._changed_at = None
            return LoginStatus.OK
        if self._changed_at is None:
            self._changed_at = self._means.clock.monotonic()
        if kept is None or let_in or self._accounts.signed_in_at > self._changed_at:
            await self._repository.keep_fingerprint(self._system, fingerprint)
            self._changed_at = None
            return LoginStatus.OK
        return LoginStatus.DRIFTED


_STATUS: dict[type[UpstreamError], LoginStatus] = {
    AuthRejected: LoginStatus.REJECTED,
    BadUpstreamData: LoginStatus.DRIFTED,
    CaptchaRequired: LoginStatus.CAPTCHA,
}
