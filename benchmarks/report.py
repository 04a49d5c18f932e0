"""A run as a text table and as JSON."""

from __future__ import annotations

from typing import Any

import orjson

from benchmarks.evidence import Evidence
from benchmarks.paths import HELLO
from benchmarks.result import NOISY, Result
from benchmarks.rounds import Line, Spread

_COLUMNS = (
    "path", "ratio", "least-most", "goal", "of", "CPU ratio", "a second", "us CPU", "p50 ms", "p99 ms",
    "load core", "strangers",
)  # fmt: skip
_SHORT = 52


def as_text(result: Result) -> str:
    """Return all that was found, for people."""
    parts = [_heading(result), _table([_COLUMNS, *(_row(line) for line in result.lines)])]
    parts += [
        f"{one.ours} is {one.times:.2f} times {one.peer} (goal {one.goal:g}: "
        f"{'reached' if one.times >= one.goal else 'BELOW'})"
        for one in result.rivalries
    ]
    parts += [f"NOT MEASURED  {absent.title}: {absent.why}" for absent in result.absent]
    parts += [*_evidence(result), *_rest(result)]
    if result.noise > NOISY:
        parts.append(
            f"NOISY  something else took {result.noise:.0%} of a core: do not publish these figures."
        )
    parts += [f"WRONG  {fault}" for fault in result.all_faults]
    return "\n".join(parts) + "\n"


def _heading(result: Result) -> str:
    setting = result.setting
    disk = f"{setting.disk.filesystem} ({setting.disk.sync_us:.0f} us a sync)"
    if not setting.disk.durable:
        disk += ", WHICH IS NO DISK: the audit costs more on a real one"
    sizes = ", ".join(f"{name} record {size} bytes" for name, size in result.record_bytes.items())
    people = f", {result.people} people in the directory" if result.people else ""
    return (
        f"{setting.at.isoformat()}  {setting.processor}, {setting.cores} cores; server on one, load "
        f"({setting.client}, 32 connections) on another\n"
        f"{setting.rounds} interleaved rounds of {setting.seconds:g} s, medians; audit on {disk}\n"
        f"{sizes}{people}\n"
        f"{' '.join(f'{name} {version}' for name, version in setting.versions.items())}\n"
    )


def _row(line: Line) -> tuple[str, ...]:
    goal = "" if line.path.goal is None else f"{line.path.goal:.2f}"
    if line.reached is not None:
        goal += " reached" if line.reached else " BELOW"
    wrong = "" if line.good else "WRONG ANSWERS"
    return (
        line.path.title[:_SHORT],
        f"{line.ratio.median:.2f}" if line.ratio else wrong,
        f"{line.ratio.least:.2f}-{line.ratio.most:.2f}" if line.ratio else "",
        goal,
        line.path.baseline or "",
        f"{line.cpu_ratio:.2f}" if line.cpu_ratio else "",
        f"{line.rate.median:,.0f}",
        f"{line.us.median:,.0f}",
        f"{line.p50_ms:.2f}",
        f"{line.p99_ms:.2f}",
        f"{line.load_share:.0%}",
        f"{line.strangers:.0%}",
    )


def _evidence(result: Result) -> list[str]:
    return [
        f"audit verify, {name} gateway: ok {evidence.verified} events; {_counted(evidence)}"
        for name, evidence in result.evidence.items()
    ]


def _counted(evidence: Evidence) -> str:
    return ", ".join(
        f"{evidence.events[action]} {action} for {answered} answers"
        + (
            f" and at most {evidence.cut_off[action]} that wrk cut off"
            if evidence.events[action] != answered
            else ""
        )
        for action, answered in evidence.answered.items()
    )


def _rest(result: Result) -> list[str]:
    parts: list[str] = []
    if result.start:
        parts.append(
            f"start to ready {result.start.started_s:.2f} s, {result.start.resident_mib:.0f} MiB before any request"
        )
    if result.storm:
        storm = result.storm
        parts.append(
            f"login storm: {storm.sign_ins.rate:.0f} sign-ins a second, {storm.us / 1000:.1f} ms CPU each; "
            f"a heartbeat beside them waits {storm.beside.p50_ms:.1f} ms (p99 {storm.beside.p99_ms:.1f}), "
            f"without them {storm.quiet.p50_ms:.1f} (p99 {storm.quiet.p99_ms:.1f})"
        )
    if result.stages:
        rows: list[tuple[str, ...]] = [("stage left out", "us CPU a lookup", "so it costs")]
        rows += [(stage.name, f"{stage.us:.1f}", f"{stage.costs_us:.1f}") for stage in result.stages]
        parts += ["", _table(rows)]
    if result.morning:
        parts += ["", result.morning.as_text()]
    return parts


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_json(result: Result) -> bytes:
    """Return all that was found, for programs."""
    setting = result.setting
    content: dict[str, Any] = {
        "at": setting.at.isoformat(),
        "good": result.good,
        "faults": result.all_faults,
        "one_is": HELLO,
        "client": setting.client,
        "rounds": setting.rounds,
        "seconds": setting.seconds,
        "processor": setting.processor,
        "audit_on": {"filesystem": setting.disk.filesystem, "sync_us": round(setting.disk.sync_us)},
        "versions": dict(setting.versions),
        "record_bytes": dict(result.record_bytes),
        "people_in_directory": result.people,
        "paths": {line.path.key: _line(line) for line in result.lines},
        "to_peers": [
            {"path": one.ours, "peer": one.peer, "times": round(one.times, 2), "goal": one.goal}
            for one in result.rivalries
        ],
        "not_measured": [{"title": absent.title, "why": absent.why} for absent in result.absent],
        "audit": {
            name: {"verified": one.verified, "events": one.events, "answered": one.answered}
            for name, one in result.evidence.items()
        },
        "start": result.start,
        "storm": _storm(result),
        "stages": [{"name": one.name, "us": one.us, "costs_us": one.costs_us} for one in result.stages],
        "morning": result.morning.as_dict() if result.morning else None,
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


def _line(line: Line) -> dict[str, Any]:
    return {
        "title": line.path.title,
        "baseline": line.path.baseline,
        "goal": line.path.goal,
        "ratio": _spread(line.ratio, 3),
        "cpu_ratio": round(line.cpu_ratio, 3) if line.cpu_ratio else None,
        "a_second": _spread(line.rate, 1),
        "us_cpu": _spread(line.us, 1),
        "p50_ms": round(line.p50_ms, 3),
        "p99_ms": round(line.p99_ms, 3),
        "load_core_busy": round(line.load_share, 3),
        "strangers": round(line.strangers, 3),
        "answered": line.answered,
        "wrong": line.wrong,
        "failed": line.failed,
    }


def _spread(spread: Spread | None, digits: int) -> dict[str, float] | None:
    if spread is None:
        return None
    return {
        "median": round(spread.median, digits),
        "least": round(spread.least, digits),
        "most": round(spread.most, digits),
    }


def _storm(result: Result) -> dict[str, float] | None:
    storm = result.storm
    if storm is None:
        return None
    return {
        "sign_ins_a_second": round(storm.sign_ins.rate, 1),
        "us_cpu": round(storm.us, 1),
        "heartbeat_p99_ms": round(storm.beside.p99_ms, 2),
        "heartbeat_quiet_p99_ms": round(storm.quiet.p99_ms, 2),
    }
