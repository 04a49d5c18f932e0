"""Settings: the only reader of configuration files and of the environment.

A configuration is ``gateway.yaml`` and, beside it, ``systems.yaml``. Any value can be overridden by an
environment variable ``COMMUNITY_CLOUD_...`` with ``__`` between levels. Unknown keys are faults, and all
faults are reported at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "COMMUNITY_CLOUD_"
_NOT_SETTINGS = ("COMMUNITY_CLOUD_DEMO_", "COMMUNITY_CLOUD_MOCK_")

Seconds = Annotated[float, Field(gt=0, le=7 * 86_400)]
SecretRef = Annotated[str, Field(pattern=r"^(env|file):\S+$")]
"""Where a secret is found, never the secret: ``env:NAME`` or ``file:PATH``."""


class ConfigurationFaults(Exception):  # carries several faults
    """The configuration cannot be used."""

    def __init__(self, faults: list[str]) -> None:
        """Take the faults, a sentence each."""
        super().__init__("\n".join(faults))
        self.faults = faults


class Part(BaseModel):
    """A frozen part of the settings; unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Listen(Part):
    """Where to listen."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)


class Sessions(Part):
    """How long a sign-in lasts, in seconds."""

    idle_s: Seconds = 900
    absolute_s: Seconds = 43_200


class Credential(Part):
    """The service account at a line system; the secret by reference."""

    username: str = Field(min_length=1, max_length=128)
    secret: SecretRef


KeyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


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
    keys: dict[KeyName, Annotated[str, Field(pattern=r"^(env|file|transit):\S+$")]] = {}
    transit: Transit | None = None

    def below(self, home: Path) -> VaultSettings:
        """Return these settings with the paths of files taken from a folder."""
        keys = {name: _below(home, reference) for name, reference in self.keys.items()}
        transit = self.transit and self.transit.model_copy(update={"token": _below(home, self.transit.token)})
        return self.model_copy(update={"keys": keys, "transit": transit})


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
    settings: dict[str, Any] = {}
    """The connector's own settings."""

    @field_validator("credential", mode="before")
    @classmethod
    def _from_vault(cls, given: Any) -> Any:
        if given is None:
            raise ValueError("give username and secret, or write: vault")
        return None if given == "vault" else given


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
        """Take values from :func:`read` alone, which knows the files' from the environment's."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Secret:
    """A resolved secret; shown nowhere."""

    value: str

    def __repr__(self) -> str:
        """Hide the value."""
        return "<secret>"


def read(file: Path) -> tuple[Settings, list[str]]:
    """Return the settings of ``gateway.yaml`` at ``file`` and ``systems.yaml`` beside it, and their faults.

    With faults the settings lack the faulty parts: good for finding the remaining faults elsewhere, and for
    nothing else. Raises ConfigurationFaults when not even that much can be read. Relative paths are taken
    from the file's folder.
    """
    faults = _unknown_variables()
    content = _mapping(file, faults)
    if "systems" in content:
        faults.append(f"{file.name}: systems: write them into systems.yaml")
    overrides = _overrides(faults)
    whole = _laid_over({**content, "systems": _mapping(file.with_name("systems.yaml"), faults)}, overrides)
    try:
        settings = Settings(**whole)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        faults += [f"{_origin(file, problem['loc'], overrides)}{problem['msg']}" for problem in problems]
        try:
            settings = Settings(**_without(whole, [problem["loc"] for problem in problems]))
        except ValidationError:
            raise ConfigurationFaults(faults) from None
    if settings.base_register not in whole["systems"]:
        faults.append(
            f"{file.name}: base_register: systems.yaml has no system called {settings.base_register!r}"
        )
    home = file.parent
    places = {
        "data": home / settings.data,
        "policies": home / settings.policies if settings.policies else None,
        "vault": settings.vault.below(home),
    }
    return settings.model_copy(update=places), faults


def read_whole(file: Path) -> Settings:
    """Return the settings, or raise ConfigurationFaults with all that is wrong in the files."""
    settings, faults = read(file)
    if faults:
        raise ConfigurationFaults(faults)
    return settings


def _overrides(faults: list[str]) -> dict[str, Any]:
    """Return what the environment sets, nested as its names are; a mapping may also be written in JSON."""
    source = EnvSettingsSource(Settings)
    found: dict[str, Any] = {}
    for name, info in Settings.model_fields.items():
        value, _key, is_complex = source.get_field_value(info, name)
        try:
            value = source.prepare_field_value(name, info, value, is_complex)
        except ValueError:
            faults.append(f"environment: {_variable((name,))}: not valid JSON")
            continue
        if value is not None:
            found[name] = value
    return found


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return both mappings in one, ``above`` winning value by value."""
    whole = dict(below)
    for name, value in above.items():
        under = whole.get(name)
        if isinstance(under, dict) and isinstance(value, dict):
            value = _laid_over(under, value)  # noqa: PLW2901  # the same value, completed
        whole[name] = value
    return whole


