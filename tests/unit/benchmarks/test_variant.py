"""Every stage that the budget leaves out still has the name by which it is left out."""

import pytest

import gateway.app
import gateway.pipeline.build
import gateway.web.routes
from benchmarks.variant import VARIANTS, WHOLE

REBOUND = [
    *((gateway.pipeline.build, name) for name in ("audited", "authorize", "locate", "mask", "merge")),
    *((gateway.app, name) for name in ("application", "build", "edge")),
    (gateway.web.routes, "ROUTES"),
]


@pytest.mark.parametrize("key", VARIANTS)
def test_leaving_a_stage_out_rebinds_one_name(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in REBOUND:
        # Bound to what it is bound to: the end of the test binds it so again.
        monkeypatch.setattr(module, name, getattr(module, name))
    before = [getattr(module, name) for module, name in REBOUND]
    VARIANTS[key].leave_out()
    after = [getattr(module, name) for module, name in REBOUND]
    changed = sum(old is not new for old, new in zip(before, after, strict=True))
    assert changed == (0 if key == WHOLE else 1)
