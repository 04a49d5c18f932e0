"""Whom ``connector check`` may ask about: a file, for everybody sees the words of a command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.sdk import CitizenId, Identity, IdentityKind
from gateway.settings import ConfigurationFaults

if TYPE_CHECKING:
    from connectors.sdk.testing import Samples


def _identity(given: object) -> Identity:
    """Read a citizen number, ``passport:NUMBER`` or ``local:SYSTEM:NUMBER``; the error quotes none of it."""
    kind, _, number = str(given).partition(":")
    if number and kind in {IdentityKind.PASSPORT, IdentityKind.LOCAL}:
        return Identity(IdentityKind(kind), number)
    try:
        return Identity(IdentityKind.CITIZEN, CitizenId.parse(kind).number)
    except ValueError:
        raise ValueError("no citizen number, passport:NUMBER or local:SYSTEM:NUMBER") from None


# YAML reads digits without quotes as a number.
Text = Annotated[str, BeforeValidator(str)]
Person = Annotated[Identity, BeforeValidator(_identity)]


class SamplesFile(BaseModel):
    """The keys of the file; those of :class:`connectors.sdk.testing.Samples`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    known: Person | None = None
    duplicate: Person | None = None
    name: Text = ""
    region: Text = ""
    committee: Text = ""
    age_from: int = Field(default=60, ge=0)
    household: Text = ""


def read_samples(file: Path) -> Samples:
    """Return the samples of a YAML file; raises ConfigurationFaults, which quote none of it."""
    from connectors.sdk.testing import Samples

    try:
        given = SamplesFile.model_validate(read_mapping(file))
    except ValidationError as error:
        raise ConfigurationFaults(said(file.name, error)) from None
    return Samples(**{name: getattr(given, name) for name in SamplesFile.model_fields})


def read_mapping(file: Path) -> dict[str, Any]:
    """Return a YAML file's keys and values; raises ConfigurationFaults."""
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise ConfigurationFaults([f"{file.name}: cannot be read as YAML"]) from None
    if not isinstance(found, dict):
        raise ConfigurationFaults([f"{file.name}: must hold keys and values"])
    return found


def said(place: str, error: ValidationError) -> list[str]:
    """Return a sentence for each fault, without what was given."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return [f"{place}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems]
