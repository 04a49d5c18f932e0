"""A new connector as its author meets it: made, green, listed, checked against a system, in production."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors import sdk
from connectors.sdk import mock, testing
from connectors.sdk.scaffold import WAYS, create
from tests.flow.console import told_in
from tests.flow.running import Command, Running, commands

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "connectors.md"
IN_YAML = ROOT / "docs" / "connectors-yaml.md"
PORT_TOLD = "9201"
# What is installed comes from this machine; plugins of this tree's own tests would speak in between.
NO_NETWORK = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip's own riddle: 0 is what --no-build-isolation means
    "PIP_NO_DEPS": "1",
    "PIP_NO_INDEX": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PYTEST_ADDOPTS": "-p no:asyncio -p no:randomly",
}


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Return the commands of an environment that has all of this one and can be installed into."""
    folder = tmp_path / "environment"
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    here = sysconfig.get_path("purelib")
    Path(packages, "beside.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    script = folder / "bin" / "community-cloud"
    script.write_text(f"#!{folder / 'bin' / 'python'}\nfrom gateway.cli import main\nmain()\n")
    script.chmod(0o755)
    return script.parent


def test_the_docs_run_as_they_stand(beside: Path, founded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copytree(founded, folder / "town")
    described = re.search(r"```yaml\n(name: acme\n.*?)```", IN_YAML.read_text("utf-8"), re.DOTALL)
    assert described
    assert len(described[1].splitlines()) == 31, "as the document says"
    (folder / "acme.yaml").write_text(described[1], "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    ran = 0
    with ExitStack() as running:
        for told in told_in(DOCUMENT):
            if "--base-url" in told.command and ran == 3:
                _serve(beside, port, tmp_path, running)
            told.command = told.command.replace(PORT_TOLD, port)
            told.lines = [line.replace(PORT_TOLD, port) for line in told.lines]
            printed = told.run(folder, beside, **NO_NETWORK)
            assert told.fits(printed), (told.command, printed)
            ran += 1
    assert ran > 12


def _serve(beside: Path, port: str, folder: Path, running: ExitStack) -> None:
    """Do what the document says to do in a second terminal."""
    assert f"    community-cloud connector mock acme --port {PORT_TOLD}\n" in DOCUMENT.read_text("utf-8")
    served = Running([str(beside / "community-cloud"), "connector", "mock", "acme", "--port", port], folder)
    running.callback(served.clear_away)
    assert f"http://127.0.0.1:{port} " in served.wait_for("ready ")


def test_the_docs_name_the_whole_surface() -> None:
    code = re.findall(r"`([^`\n]+)`", DOCUMENT.read_text("utf-8"))
    words = {word for span in code for word in re.findall(r"\w+", span)}
    assert {*sdk.__all__, *mock.__all__, *testing.__all__} - words == set()
    for way in WAYS:
        assert f"`{way}`" in DOCUMENT.read_text("utf-8")


# ---- what is made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return a new connector for each way to sign in; the longest name and the shortest among them."""
    root = tmp_path_factory.mktemp("made")
    names = {way: f"cc_{way}" for way in WAYS} | {"form_login": "x" * 16, "signed": "zq"}
    for way, name in names.items():
        create(name, root / name, WAYS[way], "0.1.0")
    return {way: root / name for way, name in names.items()}


def _ran(folder: Path, *words: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, **NO_NETWORK, **more},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_every_new_connector_is_green(made: Mapping[str, Path]) -> None:
    tests = [str(folder / "tests") for folder in made.values()]
    path = os.pathsep.join(map(str, made.values()))
    root = next(iter(made.values()))
    printed = _ran(root, "pytest", "-q", "-rs", "--import-mode=importlib", *tests, PYTHONPATH=path)
    assert f"{len(made) * len(testing.ConnectorContract.names()) - 1} passed, 1 skipped" in printed
    assert "the system asks for no credential" in printed


@pytest.mark.timeout(300)
def test_every_new_connector_is_clean(made: Mapping[str, Path]) -> None:
    for folder in made.values():
        _ran(folder, "ruff", "check", "--quiet", "--no-cache", ".")
        _ran(folder, "ruff", "format", "--check", "--quiet", "--no-cache", ".")
    root = next(iter(made.values()))
    packages = [str(folder / folder.name) for folder in made.values()]
    path = os.pathsep.join(map(str, made.values()))
    assert "no issues" in _ran(root, "mypy", *packages, MYPYPATH=path)


def test_a_new_connector_is_small(made: Mapping[str, Path]) -> None:
    for way, folder in made.items():
        package = folder / folder.name
        assert _lines(package / "connector.py") <= 80, way
        assert _lines(package / "mock.py") <= 60, way
        assert _lines(package / "contract.py", folder / "tests" / "test_contract.py", blank=False) <= 20, way


def _lines(*files: Path, blank: bool = True) -> int:
    return sum(blank or bool(line.strip()) for file in files for line in file.read_text("utf-8").splitlines())


# ---- what is refused


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    # The commands' own process starts in it and must find the checkout.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "Acme"), "'Acme' is no name: take a lower-case word of 2 to 16 letters, digits and _"),
        (("new", "community_services"), "of 2 to 16 letters"),
        (("new", "../acme"), "is no name"),
        (("new", "class"), "class is a word of Python's own"),
        (("new", "json"), "a Python package json is installed already"),
        (("new", "gateway"), "a Python package gateway is installed already"),
        (("new", "acme", "--folder", "there"), "there is there already: choose another folder"),
        (("new", "acme", "--folder", "file/acme"), "file/acme cannot be made: Not a directory"),
        (("new", "acme", "--auth", "magic"), "--auth"),
        (("list", "nobody"), "no connector 'nobody' is installed"),
        (
            ("check", "nobody", "--base-url", "http://127.0.0.1:9"),
            "no connector 'nobody' is installed; there are",
        ),
        (("check", "file:absent.yaml", "--base-url", "http://127.0.0.1:9"), "absent.yaml: cannot be read"),
        (("check", "elderly", "--base-url", "elderly.example"), "--base-url"),
        (
            ("check", "elderly", "--base-url", "http://127.0.0.1:9", "--secret", "env:X"),
            "--username: give an account of the system",
        ),
        (
            (
                *("check", "elderly", "--base-url", "http://127.0.0.1:9"),
                *("--username", "u", "--secret", "env:NOT_SET"),
            ),
            "--secret: the environment variable NOT_SET is not set",
        ),
        (
            ("check", "benefits", "--base-url", "http://127.0.0.1:9", "--settings", "settings.yaml"),
            "settings: nonsense: Extra inputs are not permitted",
        ),
        (
            ("check", "elderly", "--base-url", "http://127.0.0.1:9", "--samples", "samples.yaml"),
            "samples.yaml: known: Value error, no citizen number",
        ),
        (
            ("check", "elderly", "--base-url", "http://127.0.0.1:9", "--samples", "absent.yaml"),
            "absent.yaml: cannot be read as YAML",
        ),
        (("mock", "nobody"), "no distribution declares a contract for nobody"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(elsewhere: Path, words: tuple[str, ...], said: str) -> None:
    (elsewhere / "there").mkdir()
    (elsewhere / "file").touch()
    (elsewhere / "samples.yaml").write_text("known: 319999194001010018\n")
    (elsewhere / "settings.yaml").write_text("nonsense: 1\n")
    (done,) = commands(Command(("connector", *words)))
    assert done.returncode == 2, done.stdout
    assert said in done.stderr or words[0] == "mock"  # that one is said by a child, to our own stream
    assert "Traceback" not in done.stderr
    assert "319999194001010018" not in done.stderr
    assert {path.name for path in elsewhere.iterdir()} == {"there", "file", "samples.yaml", "settings.yaml"}


def test_a_system_that_is_not_there_fails_with_a_report(elsewhere: Path) -> None:
    where = ("--base-url", "http://127.0.0.1:9")
    told, as_json = commands(
        Command(("connector", "check", "elderly", *where)),
        Command(("connector", "check", "elderly", *where, "--username", "u", "--json"), "secret\n"),
    )
    assert (told.returncode, as_json.returncode) == (1, 1)
    assert "failed\ttest_known_person\tA well system must answer FindPerson" in told.stdout
    report = json.loads(as_json.stdout)
    assert {one["outcome"] for one in report["results"]} == {"failed", "passed"}
    assert "secret" not in as_json.stdout
