"""One line system as it is configured; what the configuration leaves open, the connector's manifest says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateway.upstream.account import Means, UpstreamAccount
from gateway.upstream.accounts import Accounts
from gateway.upstream.breaker import Breaker
from gateway.upstream.gate import Gate
from gateway.upstream.login import GivenLogin, VaultLogin
from gateway.upstream.quota import PerDay, PerSecond
from gateway.upstream.rejections import Rejections
from gateway.upstream.system import FIND_TTL_S, Limits, LineSystem
from gateway.upstream.watch import LoginWatch

if TYPE_CHECKING:
    from connectors.sdk import Connector, Credential, Manifest
    from connectors.sdk.run import Send
    from gateway.settings import SystemSettings
    from gateway.upstream.clients import Clients
    from gateway.upstream.login import Login
    from gateway.upstream.repository import UpstreamRepository
    from gateway.vault.entry import Owner
    from gateway.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Lines:
    """What all line systems of an installation share."""

    vault: Vault
    repository: UpstreamRepository
    mark_key: bytes
    """Of the hashes by which rejected credentials are known."""
    means: Means
    clients: Clients

    def system(
        self,
        name: str,
        settings: SystemSettings,
        connector: Connector[Any],
        credential: Credential | None,
        canary: Credential | None = None,
    ) -> LineSystem:
        """Return a line system; asks nobody.

        ``credential`` is the configuration's service account, without which the vault is asked; ``canary``
        its test account.
        """
        send = self.clients.transport(settings.tls).handle_async_request
        gate = self._gate(name, settings, send)
        means = replace(self.means, send=send if gate.unlimited else gate.send)
        limits = limits_of(settings, connector.manifest)
        personal = settings.account == "personal"
        one_session = personal if settings.one_session is None else settings.one_session

        def account(login: Login) -> UpstreamAccount:
            return UpstreamAccount(
                name,
                connector.auth,
                login,
                connector.base_url,
                means,
                limits.timeout_s,
                one_session=one_session,
            )

        def owned(owner: Owner) -> UpstreamAccount:
            if credential is None:
                return account(VaultLogin(self.vault, name, owner))
            return account(self._given(name, credential, "service"))

        accounts = Accounts(owned, personal=personal, equal=settings.equal)
        tester = None if canary is None else account(self._given(name, canary, "canary"))
        return LineSystem(
            name=name,
            connector=connector,
            accounts=accounts,
            send=means.send,
            watch=LoginWatch(name, connector, means, self.repository, accounts, tester),
            gate=gate,
            breaker=Breaker(settings.breaker.failures, settings.breaker.open_s, means.clock),
            limits=limits,
        )

    def _gate(self, name: str, settings: SystemSettings, send: Send) -> Gate:
        quota, clock = settings.quota, self.means.clock
        return Gate(
            send,
            clock,
            settings.maintenance,
            PerSecond(quota.per_second) if quota.per_second else None,
            PerDay(name, quota.per_day, self.repository, clock) if quota.per_day else None,
        )

    def _given(self, name: str, credential: Credential, account: str) -> GivenLogin:
        rejections = Rejections(name, self.mark_key, self.repository, self.means.clock)
        return GivenLogin(credential, account, rejections)


def limits_of(settings: SystemSettings, manifest: Manifest) -> Limits:
    """Return what the guard step holds a system to."""
    return Limits(
        timeout_s=settings.timeout or manifest.timeout_s,
        list_timeout_s=manifest.list_timeout_s,
        concurrency=settings.concurrency,
        queue=settings.queue,
        retry=settings.retry,
        ttl_s=FIND_TTL_S,
        configured_ttl_s=settings.cache.ttl,
        missing_ttl_s=settings.cache.missing,
        revalidate_s=settings.cache.revalidate,
        stale_s=settings.cache.stale,
    )
