"""An account on a line system and its one upstream session: what replaces a row of the password sheet."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from connectors.sdk import AuthRejected, BadUpstreamData, CaptchaRequired, UpstreamError
from connectors.sdk.run import converse
from gateway.upstream.reasons import InUseElsewhere, NeedsAttention, NoAccount, OwnerLeft
from gateway.vault.entry import Why

if TYPE_CHECKING:
    import httpx

    from connectors.sdk import AuthScheme
    from connectors.sdk.run import Send
    from gateway.clock import Clock
    from gateway.tasks import Tasks
    from gateway.upstream.lease import Leases
    from gateway.upstream.login import Login

log = structlog.get_logger()

REPEAT_AFTER_S = 20.0
"""How long a login that has changed, or wants a human, is left alone: a password may have been sent to it."""
LOOK_AGAIN_S = 5.0
"""How long it may take to notice that a person has set a new password; looking costs one row."""
EVICTIONS = 3
"""So many sessions ended by the system within a minute mean that somebody else signs in with the account."""
EVICTIONS_WITHIN_S = 60.0
SIGN_OUT_S = 1.0
"""How long the end of a session may take."""
ELSEWHERE_S = 600.0
"""How long an account that is in use elsewhere is left to whoever uses it there."""


class AccountState(StrEnum):
    """How an account stands with its system."""

    CAPTCHA = "captcha"
    """The system wants a human at its login."""
    DRIFTED = "drifted"
    """The login is not the one the connector knows."""
    IN_USE_ELSEWHERE = "in_use_elsewhere"
    """Somebody signs in with it elsewhere, and each of us ends the other's session."""
    NEEDS_ATTENTION = "needs_attention"
    """The password was rejected; it is not tried again before a person changes it."""
    NO_ACCOUNT = "no_account"
    """There is none in the vault, or it cannot be opened."""
    READY = "ready"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True)
class Means:
    """What signing in takes, whatever the account."""

    send: Send
    tasks: Tasks
    clock: Clock
    leases: Leases


