"""Each rule holds for the tree, finds its planted violations, and lets their lawful neighbours pass."""

from pathlib import Path

import pytest

from tests.arch.rules import RULES, Rule

ROOT = Path(__file__).parents[2]
BY_NAME = {rule.name: rule for rule in RULES}

WEB = "aiohttp.web only at the edge"
CLIENT = "HTTP client only in gateway.upstream"
HTTPX = "httpx is a vocabulary, not a client"
TASKS = "background tasks start in one module"
ENVIRONMENT = "the environment is read in one module"
NAMES = "a file is named for its noun"
TEST_KIT = "the connector test kit is imported only when asked for"
REAL = "tests drive real things"

UNLAWFUL = [
    (WEB, "gateway/pipeline/mask.py", "from aiohttp import web"),
    (WEB, "gateway/audit/log.py", "from aiohttp.web import Request"),
    (WEB, "gateway/model.py", "import aiohttp as a\nfault = a.web.HTTPNotFound"),
    (WEB, "connectors/sdk/run.py", "import aiohttp.web_exceptions"),
    (WEB, "mocks/household.py", "from aiohttp import web"),
    (CLIENT, "gateway/identity/oidc.py", "import aiohttp\nsession = aiohttp.ClientSession()"),
    (CLIENT, "connectors/relief/connector.py", "from aiohttp import TCPConnector"),
    (HTTPX, "gateway/upstream/clients.py", "import httpx\nclient = httpx.AsyncClient()"),
    (HTTPX, "connectors/elderly/connector.py", "from httpx import AsyncClient as Response"),
    (HTTPX, "gateway/app.py", "import httpx\nhttpx.get('/')"),
    (TASKS, "gateway/cache/flight.py", "import asyncio\nasyncio.create_task(x())"),
    (TASKS, "gateway/cache/flight.py", "from asyncio import ensure_future"),
    (TASKS, "gateway/audit/log.py", "import asyncio\nasyncio.get_running_loop().create_task(x())"),
    (TASKS, "mocks/server.py", "class A:\n    def go(self):\n        self.loop.create_task(x())"),
    (ENVIRONMENT, "gateway/vault/keys.py", "import os\nkey = os.environ['KEY']"),
    (ENVIRONMENT, "connectors/household/settings.py", "from os import getenv"),
    (ENVIRONMENT, "mocks/__main__.py", "import os as system\nsystem.getenv('SEED')"),
    (NAMES, "gateway/web/utils.py", ""),
    (NAMES, "tests/unit/helpers/age.py", ""),
    (NAMES, "gateway/session_manager.py", ""),
    (TEST_KIT, "connectors/household/__init__.py", "from connectors.sdk.testing import ConnectorContract"),
    (TEST_KIT, "connectors/sdk/__init__.py", "from .testing import ConnectorContract"),
    (REAL, "tests/unit/test_a.py", "from unittest.mock import AsyncMock"),
    (REAL, "tests/unit/test_a.py", "def test_a(mocker):\n    mocker.patch('gateway.cache.get')"),
    (
        REAL,
        "tests/unit/test_a.py",
        "import gateway.cache as c\ndef test_a(m):\n    m.setattr(c.get, 'a', 1)",
    ),
    (REAL, "tests/unit/test_a.py", "def test_a(double):\n    double.get.assert_called_once()"),
]

LAWFUL = [
    (WEB, "gateway/web/routes.py", "from aiohttp import web"),
    (WEB, "mocks/server.py", "from aiohttp import web"),
    (WEB, "gateway/upstream/transport.py", "from aiohttp import ClientTimeout"),
    (CLIENT, "gateway/upstream/clients.py", "import aiohttp\nsession = aiohttp.ClientSession()"),
    (HTTPX, "connectors/elderly/connector.py", "import httpx\nrequest = httpx.Request('GET', '/')"),
    (TASKS, "gateway/tasks.py", "import asyncio\nasyncio.create_task(x())"),
    (
        TASKS,
        "gateway/pipeline/fetch.py",
        "import asyncio\nasync def go():\n  async with asyncio.TaskGroup() as g:\n    g.create_task(x())",
    ),
    (
        TASKS,
        "gateway/app.py",
        "from asyncio import TaskGroup\ndef go(group: TaskGroup):\n    group.create_task(x())",
    ),
    (ENVIRONMENT, "gateway/settings/environment.py", "import os\nall = os.environ"),
    (ENVIRONMENT, "gateway/store/engine.py", "import os\nos.fsync(1)"),
    (NAMES, "gateway/residents/household.py", ""),
    (TEST_KIT, "gateway/cli/connector.py", "def check():\n    from connectors.sdk.testing import suite"),
    (TEST_KIT, "gateway/cli/a.py", "if TYPE_CHECKING:\n    from connectors.sdk.testing import suite"),
    (TEST_KIT, "connectors/sdk/testing/suite.py", "from connectors.sdk.testing.cases import CASES"),
    (REAL, "tests/unit/test_a.py", "def test_a(monkeypatch):\n    monkeypatch.setenv('CI', '1')"),
]


def plant(root: Path, path: str, code: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True)
    file.write_text(code + "\n", encoding="utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    found = rule.violations(ROOT)
    assert not found, "\n".join([f"{rule.name} ({rule.why}):", *found])


@pytest.mark.parametrize(("name", "path", "code"), UNLAWFUL)
def test_a_planted_violation_is_found(tmp_path: Path, name: str, path: str, code: str) -> None:
    plant(tmp_path, path, code)
    found = BY_NAME[name].violations(tmp_path)
    assert found
    assert all(line.startswith(f"{path}:") for line in found)


@pytest.mark.parametrize(("name", "path", "code"), LAWFUL)
def test_a_lawful_line_passes(tmp_path: Path, name: str, path: str, code: str) -> None:
    plant(tmp_path, path, code)
    assert BY_NAME[name].violations(tmp_path) == []


def test_every_rule_has_a_planted_violation_and_a_lawful_neighbour() -> None:
    assert {name for name, _, _ in UNLAWFUL} == set(BY_NAME)
    assert {name for name, _, _ in LAWFUL} == set(BY_NAME)
