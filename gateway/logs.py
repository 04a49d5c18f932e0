"""Structured logs, one JSON line an event, and an allow-list of what may stand in them."""

from __future__ import annotations

import logging
import sys
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


def configure(level: str = "info", stream: Any = None) -> None:  # any binary stream
    """Set up logging for the process: our events as JSON lines, other libraries' warnings by name only.

    aiohttp logs bytes of broken requests and authlib logs tokens at debug level, so the loggers of libraries
    are not handed on: only that there was a warning, and whose.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            _to_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(stream or sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Foreign()], level=logging.WARNING, force=True)


class _Foreign(logging.Handler):
    """Log that a library warned, without its words."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().warning("library.warned", system=record.name, error=error)