class UpstreamAccount:
    """Hold one account's upstream session and renew it once for however many callers.

    A rejected password is never tried again: old systems lock accounts after a few wrong ones.
    """

    def __init__(
        self,
        system: str,
        auth: AuthScheme[Any],
        login: Login,
        base_url: httpx.URL,
        means: Means,
        timeout_s: float,
        *,
        one_session: bool = False,
    ) -> None:
        """Take the login and the means to sign in; nothing is sent before a session is asked for.

        ``one_session``: a sign-in elsewhere ends our session, so evictions are watched.
        """
        self.system = system
        self.state = AccountState.SIGNED_OUT
        self.entitlement = login.account
        """Names what this account may see at the system, for the cache: the account itself."""
        self._auth = auth
        self._login = login
        self._base_url = base_url
        self._send = means.send
        self._tasks = means.tasks
        self._clock = means.clock
        self._leases = means.leases
        self._timeout_s = timeout_s
        self._lease = f"sign-in {system} {login.account}"
        self.signed_in_at = 0.0
        """When it last signed in, monotonic."""
        self._not_before = 0.0
        self._evicted: deque[float] | None = deque(maxlen=EVICTIONS) if one_session else None
        self._session: object | None = None
        self._expired: object | None = None
        """The session that ended last: a scheme may renew it without the password."""
        self._signing_in: asyncio.Task[object] | None = None
        self._noting: asyncio.Task[None] | None = None
        self._ended = False

    @property
    def signed_in(self) -> bool:
        """Tell whether there is a session, or soon will be."""
        return self._session is not None or self._signing_in is not None

    async def session(self) -> object:
        """Return the upstream session, signing in first when there is none.

        Raises AuthRejected, CaptchaRequired, BadUpstreamData (the login changed), Throttled or Unavailable;
        OwnerLeft once the account is ended.
        """
        if self._ended:
            raise OwnerLeft("its owner has left")
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
            self._watch_evictions()
        return await self.session()

    def refused(self, session: object, error: UpstreamError) -> None:
        """Give up a session under which the system refused the account itself, or wanted a human.

        Some systems are sent the password with every call: they must not be sent a rejected one again either.
        """
        if self._session is session:
            self._session = None
            self._learn(error)
            self._noting = self._tasks.start(
                self._login.note(_WHY.get(type(error))), name=f"note {self.system}"
            )

    def _watch_evictions(self) -> None:
        if self._evicted is None:
            return
        now = self._clock.monotonic()
        self._evicted.append(now)
        if len(self._evicted) == EVICTIONS and now - self._evicted[0] <= EVICTIONS_WITHIN_S:
            self._evicted.clear()
            self.state = AccountState.IN_USE_ELSEWHERE
            self._not_before = now + ELSEWHERE_S
            log.warning("upstream.in_use_elsewhere", system=self.system)

    def _learn(self, error: UpstreamError) -> None:
        """Keep what a failure to sign in says of the account."""
        state = _STATES.get(type(error))
        if state is not None:
            self.state = state
            after_s = LOOK_AGAIN_S if state in _FOR_A_PERSON else REPEAT_AFTER_S
            self._not_before = self._clock.monotonic() + after_s
        log.warning(
            "upstream.sign_in_failed", system=self.system, error=type(error).__name__, state=self.state
        )

    def _refuse_to_repeat(self) -> None:
        """Raise what the last sign-in raised, where trying again would do harm or find nothing new."""
        if self._clock.monotonic() >= self._not_before:
            return
        match self.state:
            case AccountState.NEEDS_ATTENTION:
                raise NeedsAttention("needs attention")
            case AccountState.NO_ACCOUNT:
                raise NoAccount("no account")
            case AccountState.CAPTCHA:
                raise CaptchaRequired("needs a person")
            case AccountState.IN_USE_ELSEWHERE:
                raise InUseElsewhere("in use elsewhere")
            case AccountState.DRIFTED:
                raise BadUpstreamData("the login has changed")

    async def _sign_in(self) -> object:
        try:
            # Those who changed the password had it noted; a rejection under way is waited for.
            if self._noting is not None:
                await self._noting
            async with self._leases.hold(self._lease, self._timeout_s):
                self._session = await self._signed_in()
        except UpstreamError as error:
            self._learn(error)
            await self._note(error)
            raise
        finally:
            self._signing_in = None
        self.state = AccountState.READY
        self.signed_in_at = self._clock.monotonic()
        session = self._session
        await self._login.note(None)
        log.info("upstream.signed_in", system=self.system)
        if self._ended:
            self._tasks.detach(self.close(), f"sign-out {self.system}")
        return session

    async def _signed_in(self) -> object:
        credential = await self._login.credential()
        self.entitlement = self._login.account
        # Used once: what a session that did not renew is good for, only a whole sign-in finds out.
        expired, self._expired = self._expired, None
        auth = self._auth
        steps = auth.sign_in(credential) if expired is None else auth.renew(credential, expired)
        return await converse(steps, self._send, self._base_url)

    async def _note(self, error: UpstreamError) -> None:
        """Write down what the system said of the credential; what we said ourselves stands there already."""
        why = _WHY.get(type(error))
        if why is not None:
            await self._login.note(why)

    async def end(self) -> None:
        """End the upstream session for good: a fetch that is still under way must not sign in again."""
        self._ended = True
        await self.close()

    async def close(self) -> None:
        """End the upstream session, if there is one; a system that does not answer is left to forget it."""
        under_way = {task for task in (self._noting, self._signing_in) if task is not None}
        if under_way:
            await asyncio.wait(under_way, timeout=SIGN_OUT_S)
        session, self._session, self._expired = self._session, None, None
        if session is None:
            return
        self.state = AccountState.SIGNED_OUT
        try:
            async with asyncio.timeout(SIGN_OUT_S):
                await converse(self._auth.sign_out(session), self._send, self._base_url)
        except (UpstreamError, TimeoutError) as error:
            log.info("upstream.sign_out_failed", system=self.system, error=type(error).__name__)


_STATES = {
    AuthRejected: AccountState.NEEDS_ATTENTION,
    BadUpstreamData: AccountState.DRIFTED,
    CaptchaRequired: AccountState.CAPTCHA,
    NeedsAttention: AccountState.NEEDS_ATTENTION,
    NoAccount: AccountState.NO_ACCOUNT,
}
_WHY = {
    AuthRejected: Why.REJECTED,
    BadUpstreamData: Why.LOGIN_CHANGED,
    CaptchaRequired: Why.CAPTCHA,
}
_FOR_A_PERSON = {AccountState.NEEDS_ATTENTION, AccountState.NO_ACCOUNT}
