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

if TYPE_CHECKING:
    from connectors.sdk import Connector, Credential
    from gateway.settings import SystemSettings
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

    def system(
        self,
        name: str,
        settings: SystemSettings,
        connector: Connector[Any],
        credential: Credential | None,
    ) -> LineSystem:
        """Return a line system; asks nobody.

        ``credential`` is the configuration's service account; without one the vault is asked.
        """
        manifest, means = connector.manifest, self.means
        quota, repository, clock = settings.quota, self.repository, self.means.clock
        gate = Gate(
            means.send,
            clock,
            settings.maintenance,
            PerSecond(quota.per_second) if quota.per_second else None,
            PerDay(name, quota.per_day, repository, clock) if quota.per_day else None,
        )
        if not gate.unlimited:
            means = replace(means, send=gate.send)
        timeout_s = settings.timeout or manifest.timeout_s
        personal = settings.account == "personal"

        def account(owner: Owner) -> UpstreamAccount:
            return UpstreamAccount(
                name,
                connector.auth,
                VaultLogin(self.vault, name, owner) if credential is None else self._given(name, credential),
                connector.base_url,
                means,
                timeout_s,
                one_session=personal if settings.one_session is None else settings.one_session,
            )

        return LineSystem(
            name=name,
            connector=connector,
            accounts=Accounts(account, personal=personal, equal=settings.equal),
            send=means.send,
            gate=gate,
            breaker=Breaker(settings.breaker.failures, settings.breaker.open_s, means.clock),
            limits=Limits(
                timeout_s=timeout_s,
                list_timeout_s=manifest.list_timeout_s,
                concurrency=settings.concurrency,
                queue=settings.queue,
                retry=settings.retry,
                ttl_s=FIND_TTL_S,
                configured_ttl_s=settings.cache.ttl,
                missing_ttl_s=settings.cache.missing,
                revalidate_s=settings.cache.revalidate,
                stale_s=settings.cache.stale,
            ),
        )

    def _given(self, name: str, credential: Credential) -> GivenLogin:
        rejections = Rejections(name, self.mark_key, self.repository, self.means.clock)
        return GivenLogin(credential, "service", rejections)
