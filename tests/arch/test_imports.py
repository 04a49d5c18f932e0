"""The import contracts of pyproject.toml hold for the tree, and each of them breaks when it is violated."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]

LAYERS = "Gateway modules import only from layers below, and each has a layer"
HOUSES = "Gateway, mocks and concrete connectors do not know each other"
NEIGHBOURS = "Policies, mocks and concrete connectors share only the connector SDK"
NAMED = "Every connector of this tree is named in these contracts"
OAUTH = "OAuth stays where signing in happens"
SQL = "SQL stays in the store and in each noun's one repository file"
TESTING = "Test libraries are no run-time dependency"

# Contract broken, file, forbidden import, line of the report that must name it.
PLANTS = [
    (
        LAYERS,
        "gateway/store/tables.py",
        "import gateway.web.routes",
        "gateway.store.tables -> gateway.web.routes",
    ),
    (LAYERS, "gateway/web/views.py", "import gateway.portal", "gateway.web.views -> gateway.portal"),
    (
        LAYERS,
        "gateway/audit/event.py",
        "def f():\n import gateway.pipeline",
        "gateway.audit.event -> gateway.pipeline",
    ),
    (LAYERS, "gateway/oddments.py", "", "gateway.oddments"),
    (
        HOUSES,
        "gateway/upstream/registry.py",
        "import connectors.relief",
        "gateway.upstream.registry -> connectors.relief",
    ),
    (HOUSES, "gateway/app.py", "from mocks import city", "gateway.app -> mocks.city"),
    (HOUSES, "mocks/server.py", "import gateway.model", "mocks.server -> gateway.model"),
    (HOUSES, "policies/engine.py", "import gateway.model", "policies.engine -> gateway.model"),
    (
        NEIGHBOURS,
        "connectors/relief/records.py",
        "import connectors.elderly",
        "connectors.relief.records -> connectors.elderly",
    ),
    (
        NEIGHBOURS,
        "connectors/declarative/load.py",
        "import connectors.relief",
        "connectors.declarative.load -> connectors.relief",
    ),
    (NEIGHBOURS, "mocks/relief.py", "import connectors.relief", "mocks.relief -> connectors.relief"),
    (NEIGHBOURS, "connectors/elderly/rules.py", "import policies", "connectors.elderly.rules -> policies"),
    (
        NAMED,
        "connectors/sdk/run.py",
        "import connectors.household",
        "connectors.sdk.run -> connectors.household",
    ),
    (NAMED, "connectors/unlisted/__init__.py", "", "connectors.unlisted"),
    (OAUTH, "gateway/web/login.py", "from authlib.oauth2 import OAuth2Error", "gateway.web.login -> authlib"),
    (OAUTH, "connectors/household/sign.py", "import authlib", "connectors.household.sign -> authlib"),
    (SQL, "gateway/pipeline/cached.py", "import sqlalchemy", "gateway.pipeline.cached -> sqlalchemy"),
    (
        SQL,
        "gateway/identity/accounts.py",
        "from sqlalchemy import select",
        "gateway.identity.accounts -> sqlalchemy",
    ),
    (SQL, "gateway/audit/verify.py", "import aiosqlite", "gateway.audit.verify -> aiosqlite"),
    (TESTING, "connectors/sdk/mock.py", "import respx", "connectors.sdk.mock -> respx"),
    (TESTING, "gateway/cli/check.py", "def f():\n import pytest", "gateway.cli.check -> pytest"),
]

# Imports that look like the forbidden ones, from the places where they belong.
LAWFUL = {
    "connectors/household/connector.py": "import connectors.sdk.run",
    "connectors/sdk/auth/__init__.py": "import authlib",
    "connectors/sdk/testing/__init__.py": "import pytest, respx",
    "gateway/audit/log.py": "import sqlalchemy",
    "gateway/identity/oidc.py": "import authlib, gateway.residents",
    "gateway/identity/repository.py": "import sqlalchemy, gateway.store",
    "gateway/pipeline/mask.py": "import policies.engine, gateway.upstream, gateway.model",
    "gateway/upstream/registry.py": "import connectors.declarative",
    "gateway/store/engine.py": "import sqlalchemy, aiosqlite, alembic",
    "mocks/household.py": "import connectors.sdk.run, mocks.city",
}


def house(root: Path) -> None:
    """Lay out an empty house: the contracts, and every module that they or a planted line name."""
    shutil.copy(ROOT / "pyproject.toml", root)
    modules = {
        "connectors.sdk.run",
        "gateway.pipeline",
        "gateway.web.routes",
        "mocks.city",
        "policies.engine",
    }
    for contract in CONTRACTS:
        for layer in contract.get("layers", []):
            for container in contract.get("containers", [""]):
                modules |= {f"{container}.{name}".strip(".") for name in re.findall(r"\w[\w.]*", layer)}
    for module in modules - {"gateway.__main__"}:
        write(root, module.replace(".", "/") + "/__init__.py", "")


def write(root: Path, path: str, code: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    for parent in file.relative_to(root).parents[:-1]:
        (root / parent / "__init__.py").touch()
    file.write_text(code + "\n", encoding="utf-8")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-logo", "--no-cache"],
        cwd=root,
        # A wide terminal keeps each title and each import on one line of the report.
        env=os.environ | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def reports(output: str) -> dict[str, str]:
    """Split the report of broken contracts into one text for each contract's name."""
    parts = re.split(
        rf"^({'|'.join(re.escape(c['name']) for c in CONTRACTS)})\n-+$", output, flags=re.MULTILINE
    )
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Plant every violation in one house, and return what is said of each contract."""
    root = tmp_path_factory.mktemp("house")
    house(root)
    for _, path, code, _ in PLANTS:
        write(root, path, code)
    done = lint(root)
    assert done.returncode == 1, done.stdout + done.stderr
    return reports(done.stdout)


def test_the_tree_keeps_its_import_contracts() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_lawful_house_passes(tmp_path: Path) -> None:
    house(tmp_path)
    for path, code in LAWFUL.items():
        write(tmp_path, path, code)
    done = lint(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "path", "code", "line"), PLANTS, ids=[line for *_, line in PLANTS])
def test_a_planted_import_breaks_its_contract(
    broken: dict[str, str], contract: str, path: str, code: str, line: str
) -> None:
    assert line in broken[contract], f"{path}: {code!r} passed\n{broken[contract]}"


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract for contract, *_ in PLANTS} == {contract["name"] for contract in CONTRACTS}
