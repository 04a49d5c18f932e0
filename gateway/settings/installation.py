"""The settings of a whole installation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.settings.part import Part, Seconds
from gateway.settings.system import SystemSettings
from gateway.settings.vault import VaultSettings

PREFIX = "COMMUNITY_CLOUD_"
"""Of every environment variable that sets something."""


class Listen(Part):
    """Where to listen."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)


class CacheMemory(Part):
    """How much is kept of line systems' answers."""

    max_bytes: int = Field(default=512 * 1024 * 1024, ge=1024 * 1024)
    """Estimated bytes of memory in each process, with what is made of the answers."""


class Admin(Part):
    """Where metrics are read; nothing there asks who is calling, so only for the operator's own network."""

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65_535)
    """Absent, there is no such place."""


class Sessions(Part):
    """How long a sign-in lasts, in seconds."""

    idle_s: Seconds = 900
    absolute_s: Seconds = 43_200


class Settings(BaseSettings):
    """The whole configuration of one installation."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    data: Path
    """Folder of the installation's own state: database, key file, audit anchor."""
    listen: Listen = Listen()
    public_url: AnyHttpUrl | None = None
    """The address that browsers use; absent, the Host header is believed (fit for loopback only)."""
    admin: Admin = Admin()
    cache: CacheMemory = CacheMemory()
    sessions: Sessions = Sessions()
    answer_deadline_s: float = Field(default=1.0, gt=0, le=30)
    """When an answer leaves with what is there, in seconds after the request came in."""
    base_register: str = "household"
    """The system whose records say where a person belongs."""
    policies: Path | None = None
    """Folder with ``roles/`` and ``purposes.yaml``; the shipped ones when absent."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    vault: VaultSettings = VaultSettings()
    systems: dict[str, SystemSettings]
    """From ``systems.yaml``."""

    @property
    def store_url(self) -> str:
        """Return the database's address."""
        return f"sqlite+aiosqlite:///{self.data / 'state.db'}"

    @property
    def key_file(self) -> Path:
        """Return where the secret keys are."""
        return self.data / "keys.json"

    @property
    def anchor_file(self) -> Path:
        """Return where the audit's anchor is."""
        return self.data / "audit.anchor"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from :func:`gateway.settings.read` alone, which tells files from environment."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
