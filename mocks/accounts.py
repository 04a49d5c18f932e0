"""The accounts of the mock line systems; their passwords are made up at each start."""

from __future__ import annotations

import secrets

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "COMMUNITY_CLOUD_MOCK_"
PASSWORD_VARIABLE = f"{_PREFIX}PASSWORD"
"""Environment variable that sets the password of all accounts."""

USERNAMES = ("gateway", "cadre", "cadre2")
"""The service account of every system, and two workers' personal accounts."""


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True, env_prefix=_PREFIX, frozen=True)

    password: str | None = Field(default=None, repr=False)


def draw_accounts() -> dict[str, str]:
    """Return username -> password for one system: from the environment, else a new random one for each."""
    given = _Environment().password
    return {username: given or secrets.token_urlsafe(9) for username in USERNAMES}