def _without(content: dict[str, Any], places: list[tuple[int | str, ...]]) -> dict[str, Any]:
    """Return the content without the top-level keys, or the systems, in which something is wrong."""
    wrong_systems = {place[1] for place in places if place[0] == "systems" and len(place) > 1}
    systems = content["systems"] if ("systems",) not in places else {}
    wrong = {place[0] for place in places} - {"systems"}
    return {
        "data": ".",
        **{name: value for name, value in content.items() if name not in wrong},
        "systems": {name: block for name, block in systems.items() if name not in wrong_systems},
    }


def resolve(reference: str, home: Path) -> Secret:
    """Return the secret that a reference names; files are relative to ``home``.

    Raises ValueError with a sentence that names the reference and never the secret.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
        if not value:
            raise ValueError(f"the environment variable {name} is not set")
        return Secret(value)
    try:
        value = (home / name).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file {name} cannot be read") from None
    if not value:
        raise ValueError(f"the file {name} is empty")
    return Secret(value)


def _below(home: Path, reference: str) -> str:
    kind, _, name = reference.partition(":")
    return f"file:{home.absolute() / name}" if kind == "file" else reference


def _mapping(file: Path, faults: list[str]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        faults.append(f"{file.name}: no such file in {file.parent.resolve()}")
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.append(f"{file.name}: cannot be read: {_cause(error)}")
        return {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        faults.append(f"{file.name}: must be a mapping of names to values")
        return {}
    return {str(key): value for key, value in content.items()}


def _cause(error: Exception) -> str:
    """Say in one line what keeps a file from being read; a parser quotes the file, which may hold secrets."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__


def _origin(file: Path, loc: tuple[int | str, ...], overrides: dict[str, Any]) -> str:
    """Return where a faulty value was written, as the beginning of a sentence."""
    if _set_in(overrides, loc):
        return f"environment: {_variable(loc)}: "
    name, path = ("systems.yaml", loc[1:]) if loc[:1] == ("systems",) else (file.name, loc)
    return ": ".join([name, *([".".join(map(str, path))] if path else []), ""])


def _set_in(overrides: Any, loc: tuple[int | str, ...]) -> bool:
    """Tell whether the environment sets the value at a place, or something in its way."""
    for part in loc:
        if not isinstance(overrides, dict):
            return True
        if part not in overrides:
            return False
        overrides = overrides[part]
    return True


def _variable(loc: tuple[int | str, ...]) -> str:
    return PREFIX + "__".join(map(str, loc)).upper()


def _unknown_variables() -> list[str]:
    known = {name.upper() for name in Settings.model_fields}
    return [
        f"environment: {name}: there is no such setting"
        for name in sorted(os.environ)
        if name.startswith(PREFIX)
        and not name.startswith(_NOT_SETTINGS)
        and name.removeprefix(PREFIX).partition("__")[0].upper() not in known
    ]
