"""The load client ``wrk`` where it is installed: it leaves more of its core to the upstreams than ours does."""

from __future__ import annotations

import json
import math
import resource
import shutil
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile

from benchmarks.load import Load, Run

_SCRIPT = Path(__file__).with_name("wrk.lua")


def installed() -> bool:
    """Tell whether there is a wrk."""
    return shutil.which("wrk") is not None


def run(load: Load, seconds: float) -> Run:
    """Run a load for a time, in whole seconds as wrk counts.

    wrk drops what is under way at the end, so the server may have answered up to one request a connection more
    than is counted here.
    """
    host, port = load.address
    whole_seconds = max(1, math.ceil(seconds))
    with NamedTemporaryFile(prefix="load-", suffix=".txt") as file:
        for request in load.requests:
            file.write(b"%d\n%b" % (len(request), request))
        file.flush()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [
                *("wrk", "--threads", "1", "--connections", str(load.connections)),
                *("--duration", f"{whole_seconds}s", "--timeout", "10s", "--script", str(_SCRIPT)),
                *(f"http://{host}:{port}/", "--", file.name, str(load.status), load.expect.decode()),
            ],
            capture_output=True,
            text=True,
            timeout=whole_seconds + 30,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = json.loads(done.stdout.rpartition("RESULT ")[2])
    answered = said["answers"] - said["wrong"]
    return Run(
        answered=answered,
        wrong=said["wrong"],
        failed=said["failed"],
        seconds=said["us"] / 1e6,
        p50_ms=said["p50_us"] / 1000,
        p99_ms=said["p99_us"] / 1000,
        client_s=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        cut_off=load.connections,
        ran_out=load.once and said["answers"] + load.connections > len(load.requests),
    )
