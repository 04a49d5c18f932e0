"""What the collector is told, in a process of its own: its settings belong to the whole process."""

import subprocess
import sys

TRY = """
import gc, weakref
from gateway.garbage import look_seldom

class Loop:
    def __init__(self):
        self.own = self

look_seldom()
assert gc.isenabled()
assert gc.get_freeze_count() > 1_000, "what was there is left alone"
assert gc.get_threshold()[0] > 10_000
gone = 0
def count(_):
    global gone
    gone += 1
watched = [weakref.ref(Loop(), count) for _ in range(100_000)]
print(gone)
"""


def test_cycles_are_still_found_only_later() -> None:
    tried = subprocess.run(
        [sys.executable, "-c", TRY], capture_output=True, text=True, check=True, timeout=60
    )
    assert 50_000 < int(tried.stdout) < 100_000
