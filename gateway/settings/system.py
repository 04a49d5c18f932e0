"""Settings of one line system: a block of ``systems.yaml``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AnyHttpUrl, Field, field_validator

from gateway.settings.part import Part, Seconds, SecretRef


class Credential(Part):
    """The service account at a line system; the secret by reference."""

    username: str = Field(min_length=1, max_length=128)
    secret: SecretRef


class Cache(Part):
    """How long answers of a system are kept, in seconds."""

    ttl: Seconds | None = None
    """Freshness of an answer about a person; the connector's own when absent. Lists keep the connector's."""
    stale: Seconds = 86_400
    """How long after that an answer may stand in while the system does not answer."""


class BreakerSettings(Part):
    """When to stop asking."""

    failures: int = Field(default=5, ge=1, le=1000)
    open_s: Seconds = 5


class SystemSettings(Part):
    """One line system."""

    connector: str
    base_url: AnyHttpUrl
    account: Literal["service"] = "service"
    """Whose account signs in. Personal accounts need the vault, which is not built yet."""
    credential: Credential | None
    """The service account, or ``vault``: the vault holds it (read as None)."""
    aliases: tuple[str, ...] = ()
    """Other names of it, as password sheets write them."""
    timeout: Seconds | None = None
    """Of one call, in seconds; the connector's manifest says otherwise."""
    concurrency: int = Field(default=16, ge=1, le=1000)
    queue: int = Field(default=256, ge=0, le=100_000)
    retry: bool = True
    breaker: BreakerSettings = BreakerSettings()
    cache: Cache = Cache()
    settings: dict[str, Any] = Field(default={})
    """The connector's own settings."""

    @field_validator("credential", mode="before")
    @classmethod
    def _from_vault(cls, given: Any) -> Any:
        if given is None:
            raise ValueError("give username and secret, or write: vault")
        return None if given == "vault" else given
