"""Processes of the product, started and ended as a person at a shell would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

COMMAND = Path(sys.executable).with_name("community-cloud")
PASSWORD = "linden-harbour-quilt-58"
MOCK_PASSWORD = "granite-window-tulip-31"
ENVIRONMENT = os.environ | {
    "COMMUNITY_CLOUD_DEMO_PASSWORD": PASSWORD,
    "COMMUNITY_CLOUD_MOCK_PASSWORD": MOCK_PASSWORD,
    # Plain text, whatever terminal the tests run in.
    "NO_COLOR": "1",
    "TERM": "dumb",
    "COLUMNS": "200",
}
START_S = 30.0
END_S = 15.0


def command(*arguments: str | Path, typed: str = "", timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run one `community-cloud` command to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=ENVIRONMENT,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Command:
    """One command of several, with what is typed at its standard input."""

    words: tuple[str, ...]
    typed: str = ""


_ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
import gateway.cli
for words, typed in json.load(sys.stdin):
    sys.argv, sys.stdin, code = ["community-cloud", *words], io.StringIO(typed), 0
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            gateway.cli.main()
        except SystemExit as end:
            code = end.code or 0
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


def commands(*several: Command) -> list[subprocess.CompletedProcess[str]]:
    """Run short commands one after the other in one child process: its start takes longer than they do."""
    done = subprocess.run(
        [sys.executable, "-c", _ONE_AFTER_THE_OTHER],
        input=json.dumps([[each.words, each.typed] for each in several]),
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        subprocess.CompletedProcess(each.words, code, out, err)
        for each, (code, out, err) in zip(several, results, strict=True)
    ]


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> float:
    """Ask again until it is true; return how long it took. Raises AssertionError after `seconds`."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - start


def answers(url: str) -> bool:
    """Say whether anybody answers there."""
    try:
        httpx.get(url, timeout=2)
    except httpx.TransportError:
        return False
    return True


@dataclass(slots=True)
class Running:
    """A long-running command with what it prints kept in two files."""

    arguments: list[str]
    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)
    out: Path = field(init=False)
    err: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        number = len(list(self.folder.glob("*.out")))
        self.out, self.err = self.folder / f"{number}.out", self.folder / f"{number}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                self.arguments,
                # Mocks alone end with our end of the pipe, should this process die; nothing else reads it.
                stdin=subprocess.PIPE if "--until-stdin-closes" in self.arguments else subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=ENVIRONMENT,
            )

    def wait_for(self, marker: str) -> str:
        """Return the first line that begins with the marker, once it stands in the output."""

        def found() -> list[str]:
            return [line for line in self.out.read_text().splitlines() if line.startswith(marker)]

        def there() -> bool:
            assert self.process.poll() is None or found(), f"ended early:\n{self.printed()}"
            return bool(found())

        wait_until(there, START_S, f"{marker!r} from {self.arguments}")
        return found()[0]

    def printed(self) -> str:
        """Return all it printed, both streams."""
        return self.out.read_text(errors="replace") + self.err.read_text(errors="replace")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(END_S)
        if self.process.stdin:
            self.process.stdin.close()
        return code

    def clear_away(self) -> None:
        """End it whatever state it is in."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(END_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


@dataclass(slots=True)
class Gateway:
    """A gateway that answers: `demo` or `serve`."""

    running: Running
    data: Path
    base_url: str

    @property
    def addresses(self) -> dict[str, Any]:
        """Return what `demo.json` says while the demo runs."""
        content: dict[str, Any] = json.loads((self.data / "demo.json").read_text())
        return content


def start_demo(data: Path, *more: str) -> Gateway:
    """Start the demo on a free port and wait until it is ready."""
    arguments = [str(COMMAND), "demo", "--port", "0", "--data", str(data), *more]
    running = Running(arguments, data.with_name(f"{data.name}-printed"))
    return Gateway(running, data, _address(running))


def start_serving(config: Path) -> Gateway:
    """Start the production server and wait until it is ready."""
    running = Running(
        [str(COMMAND), "serve", "--config", str(config)],
        config.parent.with_name(f"{config.parent.name}-printed"),
    )
    return Gateway(running, config.parent, _address(running))


def _address(running: Running) -> str:
    try:
        return running.wait_for("ready ").removeprefix("ready ").strip()
    except AssertionError:
        running.clear_away()
        raise
