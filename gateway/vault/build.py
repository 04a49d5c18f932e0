"""The vault as one installation is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.vault.cipher import CIPHERS
from gateway.vault.keys import wrapping_keys
from gateway.vault.vault import Vault

if TYPE_CHECKING:
    from connectors.sdk.run import Send
    from gateway.clock import Clock
    from gateway.settings import VaultSettings
    from gateway.vault.keyring import KeyRing
    from gateway.vault.repository import VaultRepository


def build_vault(
    settings: VaultSettings, ring: KeyRing, repository: VaultRepository, send: Send, clock: Clock
) -> Vault:
    """Return the vault; ``send`` is the way to a key server. Raises ConfigurationFaults, asks nobody."""
    keys = wrapping_keys(settings, ring, send)
    return Vault(repository, keys, ring.vault_mark, CIPHERS[settings.cipher], clock)
