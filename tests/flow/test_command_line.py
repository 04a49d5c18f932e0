"""The commands: help, exit codes, and sentences a person can act on."""

from __future__ import annotations

import asyncio
import signal
import socket
import stat
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import yaml

from tests.flow.conftest import MakeDemo
from tests.flow.place import Place
from tests.flow.reader import visiting
from tests.flow.running import (
    COMMAND,
    PASSWORD,
    Command,
    Running,
    answers,
    command,
    commands,
    start_demo,
    wait_until,
)
from tests.flow.town import HERE, SYSTEMS, Town

GROUPS = [
    [],
    ["audit"],
    ["audit", "verify"],
    ["check-config"],
    ["db"],
    ["db", "upgrade"],
    ["demo"],
    ["keys"],
    ["keys", "create"],
    ["mocks"],
    ["policy"],
    ["policy", "test"],
    ["serve"],
    ["user"],
    ["user", "add"],
    ["user", "disable"],
    ["user", "list"],
]
END_S, SLACK = 2.0, 5


def test_help_is_everywhere_with_an_example() -> None:
    for told in commands(*(Command((*words, "--help")) for words in GROUPS)):
        assert told.returncode == 0, told.args
        assert "Usage: community-cloud" in told.stdout
        if len(told.args) > 1 and told.args[-2] not in {"audit", "db", "keys", "policy", "user"}:
            assert "Example" in told.stdout, told.args


def test_wrong_usage_is_exit_2() -> None:
    for told in commands(
        Command(("nonsense",)),
        Command(("demo", "--nonsense")),
        Command(("user", "add")),
        Command(("serve",)),
        Command(("audit", "verify")),
        Command(("audit", "verify", "--data", "x", "--config", "y")),
        Command(("demo", "--port", "65536")),
    ):
        assert told.returncode == 2, told.args
        assert told.stderr
        assert "Traceback" not in told.stderr


def test_the_demo_prints_accounts_and_ends_cleanly(tmp_path: Path) -> None:
    data = tmp_path / "data"
    gateway = start_demo(data)
    printed = gateway.running.out.read_text()
    mocks = [system["base_url"] for system in gateway.addresses["systems"].values()]
    assert gateway.addresses["base_url"] == gateway.base_url
    # Reading the stored sheet of accounts: each name with the one password, before the line that says ready.
    for name in (
        *("cadre", "cadre2", "secretary", "street", "service", "guard"),
        *("resident", "auditor", "security", "security2", "admin"),
    ):
        assert name in printed
    assert PASSWORD in printed
    assert printed.splitlines()[-1] == f"ready {gateway.base_url}"

    start = time.monotonic()
    assert gateway.running.end(signal.SIGTERM) == 0

    assert time.monotonic() - start < END_S * SLACK
    assert not (data / "demo.json").exists()
    assert "Traceback" not in gateway.running.err.read_text()
    wait_until(lambda: not any(map(answers, mocks)), 15, "the mocks are gone")
    # What it keeps is for its owner alone.
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "keys.json").stat().st_mode) == 0o600


def test_a_taken_port_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = command("demo", "--port", str(port), "--data", tmp_path / "data")

    assert told.returncode == 1
    words = told.stderr.strip().splitlines()
    assert len(words) == 1
    assert str(port) in words[0]
    assert "Traceback" not in words[0]
    assert "ready" not in told.stdout


def _configuration(folder: Path, gateway: object, systems: object) -> Path:
    folder.mkdir()
    (folder / "systems.yaml").write_text(yaml.safe_dump(systems))
    config = folder / "gateway.yaml"
    config.write_text(yaml.safe_dump(gateway))
    return config


def test_all_faults_of_a_configuration_are_told_at_once(tmp_path: Path) -> None:
    account = {"username": "gateway", "secret": "env:NOWHERE_TO_BE_FOUND"}
    config = _configuration(
        tmp_path / "wrong",
        {
            "data": ".",
            "listen": {"host": "127.0.0.1", "port": 99_999},
            "surplus": 1,
            "sessions": {"idle_s": -4},
        },
        {
            "household": {"connector": "household", "base_url": "ftp://x", "credential": account},
            "elderly": {
                "connector": "elderly",
                "base_url": "http://127.0.0.1:1",
                "timeout": 0,
                "credential": account,
            },
            "relief": {
                "connector": "relief",
                "base_url": "http://127.0.0.1:1",
                "credential": {"username": "x"},
            },
        },
    )

    told, served = commands(*(Command((word, "--config", str(config))) for word in ("check-config", "serve")))

    for each in (told, served):
        assert each.returncode == 2
        words = each.stdout + each.stderr
        for fault in ("listen.port", "surplus", "idle_s", "household", "elderly", "relief", "secret"):
            assert fault in words, fault
        assert "Traceback" not in words
    assert {line for line in told.stderr.splitlines() if "fault" not in line} == {
        line for line in served.stderr.splitlines() if "fault" not in line
    }


def test_one_fault_is_not_told_as_many(tmp_path: Path) -> None:
    account = {"username": "gateway", "secret": "file:secret"}
    systems = {
        name: {"connector": name, "base_url": "http://127.0.0.1:1", "credential": account}
        for name in ("household", "elderly", "relief")
    }
    config = _configuration(tmp_path / "place", {"data": "."}, systems | {"relief": {"connector": "relief"}})
    (config.parent / "secret").write_text("made-up-for-this-test")
    (config.parent / "secret").chmod(0o600)

    told = command("check-config", "--config", config)

    assert told.returncode == 2
    about = [line for line in told.stderr.splitlines() if line and "nothing was started" not in line]
    assert about
    assert all("relief" in line or "keys" in line for line in about), told.stderr
    # What follows from the fault alone (a policy for a system that could not be read) is no fault of its own.
    assert not [line for line in about if line.startswith("policies")], told.stderr


