"""Structured logs, one JSON line an event, and an allow-list of what may stand in them."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

ALLOWED = frozenset(
    [
        "account",
        "action",
        "address",
        "breaker",
        "chain",
        "code",
        "count",
        "duration_ms",
        "error",
        "events",
        "faults",
        "file",
        "host",
        "level",
        "method",
        "operation",
        "pid",
        "port",
        "reason",
        "request_id",
        "route",
        "rule",
        "seq",
        "state",
        "status",
        "system",
        "task",
        "timestamp",
        "url",
        "version",
        "workers",
        "event",
    ]
)
"""Keys that may be logged.

Values under any other key are dropped, for a list of the forbidden is never complete.
"""

_MAX_VALUE = 300


def _only_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    kept: EventDict = {}
    for key, value in event.items():
        if key not in ALLOWED:
            kept.setdefault("dropped", []).append(key)
        else:
            kept[key] = value if isinstance(value, int | float | None) else str(value)[:_MAX_VALUE]
    return kept


def _to_json(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    return orjson.dumps(event, default=str)


class RequestLog:
    """Write one line for each request, in the form of every other event.

    It is the hottest line by far, so it is made in one step from values that may stand in a log, and goes out
    with those of the same turn of the event loop. A process that is killed loses that turn's lines: what must
    not be lost stands in the audit log.
    """

    def __init__(self, stream: Any, *, on: bool = True) -> None:  # any binary stream
        self._stream = stream
        self._on = on
        self._lines: list[bytes] = []

    def add(
        self,
        method: str,
        route: str,
        status: int,
        duration_s: float | None,
        request_id: str,
        error: str | None = None,
    ) -> None:
        """Note a request by its route, never by its address; needs a running event loop."""
        if not self._on:
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(
            orjson.dumps(
                {
                    "method": method[:_MAX_VALUE],
                    "route": route,
                    "status": status,
                    "duration_ms": None if duration_s is None else round(duration_s * 1000, 2),
                    "request_id": request_id,
                    "error": error,
                    "event": "request",
                    "level": "info",
                    "timestamp": datetime.now(UTC),
                },
                option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE,
            )
        )

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        # A full disk or a closed pipe costs lines, not answers.
        with suppress(OSError):
            self._stream.write(b"".join(lines))
            self._stream.flush()


def configure(level: str = "info", stream: Any = None) -> RequestLog:  # any binary stream
    """Set up logging for the process: our events as JSON lines, other libraries' warnings by name only.

    Return where requests are logged. aiohttp logs bytes of broken requests and authlib logs tokens at debug
    level, so the loggers of libraries are not handed on: only that there was a warning, and whose.
    """
    threshold, stream = logging.getLevelNamesMapping()[level.upper()], stream or sys.stderr.buffer
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            _to_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.BytesLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Foreign()], level=logging.WARNING, force=True)
    return RequestLog(stream, on=threshold <= logging.INFO)


class _Foreign(logging.Handler):
    """Log that a library warned, without its words."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().warning("library.warned", system=record.name, error=error)
