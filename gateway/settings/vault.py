"""Settings of the vault."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field

from gateway.settings.part import KeyName, Part, Seconds, SecretRef
from gateway.settings.secret import below


class Transit(Part):
    """A HashiCorp Vault transit engine."""

    address: AnyHttpUrl
    mount: KeyName = "transit"
    token: SecretRef
    timeout: Seconds = 5


class VaultSettings(Part):
    """How the passwords of line systems are kept; ``docs/vault.md`` says what each key means."""

    cipher: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"
    current: KeyName = "installation"
    keys: dict[KeyName, Annotated[str, Field(pattern=r"^(env|file|transit):\S+$")]] = Field(default={})
    transit: Transit | None = None

    def below(self, home: Path) -> VaultSettings:
        """Return these settings with the paths of files taken from a folder."""
        keys = {name: below(home, reference) for name, reference in self.keys.items()}
        transit = self.transit and self.transit.model_copy(update={"token": below(home, self.transit.token)})
        return self.model_copy(update={"keys": keys, "transit": transit})