def test_an_unknown_connector_and_an_unset_secret_are_told_together(tmp_path: Path) -> None:
    systems = {
        "household": {
            "connector": "houshold",
            "base_url": "http://127.0.0.1:1",
            "credential": {"username": "gateway", "secret": "env:NOWHERE_TO_BE_FOUND"},
        },
        "elderly": {
            "connector": "elderly",
            "base_url": "http://127.0.0.1:1",
            "credential": {"username": "gateway", "secret": "file:not-there"},
        },
    }
    config = _configuration(tmp_path / "place", {"data": ".", "surplus": 1}, systems)

    told = command("check-config", "--config", config)

    assert told.returncode == 2
    for fault in ("houshold", "NOWHERE_TO_BE_FOUND", "not-there", "surplus"):
        assert fault in told.stderr, fault


def test_a_file_that_is_no_configuration_is_exit_2(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.yaml" for number in range(4)]
    for file, content in zip(files, ["a: [b", "- 1", "", "\x00"], strict=True):
        file.write_text(content)

    for told in commands(*(Command(("check-config", "--config", str(file))) for file in files)):
        assert told.returncode == 2, told.args
        assert told.stderr
        assert "Traceback" not in told.stderr


def test_the_policy_passes_its_cases_and_a_false_case_is_named(founded: Path, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "policies" / "cases"
    cases = tmp_path / "cases"
    cases.mkdir()
    for path in shipped.glob("*.yaml"):
        (cases / path.name).write_text(path.read_text().replace("id_number: mask", "id_number: show"))
    test = ("policy", "test", "--data", str(founded))

    passed, failed = commands(Command(test), Command((*test, "--cases", str(cases))))

    assert passed.returncode == 0
    assert passed.stdout.startswith("ok ")
    assert failed.returncode == 1
    assert "id_number" in failed.stdout + failed.stderr


def test_accounts_are_added_and_listed(founded: Path) -> None:
    place = ("--data", str(founded))
    add = ("user", "add", "zhao", "--role", f"cadre:{HERE}", "--name", "赵一", *place)

    upgraded, added, listed = commands(
        Command(("db", "upgrade", *place)),
        Command(add, f"{PASSWORD}\n{PASSWORD}\n"),
        Command(("user", "list", *place)),
    )

    assert upgraded.returncode == 0
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in added.stdout + added.stderr + listed.stdout
    line = next(line for line in listed.stdout.splitlines() if line.startswith("zhao"))
    assert "赵一" in line
    assert f"cadre:{HERE}" in line


def test_a_wrong_account_is_refused_in_plain_words(founded: Path) -> None:
    place = ("--data", str(founded))
    wrong = [
        (f"cadre:{HERE}", "short"),
        (f"kadre:{HERE}", PASSWORD),
        ("cadre:31010901000x", PASSWORD),
        ("cadre", PASSWORD),
    ]

    *refused, listed, nobody = commands(
        *(
            Command(
                ("user", "add", "qian", "--role", role, "--name", "钱二", *place), f"{password}\n{password}\n"
            )
            for role, password in wrong
        ),
        Command(("user", "list", *place)),
        Command(("user", "disable", "nobody-of-that-name", *place)),
    )

    for told in refused:
        assert told.returncode == 2, told.args
        assert told.stderr.strip()
        assert "Traceback" not in told.stderr
        assert "InvalidInput" not in told.stderr, "a class's name is no sentence"
    assert "qian" not in listed.stdout
    assert nobody.returncode == 1
    assert nobody.stderr.strip()


async def test_disabling_an_account_ends_its_sessions_within_a_second(place: Place) -> None:
    data = ("--data", str(place.gateway.data))
    added = command(
        *("user", "add", "sun", "--role", f"cadre:{HERE}", "--name", "孙三", *data),
        typed=f"{PASSWORD}\n{PASSWORD}\n",
    )
    assert added.returncode == 0, added.stderr
    async with place.as_("sun") as reader:
        assert (await reader.ask("GET", "/api/v1/me")).status_code == 200
        assert command("user", "disable", "sun", *data).returncode == 0
        start = time.monotonic()
        while (await reader.ask("GET", "/api/v1/me")).status_code != 401:
            assert time.monotonic() - start < SLACK
            await asyncio.sleep(0.05)
        async with visiting(place.gateway.base_url) as again:
            assert (await again.sign_in("sun")).status_code == 401


def test_the_mocks_run_alone(tmp_path: Path) -> None:
    with ExitStack() as closing:
        demo = Running([str(COMMAND), "mocks"], tmp_path / "mocks")
        closing.callback(demo.clear_away)
        demo.wait_for("ready")
        printed = demo.out.read_text()
        addresses = [word for word in printed.split() if word.startswith("http://127.0.0.1:")]
        assert len(addresses) == len(SYSTEMS) + 1, "and the city"
        assert "gateway" in printed
        for address in addresses[:-1]:
            assert httpx.get(f"{address}/_mock/stats", timeout=5).json()["calls"] == 0
        assert demo.end(signal.SIGTERM) == 0


def test_another_seed_is_another_town_and_ctrl_c_ends_it(make_demo: MakeDemo, town: Town) -> None:
    demo = make_demo("--seed", "7", "--population", "8000")

    names = {person["name"] for person in demo.town.people()}
    assert names
    assert names != {person["name"] for person in town.people()}
    assert len(demo.town.people()) < 8000
    assert demo.gateway.running.end(signal.SIGINT) == 0
    assert "Traceback" not in demo.gateway.running.err.read_text()
