"""Read the policy files and report every fault at once."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from policies.documents import Grant, Purpose, Role
from policies.engine import Engine
from policies.model import GATEWAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHIPPED = Path(__file__).parent
"""The policies that come with the product."""

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class PolicyFaults(Exception):  # noqa: N818  # carries several faults
    """The policy files cannot be used; nothing of them is in force."""

    faults: tuple[str, ...]

    def __str__(self) -> str:
        """Return the faults, a line each."""
        return "\n".join(self.faults)


def load(folder: Path, catalogue: Mapping[str, Iterable[str]]) -> Engine:
    """Return an engine of ``folder/roles/*.yaml`` and ``folder/purposes.yaml``.

    ``catalogue`` names the fields of each line system. Raises PolicyFaults with all faults: unreadable YAML, unknown
    keys, systems, fields, purposes and actions, a role whose name is not its file's, a line-system grant without region.
    """
    faults: list[str] = []
    purposes = _purposes(folder / "purposes.yaml", faults)
    roles: dict[str, Role] = {}
    files = sorted((folder / "roles").glob("*.yaml"))
    if not files:
        faults.append(f"{folder / 'roles'}: no role files")
    for file in files:
        role = _document(file, _yaml(file, faults), Role, faults)
        if role is None:
            continue
        if role.role != file.stem:
            faults.append(f"{file.name}: the role is called {role.role!r}; name the file {role.role}.yaml")
        roles[role.role] = role
        faults += [f"{file.name}: {fault}" for fault in _dangling(role, purposes, catalogue)]
    if faults:
        raise PolicyFaults(tuple(faults))
    version = sha256(b"".join(file.read_bytes() for file in [folder / "purposes.yaml", *files])).hexdigest()[:12]
    return Engine(roles, purposes, {**catalogue, GATEWAY: ()}, version)


def _yaml(file: Path, faults: list[str]) -> object:
    try:
        return yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.append(f"{file.name}: cannot be read: {' '.join(str(error).split())}")
        return None


def _document(file: Path, content: object, model: type[ModelT], faults: list[str]) -> ModelT | None:
    if content is None:
        return None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in problem["loc"]) or "file"
            faults.append(f"{file.name}: {place}: {problem['msg']}")
        return None


def _purposes(file: Path, faults: list[str]) -> dict[str, Purpose]:
    content = _yaml(file, faults)
    if not isinstance(content, dict):
        faults.append(f"{file.name}: must map purpose codes to their words")
        return {}
    found = {str(code): _document(file, entry, Purpose, faults) for code, entry in content.items()}
    return {code: purpose for code, purpose in found.items() if purpose is not None}


def _dangling(role: Role, purposes: Mapping[str, Purpose], catalogue: Mapping[str, Iterable[str]]) -> list[str]:
    """Return what the role names and nobody knows."""
    faults = []
    named = {role.default_purpose, *(purpose for rule in role.reveal for purpose in rule.purposes)}
    for number, grant in enumerate(role.grants, start=1):
        place = f"grants.{number}"
        faults += [f"{place}: {fault}" for fault in _grant_faults(grant, catalogue)]
        named |= set(grant.where.children) if grant.where else set()
    fields = {field for system in catalogue.values() for field in system}
    systems = {*catalogue, GATEWAY}
    for part, names in (
        ("reveal", {field for rule in role.reveal for field in rule.fields}),
        ("forbid", {field for rule in role.forbid for field in rule.fields}),
    ):
        faults += [f"{part}: no system has a field {name!r}" for name in sorted(names - fields)]
    unknown = {system for rule in role.forbid for system in rule.systems} - systems
    faults += [f"forbid: no system is called {name!r}" for name in sorted(unknown)]
    faults += [f"no purpose is called {name!r}" for name in sorted(named - purposes.keys())]
    return faults


def _grant_faults(grant: Grant, catalogue: Mapping[str, Iterable[str]]) -> list[str]:
    if grant.system == GATEWAY:
        return ["the gateway has no fields"] if grant.fields else []
    if grant.system not in catalogue:
        return [f"no system is called {grant.system!r}; there are {', '.join(sorted(catalogue))}"]
    unknown = sorted(grant.fields.keys() - set(catalogue[grant.system]))
    faults = [f"{grant.system} has no field {name!r}" for name in unknown]
    if grant.where is None:
        faults.append(f"where.region is missing for {grant.system}; write own, residence, registered or any")
    return faults
