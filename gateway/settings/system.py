"""Settings of one line system: a block of ``systems.yaml``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gateway.settings.part import Part, Seconds, SecretRef
from gateway.settings.tls import Tls
from gateway.settings.window import Window

Name = Annotated[str, Field(pattern=r"^\S{1,64}$")]


def _window(given: Any) -> Any:
    return Window.parse(given) if isinstance(given, str) else given


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
    missing: Seconds | None = None
    """How long it is remembered that the system knows nobody; as long as any answer when absent."""
    revalidate: Annotated[float, Field(ge=0, le=7 * 86_400)] = 0
    """How long after that an answer is given out at once, as stale, while the system is asked anew."""


class WebhookSettings(Part):
    """How a system tells us that its data changed."""

    secret: SecretRef
    """What it signs with: ``whsec_`` and base64, or at least 24 bytes as they stand."""


class BreakerSettings(Part):
    """When to stop asking."""

    failures: int = Field(default=5, ge=1, le=1000)
    open_s: Seconds = 5


class Canary(Part):
    """How a system's login is watched."""

    credential: Credential | None = None
    """A test account that signs in each time; without one the login is only looked at."""
    every: Seconds | None = None
    """In seconds; a minute between looks and a quarter of an hour between sign-ins when absent."""

    @property
    def every_s(self) -> float:
        """Return the time between two checks."""
        return self.every or (60 if self.credential is None else 900)


class Quota(Part):
    """How many requests a system bears; absent, any number."""

    per_second: int | None = Field(default=None, ge=1, le=100_000)
    per_day: int | None = Field(default=None, ge=1, le=1_000_000_000)


class SystemSettings(Part):
    """One line system."""

    connector: str
    base_url: AnyHttpUrl
    account: Literal["personal", "service"] = "service"
    """Whose account signs in: one for everybody, or each person's own, which the vault holds."""
    credential: Credential | None = None
    """The service account, or ``vault``: the vault holds it (read as None). A personal account has none."""
    one_session: bool | None = None
    """Whether signing in elsewhere ends our session there; when absent, so for personal accounts."""
    entitlement: dict[Name, tuple[Name, ...]] = Field(default={})
    """Personal accounts declared to see the same: user names by group; answers are kept for all of one."""
    aliases: tuple[str, ...] = ()
    """Other names of it, as password sheets write them."""
    tls: Tls = Tls()
    timeout: Seconds | None = None
    """Of one call, in seconds; the connector's manifest says otherwise."""
    concurrency: int = Field(default=16, ge=1, le=1000)
    queue: int = Field(default=256, ge=0, le=100_000)
    retry: bool = True
    breaker: BreakerSettings = BreakerSettings()
    canary: Canary = Canary()
    quota: Quota = Quota()
    maintenance: tuple[Annotated[Window, BeforeValidator(_window)], ...] = ()
    """Hours of every day, in Shanghai, in which it is not asked: ``["02:00-04:00"]``."""
    cache: Cache = Cache()
    webhook: WebhookSettings | None = None
    """Where it has a secret, ``POST /api/v1/webhooks/NAME`` takes its messages."""
    settings: dict[str, Any] = Field(default={})
    """The connector's own settings."""

    @property
    def equal(self) -> dict[str, str]:
        """Return the group of each user name in ``entitlement``."""
        return {user: group for group, users in self.entitlement.items() for user in users}

    @model_validator(mode="before")
    @classmethod
    def _of_the_account(cls, given: Any) -> Any:
        """Say what is missing or too much for the kind of account, before a default hides it."""
        if not isinstance(given, dict):
            return given
        if given.get("account") == "personal":
            if given.get("credential") is not None:
                raise PydanticCustomError("credential", "credential: personal accounts are kept in the vault")
            return {**given, "credential": "vault"}
        if given.get("entitlement"):
            raise PydanticCustomError("entitlement", "entitlement: only personal accounts can be equal")
        return given if "credential" in given else {**given, "credential": None}

    @field_validator("credential", mode="before")
    @classmethod
    def _from_vault(cls, given: Any) -> Any:
        if given is None:
            raise ValueError("give username and secret, or write vault")
        return None if given == "vault" else given

    @model_validator(mode="after")
    def _own_canary(self) -> SystemSettings:  # noqa: N804  # an after-validator is a method
        tester = self.canary.credential
        if tester and self.credential and tester.username == self.credential.username:
            raise PydanticCustomError("canary", "canary: give it an account that nobody works with")
        return self

    @field_validator("entitlement")
    @classmethod
    def _in_one_group(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        users = [user for group in given.values() for user in group]
        if len(users) != len(set(users)):
            raise ValueError("a user name stands in two groups")
        return given
