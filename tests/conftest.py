"""What every test shares: how hypothesis searches, and a marker for each kind of test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

KINDS = {
    "arch": "who may import whom, and other rules of the house",
    "browser": "drives a real browser",
    "contract": "what every connector and every store must do",
    "flow": "from login to audit line, on real servers",
    "property": "holds for all inputs that hypothesis can think of",
    "unit": "one noun at a time",
}
HERE = Path(__file__).parent

# tests/contract runs the connector contract in a pytest of its own.
pytest_plugins = ["pytester"]

# In CI the same commit must give the same answer; on a desk new examples are welcome. A shared runner's clock
# proves nothing about our code, so no deadline in either.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("desk", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_configure(config: pytest.Config) -> None:
    for kind, meaning in KINDS.items():
        config.addinivalue_line("markers", f"{kind}: {meaning}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the folder it lies in, so that `-m "not flow"` works without a line in any test."""
    for item in items:
        kind = item.path.relative_to(HERE).parts[0]
        if kind in KINDS:
            item.add_marker(kind)


@pytest.fixture(autouse=True)
def _logging_untouched() -> Iterator[None]:
    """Fail the test that sets up logging in this process: loggers keep what they first saw."""
    yield
    assert not structlog.get_config()["cache_logger_on_first_use"], "set up logging in a process of its own"
