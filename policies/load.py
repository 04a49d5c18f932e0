"""Read the policy files and report every fault at once."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from connectors.sdk.marked_yaml import read_yaml, unreadable
from policies.documents import Code, Forbid, Grant, Purpose, Role
from policies.engine import Engine
from policies.model import GATEWAY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

SHIPPED = Path(__file__).parent
"""The policies that come with the product."""

ModelT = TypeVar("ModelT", bound=BaseModel)
_CODE = TypeAdapter[str](Code)


class PolicyFaults(Exception):
    """The policy files cannot be used; nothing of them is in force."""

    def __init__(self, faults: Iterable[str]) -> None:
        """Take the faults, a sentence each, that name file and place."""
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        """Return the faults, a line each."""
        return "\n".join(self.faults)


def load(folder: Path, catalogue: Mapping[str, Iterable[str]]) -> Engine:
    """Return an engine of ``folder/roles/*.yaml`` and ``folder/purposes.yaml``.

    ``catalogue`` names the fields of each line system. Raises PolicyFaults with all faults: unreadable YAML,
    keys that stand twice, unknown keys, systems, fields, purposes and actions, a role whose name is not its
    file's, a line-system grant without region. What is *not* found: rules that can never match, and a role
    file that is missing altogether, with its forbids.
    """
    faults: list[str] = []
    known = {system: tuple(fields) for system, fields in catalogue.items()}
    if GATEWAY in known:
        faults.append(f"no line system may be called {GATEWAY!r}")
    read: list[bytes] = []
    purposes = _purposes(folder / "purposes.yaml", known, faults, read)
    roles: dict[str, Role] = {}
    files = sorted((folder / "roles").glob("*.yaml"))
    if not files:
        faults.append("roles: no role files")
    for file in files:
        role = document(file, Role, faults, read)
        if role is None:
            continue
        if role.role != file.stem:
            faults.append(f"{file.name}: the role is called {role.role!r}; name the file {role.role}.yaml")
        roles[role.role] = role
        faults += [f"{file.name}: {fault}" for fault in _dangling(role, purposes, known)]
    if faults:
        raise PolicyFaults(faults)
    version = sha256(b"\0".join(read)).hexdigest()[:12]
    return Engine(roles, purposes or {}, {**known, GATEWAY: ()}, version)


def document(
    file: Path, model: type[ModelT], faults: list[str], read: list[bytes] | None = None
) -> ModelT | None:
    """Return the file as a model; else None, with every fault added to ``faults``.

    The bytes go to ``read``, so that a version is taken from what was parsed and not from what came after.
    """
    content = _yaml(file, faults, read)
    return None if content is None else _valid(f"{file.name}: ", content, model, faults)


def _yaml(file: Path, faults: list[str], read: list[bytes] | None = None) -> dict[str, object] | None:
    try:
        content = file.read_bytes()
        marked = read_yaml(content.decode())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.append(f"{file.name}: cannot be read: {unreadable(error)}")
        return None
    # The last one would win, and it may be the wider.
    faults += [f"{file.name}: {mark}: {key!r} stands twice" for mark, key in marked.twice]
    found = marked.content
    if not isinstance(found, dict):
        # An empty file would drop a role's forbids without a word.
        faults.append(f"{file.name}: must hold keys and values, and holds {type(found).__name__}")
        return None
    if read is not None:
        read.append(content)
    return found


def _valid(place: str, content: object, model: type[ModelT], faults: list[str]) -> ModelT | None:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            path = ".".join(str(part + 1 if isinstance(part, int) else part) for part in problem["loc"])
            faults.append(f"{place}{path + ': ' if path else ''}{problem['msg']}")
        return None


def _purposes(
    file: Path, catalogue: Mapping[str, Collection[str]], faults: list[str], read: list[bytes]
) -> dict[str, Purpose] | None:
    """Return the purposes by code; None when the file cannot be read at all."""
    content = _yaml(file, faults, read)
    if content is None:
        return None
    fields = {field for system in catalogue.values() for field in system}
    purposes: dict[str, Purpose] = {}
    for code, entry in content.items():
        try:
            name = _CODE.validate_python(code, strict=True)
        except ValidationError:
            faults.append(f"{file.name}: {code!r} is no code; write small letters, digits and _")
            continue
        purpose = _valid(f"{file.name}: {name}: ", entry, Purpose, faults)
        if purpose is None:
            # Known all the same: roles that name it are not at fault.
            purpose = Purpose(title="", title_en="")
        unknown = sorted(purpose.opens.keys() - fields)
        faults += [f"{file.name}: {name}: no system has a field {field!r}" for field in unknown]
        purposes[name] = purpose
    return purposes


def _dangling(
    role: Role, purposes: Mapping[str, Purpose] | None, catalogue: Mapping[str, Collection[str]]
) -> list[str]:
    """Return what the role names and nobody knows."""
    faults: list[str] = []
    named = {role.default_purpose, *(purpose for rule in role.reveal for purpose in rule.purposes)}
    for number, grant in enumerate(role.grants, start=1):
        faults += [f"grants.{number}: {fault}" for fault in _grant_faults(grant, catalogue)]
        named |= set(grant.where.children) if grant.where else set()
    fields = {field for system in catalogue.values() for field in system}
    for number, rule in enumerate(role.reveal, start=1):
        unknown = sorted(set(rule.fields) - fields)
        faults += [f"reveal.{number}: no system has a field {name!r}" for name in unknown]
    for number, forbid in enumerate(role.forbid, start=1):
        faults += [f"forbid.{number}: {fault}" for fault in _forbid_faults(forbid, catalogue)]
    if purposes is not None:
        faults += [f"no purpose is called {name!r}" for name in sorted(named - purposes.keys())]
    return faults


def _grant_faults(grant: Grant, catalogue: Mapping[str, Collection[str]]) -> list[str]:
    if grant.system == GATEWAY:
        faults = ["the gateway has no fields"] if grant.fields else []
        return [*faults, "the gateway has no places; leave out where"] if grant.where else faults
    if grant.system not in catalogue:
        return [f"no system is called {grant.system!r}; there are {', '.join(sorted(catalogue))}"]
    unknown = sorted(grant.fields.keys() - set(catalogue[grant.system]))
    faults = [f"{grant.system} has no field {name!r}" for name in unknown]
    if grant.where is None:
        faults.append(f"where.region is missing for {grant.system}; write own, residence, registered or any")
    return faults


def _forbid_faults(forbid: Forbid, catalogue: Mapping[str, Collection[str]]) -> list[str]:
    """Return unknown names; a field must be in one of the systems named, or the forbid would hold nothing."""
    unknown = sorted(set(forbid.systems) - catalogue.keys() - {GATEWAY})
    faults = [f"no system is called {name!r}" for name in unknown]
    within = forbid.systems or tuple(catalogue)
    fields = {field for system in within for field in catalogue.get(system, ())}
    missing = sorted(set(forbid.fields) - fields)
    return faults + [f"no system it holds for has a field {name!r}" for name in missing]
