"""Pages come up soon and stand still, on a slow machine too."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.guest import DESK, PHONE
from tests.browser.paint import pages, painted

LARGEST_MS = 5 * 1_000
"""Five times what we promise, for a busy machine."""
SHIFTED = 0.02
ELEMENTS = 1_500


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_lists_and_files_come_up_soon_and_stand_still(visit: Visit, width: int) -> None:
    async with visit(user="cadre", width=width) as one:
        for name, path in (await pages(one)).items():
            seen = await painted(one, path)
            assert 0 < seen.largest <= LARGEST_MS, name
            assert seen.shifted <= SHIFTED, name
            assert seen.elements <= ELEMENTS, name
