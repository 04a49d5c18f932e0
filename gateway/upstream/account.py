"""An account on a line system and its one upstream session: what replaces a row of the password sheet."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from connectors.sdk import AuthRejected, BadUpstreamData, CaptchaRequired, Unavailable, UpstreamError
from connectors.sdk.run import converse

if TYPE_CHECKING:
    import httpx

    from connectors.sdk import AuthScheme, Credential
    from connectors.sdk.run import Send
    from gateway.clock import Clock
    from gateway.tasks import Tasks

log = structlog.get_logger()

REPEAT_AFTER_S = 20.0
"""How long a login that has changed, or wants a human, is left alone: a password may have been sent to it."""


class AccountState(StrEnum):
    """How an account stands with its system."""

    CAPTCHA = "captcha"
    """The system wants a human at its login."""
    DRIFTED = "drifted"
    """The login is not the one the connector knows."""
    NEEDS_ATTENTION = "needs_attention"
    """The password was rejected; it is not tried again before a person changes it."""
    READY = "ready"
    SIGNED_OUT = "signed_out"


class UpstreamAccount:
    """Hold one account's upstream session and renew it once for however many callers.

    A rejected password is never tried again by this object: old systems lock accounts after a few wrong ones.
    """

    def __init__(  # what signing in takes
        self,
        system: str,
        auth: AuthScheme[Any],
        credential: Credential,
        base_url: httpx.URL,
        send: Send,
        tasks: Tasks,
        clock: Clock,
        timeout_s: float,
    ) -> None:
        """Take the credential and the way to send; nothing is sent before a session is asked for."""
        self.system = system
        self.state = AccountState.SIGNED_OUT
        self._auth = auth
        self._credential = credential
        self._base_url = base_url
        self._send = send
        self._tasks = tasks
        self._clock = clock
        self._timeout_s = timeout_s
        self._not_before = 0.0
        self._session: object | None = None
        self._expired: object | None = None
        """The session that ended last: a scheme may renew it without the password."""
        self._signing_in: asyncio.Task[object] | None = None

    @property
    def entitlement(self) -> str:
        """Name what this account may see at the system, for the cache: by default the account itself."""
        return self._credential.username

    async def session(self) -> object:
        """Return the upstream session, signing in first when there is none.

        Raises AuthRejected, CaptchaRequired, BadUpstreamData (the login changed), Throttled or Unavailable.
        """
        if self._session is not None:
            return self._session
        self._refuse_to_repeat()
        if self._signing_in is None:
            self._signing_in = self._tasks.start(self._sign_in(), name=f"sign-in {self.system}")
        # Shielded: a caller who gives up must not end the sign-in of the others.
        return await asyncio.shield(self._signing_in)

    async def renew(self, expired: object) -> object:
        """Return a session other than ``expired``; of many callers with the same one, the first signs in."""
        if self._session is expired:
            self._session, self._expired = None, expired
        return await self.session()

    def refused(self, session: object, error: UpstreamError) -> None:
        """Give up a session under which the system refused the account itself, or wanted a human.

        Some systems are sent the password with every call: they must not be sent a rejected one again either.
        """
        if self._session is session:
            self._session = None
            self._note(error)

    def _note(self, error: UpstreamError) -> None:
        """Keep what a failure to sign in says of the account."""
        state = _STATES.get(type(error))
        if state is not None:
            self.state = state
            # Of no account for a rejected password, which is not tried again at all.
            self._not_before = self._clock.monotonic() + REPEAT_AFTER_S
        log.warning(
            "upstream.sign_in_failed", system=self.system, error=type(error).__name__, state=self.state
        )

    def _refuse_to_repeat(self) -> None:
        """Raise what the last sign-in raised, where trying again would do harm."""
        if self.state is AccountState.NEEDS_ATTENTION:
            raise AuthRejected("needs attention")
        if self._clock.monotonic() < self._not_before:
            if self.state is AccountState.CAPTCHA:
                raise CaptchaRequired("needs a person")
            raise BadUpstreamData("the login has changed")

    async def _sign_in(self) -> object:
        # Used once: what a session that did not renew is good for, only a whole sign-in finds out.
        expired, self._expired = self._expired, None
        auth, credential = self._auth, self._credential
        steps = auth.sign_in(credential) if expired is None else auth.renew(credential, expired)
        try:
            async with asyncio.timeout(self._timeout_s):
                self._session = await converse(steps, self._send, self._base_url)
        except TimeoutError:
            raise Unavailable("sign-in took too long") from None
        except UpstreamError as error:
            self._note(error)
            raise
        finally:
            self._signing_in = None
        self.state = AccountState.READY
        log.info("upstream.signed_in", system=self.system)
        return self._session

    async def close(self) -> None:
        """End the upstream session, if there is one; a system that does not answer is left to forget it."""
        session, self._session, self._expired = self._session, None, None
        if session is None:
            return
        self.state = AccountState.SIGNED_OUT
        try:
            async with asyncio.timeout(1):
                await converse(self._auth.sign_out(session), self._send, self._base_url)
        except (UpstreamError, TimeoutError) as error:
            log.info("upstream.sign_out_failed", system=self.system, error=type(error).__name__)


_STATES = {
    AuthRejected: AccountState.NEEDS_ATTENTION,
    BadUpstreamData: AccountState.DRIFTED,
    CaptchaRequired: AccountState.CAPTCHA,
}
