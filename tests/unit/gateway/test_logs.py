"""Logs, each in a process of its own: they are set up once for the whole process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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
