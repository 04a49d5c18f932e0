"""Logs, each in a process of its own: they are set up once for the whole process."""

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gateway.logs import ALLOWED, RequestLog

ROOT = Path(__file__).parents[3]
SECRET = "319999193405060011"
BEGIN = f"""
import logging, structlog
from gateway import logs
SECRET = {SECRET!r}
log = structlog.get_logger()
"""


def logged(code: str) -> list[dict[str, Any]]:
    """Run code in a new process and return what it logged."""
    ended = subprocess.run(
        [sys.executable, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert ended.stdout == ""
    assert SECRET not in ended.stderr
    assert "Traceback" not in ended.stderr
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_only_what_is_on_the_list_is_logged() -> None:
    (line,) = logged(
        """
logs.configure()
shown = {"status": 200, "duration_ms": 1.5, "route": "/x"}
log.info("request", **shown, name=SECRET, query={"id": SECRET}, id_number=SECRET)
"""
    )
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "status": 200,
        "duration_ms": 1.5,
        "route": "/x",
        "dropped": ["name", "query", "id_number"],
    }


def test_an_error_is_logged_without_its_words() -> None:
    (line,) = logged(
        """
logs.configure()
try:
    raise ValueError(SECRET)
except ValueError as error:
    log.error("failed", error=type(error).__name__, exc_info=True, exception=error, stack_info=True)
"""
    )
    assert (line["error"], line["level"]) == ("ValueError", "error")


def test_a_library_that_warns_is_named_and_not_quoted() -> None:
    lines = logged(
        """
logs.configure("debug")
logging.getLogger("aiohttp.server").error("Error handling %s", SECRET)
logging.getLogger("authlib.oauth2").debug("token %s", SECRET)
logging.getLogger("sqlalchemy.engine").info(SECRET)
try:
    raise KeyError(SECRET)
except KeyError:
    logging.getLogger("asyncio").exception("Task exception was never retrieved %s", SECRET)
"""
    )
    assert [(line["event"], line["system"], line["level"], line.get("error")) for line in lines] == [
        ("library.warned", "aiohttp.server", "warning", None),
        ("library.warned", "asyncio", "warning", "KeyError"),
    ]


def test_the_level_is_kept() -> None:
    lines = logged(
        """
logs.configure("warning")
log.debug("a"); log.info("b"); log.warning("c"); log.error("d")
"""
    )
    assert [line["event"] for line in lines] == ["c", "d"]


def test_a_value_is_text_or_a_number_and_never_long() -> None:
    (line,) = logged(
        """
logs.configure()
log.info("x", reason="r" * 1000, count=3, state=None, port=True, code={1: 2}, error="第\\n二行")
"""
    )
    assert len(line["reason"]) == 300
    assert (line["count"], line["state"], line["port"]) == (3, None, True)
    assert (line["code"], line["error"]) == ("{1: 2}", "第\n二行"), "one event, one line"


def test_a_loggers_first_use_before_the_set_up_does_not_fix_it() -> None:
    """Modules make their loggers when they are imported."""
    (line,) = logged(
        """
import gateway.tasks, gateway.upstream.account, gateway.web.middleware
logs.configure()
gateway.tasks.log.info("x", secret=SECRET)
"""
    )
    assert line["dropped"] == ["secret"]


def test_lines_go_where_they_are_sent() -> None:
    assert (
        logged(
            """
import io, json
stream = io.BytesIO()
logs.configure(stream=stream)
log.info("x")
assert json.loads(stream.getvalue())["event"] == "x"
"""
        )
        == []
    )


# ---- requests


class Writes(io.BytesIO):
    """A stream that counts how often it is written to."""

    times = 0

    def write(self, data: Any) -> int:
        self.times += 1
        return super().write(data)


async def test_a_request_is_one_line_with_what_may_stand_in_it() -> None:
    stream = io.BytesIO()
    RequestLog(stream).add("GET", "/x/{id}", 200, 0.001234, "ab12", "ValueError at x.py:1")
    await asyncio.sleep(0)
    (raw,) = stream.getvalue().splitlines()
    line = json.loads(raw)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "method": "GET",
        "route": "/x/{id}",
        "status": 200,
        "duration_ms": 1.23,
        "request_id": "ab12",
        "error": "ValueError at x.py:1",
        "event": "request",
        "level": "info",
    }
    assert line.keys() < ALLOWED


async def test_lines_of_one_turn_go_out_together_and_in_order() -> None:
    stream = Writes()
    log = RequestLog(stream)
    for number in range(3):
        log.add("GET", "/x", 200 + number, 0.0, "ab12")
    await asyncio.sleep(0)
    log.add("X" * 1000 + "\n", "none", 400, None, "ab12")
    await asyncio.sleep(0)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["status"] for line in lines] == [200, 201, 202, 400]
    assert stream.times == 2
    assert (len(lines[3]["method"]), lines[3]["duration_ms"]) == (300, None)


async def test_a_full_disk_costs_lines_and_nothing_else() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        log = RequestLog(full)
        for _ in range(2):
            log.add("GET", "/x", 200, 0.0, "ab12")
            await asyncio.sleep(0)


def test_requests_are_logged_where_everything_is_and_not_above_their_level() -> None:
    lines = logged(
        """
import asyncio, sys
async def request(level):
    logs.configure(level).add("GET", "/x", 200, 0.0, level)
    await asyncio.sleep(0)
for level in ("debug", "info", "warning"):
    asyncio.run(request(level))
"""
    )
    assert [line["request_id"] for line in lines] == ["debug", "info"]
