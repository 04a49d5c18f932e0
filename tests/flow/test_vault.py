"""The vault at the command line: its docs, a wrong password, service accounts, a kill while rotating."""

import asyncio
import json
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from tests.flow.conftest import MakeDemo, MakePlace
from tests.flow.console import told_in
from tests.flow.place import Place
from tests.flow.running import COMMAND, ENVIRONMENT, MOCK_PASSWORD, Command, command, commands, wait_until
from tests.unit.gateway.vault.sheets import password, write_csv, write_town
from tests.unit.gateway.vault.transit_server import TOKEN, TransitServer, transit_server

ROOT = Path(__file__).parents[2]
WRONG = "not-the-password-they-know"


def test_the_docs_run_as_they_stand(make_demo: MakeDemo, tmp_path: Path) -> None:
    make_demo(data=tmp_path / "demo-data")
    commands_told = list(told_in(ROOT / "docs" / "vault.md"))
    assert len(commands_told) > 12
    for told in commands_told:
        printed = told.run(tmp_path)
        assert told.fits(printed), (told.command, printed)


# ---- a sheet of 22 systems


@pytest.fixture
def town_of_22(founded: Path, tmp_path: Path) -> Path:
    """Return an installation with 22 configured systems, none of them running."""
    place = tmp_path / "town"
    shutil.copytree(founded, place)
    kinds = ("household", "elderly", "relief")
    systems = {
        kinds[n] if n < len(kinds) else f"line{n:02}": {
            "connector": kinds[n % len(kinds)],
            "base_url": f"http://10.1.2.{n}:8080",
            "aliases": [f"条线{n:02}"],
            "credential": "vault",
        }
        for n in range(22)
    }
    (place / "systems.yaml").write_text(yaml.safe_dump(systems, sort_keys=False, allow_unicode=True))
    return place


def test_a_sheet_of_22_systems(town_of_22: Path, tmp_path: Path) -> None:
    sheet, where = write_town(tmp_path / "town.xlsx"), ("--data", str(town_of_22))
    taking = ("vault", "import", str(sheet), "--owner", "wang", *where)
    dry, english, chinese, listed, shared, stranger, config = commands(
        Command((*taking, "--dry-run", "--json")),
        Command((*taking, "--lang", "en")),
        Command((*taking, "--lang", "zh_CN.UTF-8", "--choose", "10")),
        Command(("vault", "list", "--json", *where)),
        Command(("vault", "import", str(sheet), "--service", "--lang", "en", *where)),
        Command(("vault", "import", str(sheet), "--owner", "nobody", *where)),
        Command(("check-config", "--config", str(town_of_22 / "gateway.yaml"))),
    )
    rows = json.loads(dry.stdout)["rows"]
    assert (dry.returncode, len(rows), rows[0]["system"]) == (1, 23, "household")
    assert english.returncode == 1
    assert english.stdout.count("\timported") == 21
    assert english.stdout.count("several accounts: choose one") == 2
    assert "delete the sheet" in english.stdout
    assert chinese.returncode == 0
    assert "第 10 行\tline05\t已存入" in chinese.stdout
    assert "共 23 行：22 个账号在库，0 行要处理。" in chinese.stdout
    assert len(json.loads(listed.stdout)) == 22
    assert (shared.returncode, shared.stdout.count("for another owner")) == (1, 21)
    assert (stranger.returncode, config.returncode) == (2, 0)
    printed = "".join(
        one.stdout + one.stderr for one in (dry, english, chinese, listed, shared, stranger, config)
    )
    stored = b"".join(path.read_bytes() for path in town_of_22.rglob("*") if path.is_file())
    for n in range(22):
        assert password(n) not in printed
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            assert password(n).encode(encoding) not in stored


