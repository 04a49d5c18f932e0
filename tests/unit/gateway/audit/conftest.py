from pathlib import Path

import pytest

from tests.unit.gateway.audit.trail import Trail


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path)
