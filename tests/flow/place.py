"""An installation as in production: `serve` with a configuration, its line systems as processes apart."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sys
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.flow.reader import Reader, signed_in
from tests.flow.running import MOCK_PASSWORD, PASSWORD, Command, Gateway, Running, commands, start_serving
from tests.flow.town import HERE, LineSystem, Town

SYSTEMS = ("household", "elderly", "relief")
"""What this installation has; the shipped policies know of more, as they do where a district lacks some."""
TTL_S = 1.0
"""How long answers are fresh at the place that tests share."""
ACCOUNTS = {"wang": f"cadre:{HERE}", "shen": "auditor:31", "gu": "admin:31"}


def found_place(folder: Path) -> Path:
    """Make keys, database and accounts with the commands an administrator would type; return the folder."""
    folder.mkdir()
    config = _configure(folder, dict.fromkeys(SYSTEMS, "http://127.0.0.1:1"), ttl=300, wrong=())
    where = ("--config", str(config))
    made = commands(
        Command(("keys", "create", *where)),
        Command(("db", "upgrade", *where)),
        *(
            Command(
                ("user", "add", username, "--role", role, "--name", username, *where),
                f"{PASSWORD}\n{PASSWORD}\n",
            )
            for username, role in ACCOUNTS.items()
        ),
    )
    assert [each.returncode for each in made] == [0] * len(made), [each.stderr for each in made]
    return folder


def _configure(folder: Path, addresses: dict[str, str], *, ttl: float, wrong: tuple[str, ...]) -> Path:
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    systems: dict[str, Any] = {}
    for name, address in addresses.items():
        secret = folder / "secrets" / name
        secret.write_text("not-the-password-they-know" if name in wrong else MOCK_PASSWORD)
        secret.chmod(0o600)
        systems[name] = {
            "connector": name,
            "base_url": address,
            "account": "service",
            "credential": {"username": "gateway", "secret": f"file:secrets/{name}"},
            "cache": {"ttl": ttl, "stale": 600},
        }
    (folder / "systems.yaml").write_text(yaml.safe_dump(systems))
    config = folder / "gateway.yaml"
    config.write_text(yaml.safe_dump({"data": ".", "listen": {"host": "127.0.0.1", "port": _free_ports(1)}}))
    return config


def _free_ports(count: int) -> int:
    """Return the first of so many free ports in a row; another program may still be quicker."""
    for _ in range(100):
        with ExitStack() as held, socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            start: int = first.getsockname()[1]
            try:
                for port in range(start + 1, start + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return start
    raise LookupError("no free ports in a row")


@dataclass(slots=True)
class Lines:
    """Mock line systems in one process, which may be killed and come back at the same address."""

    folder: Path
    names: tuple[str, ...]
    port: int = field(init=False)
    running: Running = field(init=False)
    served: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.port = _free_ports(len(self.names) + 1)
        self.start()

    def start(self) -> None:
        """Start, again or for the first time."""
        arguments = [sys.executable, "-m", "mocks", *self.names, "--port-base", str(self.port), "--json"]
        self.running = Running([*arguments, "--until-stdin-closes"], self.folder)
        self.served = json.loads(self.running.wait_for("{"))


@dataclass(slots=True)
class Place:
    """A served gateway and its lines: relief apart from the two others."""

    gateway: Gateway
    lines: dict[str, Lines]
    town: Town

    def as_(self, username: str) -> AbstractAsyncContextManager[Reader]:
        """Sign in."""
        return signed_in(self.gateway.base_url, username)

    def close(self) -> None:
        """End the gateway that runs by now."""
        self.gateway.running.clear_away()

    def restart(self) -> None:
        """End the gateway cleanly and start it again at the same address."""
        assert self.gateway.running.end() == 0
        self.gateway = start_serving(self.gateway.data / "gateway.yaml")

    def revive(self) -> None:
        """Start again what was killed, let go on what was stopped, heal what was hurt."""
        for lines in self.lines.values():
            if lines.running.process.poll() is not None:
                lines.start()
            lines.running.process.send_signal(signal.SIGCONT)
        self.town.heal()


def open_place(
    folder: Path, founded: Path, closing: ExitStack, *, ttl: float = 300, wrong: tuple[str, ...] = ()
) -> Place:
    """Start lines and gateway.

    Answers are fresh for `ttl` seconds; `wrong` names the systems whose password is wrong.
    """
    shutil.copytree(founded, folder)
    lines = {}
    for key, names in (("relief", ("relief",)), ("others", ("household", "elderly"))):
        lines[key] = Lines(folder.with_name(f"{folder.name}-{key}"), names)
        closing.callback(lambda each: each.running.clear_away(), lines[key])
    systems = {
        name: LineSystem(system["base_url"])
        for each in lines.values()
        for name, system in each.served["systems"].items()
    }
    config = _configure(folder, {name: systems[name].base_url for name in SYSTEMS}, ttl=ttl, wrong=wrong)
    town = Town(lines["others"].served["city"]["base_url"], systems)
    place = Place(start_serving(config), lines, town)
    closing.callback(place.close)
    return place