@pytest.mark.parametrize(
    ("words", "typed", "code", "said"),
    [
        (("import", "absent.csv", "--owner", "wang"), "", 2, "absent.csv: the file cannot be read"),
        (("import", "absent.csv", "--owner", "wang", "--lang", "zh"), "", 2, "打不开这个文件"),
        (("set", "nowhere", "--service", "--username", "u"), "x\n", 2, "there is no such system"),
        (("set", "relief", "--username", "u"), "x\n", 2, "--owner"),
        (("set", "relief", "--service", "--owner", "wang", "--username", "u"), "x\n", 2, "either"),
        (("set", "relief", "--service", "--username", "u"), "\n", 2, "password: give 1 to 256"),
        (("remove", "relief", "--service"), "", 1, "NotInVault: relief service"),
        (("remove", "relief"), "", 2, "--owner"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    town_of_22: Path, words: tuple[str, ...], typed: str, code: int, said: str
) -> None:
    (done,) = commands(Command(("vault", *words, "--data", str(town_of_22)), typed))
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# ---- a wrong password


def test_a_wrong_password_is_sent_once(make_place: MakePlace, tmp_path: Path) -> None:
    place: Place = make_place()
    systems, where = place.town.systems, ("--data", str(place.gateway.data))
    rows = [
        ("账号", "密码", "系统"),
        *(
            ("cadre", WRONG if name == "养老服务" else MOCK_PASSWORD, name)
            for name in ("人口信息", "养老服务", "社会救助")
        ),
    ]
    sheet = write_csv(tmp_path / "sheet.csv", rows, "gb18030")
    before = {name: system.stats() for name, system in systems.items()}
    assert command("vault", "import", sheet, "--owner", "wang", *where).returncode == 0
    first = command("vault", "check", "--owner", "wang", "--json", *where)
    again = command("vault", "check", "--json", *where)
    assert (first.returncode, again.returncode) == (1, 1)
    results = {one["system"]: one["result"] for one in json.loads(first.stdout)}
    assert results == {"household": "ok", "elderly": "rejected", "relief": "ok"}
    results = {one["system"]: one["result"] for one in json.loads(again.stdout)}
    assert results == {"household": "ok", "elderly": "rejected_before", "relief": "ok"}
    for name, system in systems.items():
        failed = system.stats()["failed_logins"] - before[name]["failed_logins"]
        assert failed == (1 if name == "elderly" else 0)
    assert WRONG not in first.stdout + first.stderr + again.stdout + again.stderr


# ---- service accounts


def test_the_gateway_signs_in_with_what_the_vault_holds(make_place: MakePlace) -> None:
    place: Place = make_place()
    where = ("--data", str(place.gateway.data))
    file = place.gateway.data / "systems.yaml"
    systems = yaml.safe_load(file.read_text())
    for name in ("household", "relief", "elderly"):
        systems[name]["credential"] = "vault"
    file.write_text(yaml.safe_dump(systems))
    for name in ("household", "relief"):
        kept = command(
            "vault", "set", name, "--service", "--username", "gateway", *where, typed=f"{MOCK_PASSWORD}\n"
        )
        assert (kept.returncode, kept.stdout) == (0, "ok new\n"), kept.stderr
    before = {name: system.stats() for name, system in place.town.systems.items()}
    place.restart()

    def since(name: str, what: str) -> int:
        return int(place.town.systems[name].stats()[what] - before[name][what])

    wait_until(lambda: all(since(name, "logins") for name in ("household", "relief")), 30, "sign-ins")
    assert [since(name, "logins") for name in ("household", "relief", "elderly")] == [1, 1, 0]
    assert [since(name, "failed_logins") for name in ("household", "relief", "elderly")] == [0, 0, 0]


# ---- a kill while rotating


async def test_a_killed_rotation_loses_nothing_and_is_finished_by_another(
    town_of_22: Path, tmp_path: Path
) -> None:
    sheet, where = write_town(tmp_path / "town.xlsx"), ("--data", str(town_of_22))
    taken = command("vault", "import", sheet, "--owner", "wang", "--choose", "9", *where)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    async with transit_server() as server:
        token = town_of_22 / "token"
        token.write_text(TOKEN)
        config = yaml.safe_load((town_of_22 / "gateway.yaml").read_text())
        config["vault"] = {
            "current": "city",
            "keys": {"city": "transit:community-cloud"},
            "transit": {"address": server.address, "token": "file:token", "timeout": 60},
        }
        (town_of_22 / "gateway.yaml").write_text(yaml.safe_dump(config))
        for stop_after in (7, 3):
            await _killed(town_of_22, server, stop_after)
            assert await _moved(where) < 22
        ended = await _run("vault", "rotate", *where)
        assert ended.startswith("ok 22 entries, ")
        assert await _moved(where) == 22
        assert (await _run("vault", "rotate", *where)).startswith("ok 22 entries, 0 ")
        # All open: importing the same sheet again finds every entry as it is.
        again = await _run(
            "vault", "import", str(sheet), "--owner", "wang", "--choose", "9", "--lang", "en", *where
        )
        assert again.count("\tunchanged") == 22


async def _killed(place: Path, server: TransitServer, stop_after: int) -> None:
    """Start a rotation and kill it while the key server keeps it waiting."""
    server.hold_after = len(server.asked) + stop_after
    rotating = await asyncio.create_subprocess_exec(
        COMMAND, "vault", "rotate", "--data", str(place), env=ENVIRONMENT,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            await server.holding.wait()
    finally:
        with suppress(ProcessLookupError):
            rotating.send_signal(signal.SIGKILL)
        await rotating.wait()
        server.let_go()


async def _moved(where: tuple[str, ...]) -> int:
    return sum(one["key"] == "city" for one in json.loads(await _run("vault", "list", "--json", *where)))


async def _run(*words: str) -> str:
    done = await asyncio.to_thread(command, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
