"""A production installation of the gateway, made as an operator makes one, for the length of a run."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import yaml

from benchmarks.cores import CannotMeasure
from gateway.app import prepare
from gateway.clock import Clock
from gateway.identity.accounts import AccountDetails
from gateway.identity.enrolment import Enrolment
from gateway.identity.passwords import Passwords
from gateway.identity.repository import AccountRepository
from gateway.residents.tokens import Tokens
from gateway.store.engine import open_engine
from gateway.store.migrate import upgrade
from gateway.vault.keyring import KeyRing
from policies.load import SHIPPED
from policies.model import RoleInScope

COMMAND = Path(sys.executable).with_name("community-cloud")
USERNAME = "bench-cadre"
COMMITTEE = "310109010003"
_QUOTA = 1_000_000_000
"""A worker's quota of 300 residents a day would end the run in a tenth of a second; nothing else is changed."""
_SYNCS = 50


@dataclass(frozen=True, slots=True)
class Account:
    """The service account at one line system."""

    base_url: str
    username: str = "gateway"
    password: str = field(default="not-checked", repr=False)


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder with configuration, keys, state and one reader's account."""

    folder: Path
    config: Path
    password: str = field(repr=False)

    @classmethod
    def make(cls, folder: Path, systems: Mapping[str, Account]) -> Installation:
        """Write the configuration, the keys, the policies and the state with one account."""
        folder.mkdir(mode=0o700)
        _copy_policies(folder / "policies")
        config = write_configuration(folder, systems, policies="policies")
        KeyRing.create(folder / "keys.json")
        password = secrets.token_urlsafe(16)
        asyncio.run(enrol(prepare(config).settings.store_url, {USERNAME: "cadre"}, password))
        return cls(folder, config, password)

    @property
    def serve(self) -> list[str | Path]:
        """Return the command line of the production server."""
        return [COMMAND, "serve", "--config", self.config]

    def command(self, *arguments: str) -> str:
        """Run one of the product's commands on this installation and return what it printed."""
        done = subprocess.run(
            [COMMAND, *arguments, "--config", self.config],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env=environment(),
        )
        if done.returncode:
            raise CannotMeasure(f"community-cloud {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    @property
    def tokens(self) -> Tokens:
        """Return what makes this installation's tokens."""
        return Tokens(KeyRing.read(self.folder / "keys.json").token)


def write_configuration(folder: Path, systems: Mapping[str, Account], **settings: str) -> Path:
    """Write ``gateway.yaml`` and ``systems.yaml`` as the demo writes them, with any free port; return the first."""
    config = folder / "gateway.yaml"
    content = {"data": ".", "listen": {"port": 0}, **settings}
    config.write_text(yaml.safe_dump(content), "utf-8")
    blocks = {}
    for name, account in systems.items():
        secret = folder / f"{name}.secret"
        secret.write_text(account.password, "utf-8")
        blocks[name] = {
            "connector": name,
            "base_url": account.base_url,
            "credential": {"username": account.username, "secret": f"file:{secret.name}"},
        }
    (folder / "systems.yaml").write_text(yaml.safe_dump(blocks, sort_keys=False), "utf-8")
    return config


async def enrol(store_url: str, readers: Mapping[str, str], password: str) -> None:
    """Make the state store, with an account in the committee for each reader (name -> role)."""
    await upgrade(store_url)
    engine, passwords = open_engine(store_url), Passwords()
    enrolment = Enrolment(AccountRepository(engine), passwords, Clock())
    try:
        for name, role in readers.items():
            details = AccountDetails(name, name, (RoleInScope(role, (COMMITTEE,)),))
            await enrolment.enrol(details, password, any_password=True)
    finally:
        passwords.close()
        await engine.dispose()


def environment() -> dict[str, str]:
    """Return our environment without settings of a gateway, which would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COMMUNITY_CLOUD_")}


def _copy_policies(folder: Path) -> None:
    """Copy the shipped policies and raise the cadre's quota; grants, masks and purposes stay as they are."""
    folder.mkdir()
    shutil.copytree(SHIPPED / "roles", folder / "roles")
    shutil.copy(SHIPPED / "purposes.yaml", folder)
    file = folder / "roles" / "cadre.yaml"
    role = yaml.safe_load(file.read_text("utf-8"))
    role["quota"] = {"residents_per_day": _QUOTA, "reveals_per_day": _QUOTA}
    file.write_text(yaml.safe_dump(role, allow_unicode=True, sort_keys=False), "utf-8")


@dataclass(frozen=True, slots=True)
class Disk:
    """What the audit is written to."""

    filesystem: str
    sync_us: float
    """Median of a 4 KiB append with ``fsync``."""

    @property
    def durable(self) -> bool:
        """Tell whether it is a disk at all."""
        return self.filesystem not in {"tmpfs", "ramfs", "overlay-tmpfs"}

    @classmethod
    def under(cls, folder: Path) -> Disk:
        """Look at the file system below a folder, and how long a sync takes there."""
        place, best, kind = str(folder.resolve()), "", "unknown"
        for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
            _device, mount, found, *_ = line.split()
            inside = place == mount or place.startswith(mount.rstrip("/") + "/")
            if inside and len(mount) >= len(best):
                best, kind = mount, found
        return cls(kind, _sync_us(folder))


def _sync_us(folder: Path) -> float:
    file = folder / "sync.tmp"
    times = []
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for _ in range(_SYNCS):
            started = time.perf_counter()
            os.write(descriptor, bytes(4096))
            os.fsync(descriptor)
            times.append(time.perf_counter() - started)
    finally:
        os.close(descriptor)
        file.unlink()
    return sorted(times)[_SYNCS // 2] * 1e6


def accounts(printed: str) -> dict[str, Account]:
    """Return the systems out of the JSON that ``python -m mocks --json`` prints."""
    found = {}
    for name, system in orjson.loads(printed)["systems"].items():
        one = next(account for account in system["accounts"] if account["username"] == "gateway")
        found[name] = Account(system["base_url"], one["username"], one["password"])
    return found
