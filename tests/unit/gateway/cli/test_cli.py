"""The command line: its exit codes, its sentences, and help everywhere."""

import io
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from gateway.cli import app, main

ROOT = Path(__file__).parents[4]
PASSPHRASE = "herons over Suzhou Creek"
NAMES = ("household", "elderly", "relief")
"""Fewer than the shipped policies know of."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a way to run one command here; it returns (exit code, standard output, standard error)."""

    def ran(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["community-cloud", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        out, err = capsys.readouterr()
        assert code is None or isinstance(code, int)
        assert "Traceback" not in err
        return code or 0, out, err

    return ran


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write an installation that lacks nothing but its keys and its database."""
    monkeypatch.setenv("LINE_PASSWORD", "sesame")
    credential = {"username": "gateway", "secret": "env:LINE_PASSWORD"}
    systems = {
        name: {"connector": name, "base_url": f"http://127.0.0.1:{port}", "credential": credential}
        for port, name in enumerate(NAMES, start=9101)
    }
    (tmp_path / "systems.yaml").write_text(yaml.safe_dump(systems, sort_keys=False))
    (tmp_path / "gateway.yaml").write_text(yaml.safe_dump({"data": ".", "listen": {"port": 0}}))
    return tmp_path


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Keep one finished installation for all tests; each copies it."""
    kept: dict[str, Path] = {}
    yield kept
    for folder in kept.values():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def ready(place: Path, run: Run, prepared: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation with keys and database."""
    if not prepared:
        assert run("keys", "create", "--data", str(place))[0] == 0
        assert run("db", "upgrade", "--data", str(place))[:2] == (0, "ok\n")
        prepared["one"] = tmp_path_factory.mktemp("prepared")
        for name in ("keys.json", "state.db"):
            shutil.copy2(place / name, prepared["one"] / name)
    for name in ("keys.json", "state.db"):
        shutil.copy2(prepared["one"] / name, place / name)
    return place


# ---- help


def commands(group: Any = None, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield every command and every group of commands."""
    root: Any = group or typer.main.get_command(app)
    for name, command in root.commands.items():
        yield (*path, name)
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_helps_with_an_example(run: Run, command: tuple[str, ...]) -> None:
    for option in ("--help", "-h"):
        code, out, _ = run(*command, option)
        assert code == 0
        assert f"Example: community-cloud {' '.join(command)}" in " ".join(out.split())


def test_without_a_command_there_is_help(run: Run) -> None:
    code, out, err = run()
    assert code == 2
    assert "community-cloud demo" in " ".join((out + err).split())


HELP_AND_LOADED = """
import sys
from gateway.cli import main
sys.argv[1:] = ["user", "--help"]
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def test_help_waits_for_nothing_that_only_a_command_needs() -> None:
    """What the whole product imports takes more than a second."""
    ended = subprocess.run(
        [sys.executable, "-c", HELP_AND_LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(ended.stderr.split())
    assert "typer" in loaded
    assert not loaded & {"aiohttp", "connectors", "cryptography", "httpx", "jinja2", "policies", "sqlalchemy"}


def test_it_runs_as_a_module() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "gateway", "check-config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "--config" in ended.stderr
    assert "Traceback" not in ended.stderr


# ---- configuration


def test_a_good_configuration_is_said_to_be_good(run: Run, ready: Path) -> None:
    code, out, err = run("check-config", "--config", str(ready / "gateway.yaml"))
    assert (code, err) == (0, "")
    assert out.startswith("ok 3 systems, ")


def test_all_faults_of_a_configuration_come_at_once(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systems = yaml.safe_load((place / "systems.yaml").read_text())
    systems["elderly"]["connector"] = "elderly2"
    systems["relief"]["credential"]["secret"] = "env:NOT_SET"
    systems["relief"]["tls"] = {"ca": "secrets/nobody.pem"}
    systems["household"]["colour"] = "red"
    (place / "systems.yaml").write_text(yaml.safe_dump(systems, sort_keys=False))
    monkeypatch.setenv("COMMUNITY_CLOUD_LISTEN__PORT", "many")
    code, out, err = run("check-config", "--config", str(place / "gateway.yaml"))
    assert (code, out) == (2, "")
    *faults, last = err.splitlines()
    assert last == f"{len(faults)} faults in the configuration; nothing was started."
    for beginning in (
        "systems.yaml: household.colour: ",
        "systems.yaml: elderly: no connector 'elderly2' is installed",
        "systems.yaml: relief: credential.secret: the environment variable NOT_SET is not set",
        f"systems.yaml: relief: tls.ca: {place}/secrets/nobody.pem holds no certificates that can be read",
        "environment: COMMUNITY_CLOUD_LISTEN__PORT: ",
        "keys: There is no key file",
    ):
        assert any(fault.startswith(beginning) for fault in faults), (beginning, faults)


@pytest.mark.parametrize(
    "command", [("db", "upgrade"), ("audit", "verify"), ("user", "list"), ("policy", "test")]
)
def test_an_installation_is_named_once(run: Run, command: tuple[str, ...], tmp_path: Path) -> None:
    assert run(*command)[0] == 2
    both = run(*command, "--data", str(tmp_path), "--config", str(tmp_path / "gateway.yaml"))
    assert both[0] == 2
    code, _, err = run(*command, "--data", str(tmp_path / "nowhere"))
    assert code == 2
    assert "no such file" in err


def test_a_key_file_is_made_once(run: Run, place: Path) -> None:
    assert run("keys", "create", "--data", str(place))[0] == 0
    kept = (place / "keys.json").read_bytes()
    code, _, err = run("keys", "create", "--data", str(place))
    assert code == 2
    assert "exists" in err
    assert (place / "keys.json").read_bytes() == kept


def test_a_database_is_upgraded_twice_without_harm(run: Run, ready: Path) -> None:
    assert run("db", "upgrade", "--data", str(ready))[:2] == (0, "ok\n")


def test_an_installation_without_database_says_what_to_do(run: Run, place: Path) -> None:
    run("keys", "create", "--data", str(place))
    code, _, err = run("user", "list", "--data", str(place))
    assert code == 1
    assert "community-cloud db upgrade" in err


# ---- accounts


def add(run: Run, place: Path, *arguments: str, password: str = PASSPHRASE) -> tuple[int, str, str]:
    return run(
        "user", "add", "wang", "--name", "王芳", *arguments, "--data", str(place), stdin=f"{password}\n"
    )


def test_an_account_is_added_listed_and_disabled(run: Run, ready: Path) -> None:
    roles = ("--role", "cadre:319999001002", "--role", "cadre:319999001003", "--role", "auditor:31")
    assert add(run, ready, *roles) == (0, "ok wang\n", "")
    code, out, _ = run("user", "list", "--data", str(ready))
    assert (code, out) == (0, "wang\t王芳\tcadre:319999001002,319999001003 auditor:31\n")
    assert run("user", "disable", "WANG", "--data", str(ready))[:2] == (0, "ok\n")
    assert run("user", "list", "--data", str(ready))[1].endswith("\tdisabled\n")
    assert run("user", "disable", "nobody", "--data", str(ready))[0] == 1


def test_wrong_roles_are_told_all_at_once(run: Run, ready: Path) -> None:
    code, _, err = add(
        run, ready, "--role", "mayor:31", "--role", "cadre", "--role", "cadre:", "--role", "cadre:Pudong"
    )
    assert code == 2
    assert len(err.splitlines()) == 5
    assert "there is no role 'mayor'; there are admin, auditor, cadre" in err
    assert err.count("write ROLE:REGION") == 3
    assert run("user", "list", "--data", str(ready))[1] == ""


def test_a_weak_password_is_refused_without_being_repeated(run: Run, ready: Path) -> None:
    code, out, err = add(run, ready, "--role", "cadre:31", password="12345678")
    assert code == 2
    assert err
    assert "12345678" not in out + err


# ---- policy and audit


def test_the_shipped_policies_pass_their_cases(run: Run, place: Path) -> None:
    code, out, _ = run("policy", "test", "--data", str(place))
    assert code == 0
    assert out.splitlines()[-1].startswith("ok ")


def test_a_policy_that_does_not_do_as_written_fails(run: Run, place: Path) -> None:
    cases = place / "cases"
    cases.mkdir()
    shipped = ROOT / "policies" / "cases" / "auditor_test.yaml"
    (cases / "auditor_test.yaml").write_text(shipped.read_text().replace("deny", "allow"))
    code, out, err = run("policy", "test", "--data", str(place), "--cases", str(cases))
    assert code in {1, 2}, (out, err)
    assert out or err


def test_an_untouched_trail_is_verified(run: Run, ready: Path) -> None:
    code, out, _ = run("audit", "verify", "--data", str(ready))
    assert (code, out) == (0, "ok 0 events, 0 checkpoints\n")


def test_a_trail_that_was_touched_is_named(run: Run, ready: Path) -> None:
    with closing(sqlite3.connect(ready / "state.db")) as db:
        db.execute(
            "INSERT INTO audit_event (chain, seq, at, actor, action, subjects, body, hash)"
            " VALUES ('x', 1, 0, '', '', x'', x'00', x'00')"
        )
        db.commit()
    code, out, _ = run("audit", "verify", "--data", str(ready))
    assert code == 1
    assert "chain x event 1" in out


# ---- starting


def test_a_taken_port_is_one_sentence(run: Run, ready: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (ready / "gateway.yaml").write_text(yaml.safe_dump({"data": ".", "listen": {"port": port}}))
        code, out, err = run("demo", "--port", str(port), "--data", str(ready))
    assert (code, out) == (1, "")
    assert err == f"Port {port} on 127.0.0.1 is taken by another program. Choose another one with --port.\n"
