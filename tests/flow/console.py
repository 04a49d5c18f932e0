"""Commands that a document tells, run as they stand there, and what it says that they print."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.flow.running import COMMAND, ENVIRONMENT

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(slots=True)
class Told:
    """One command (`$`, continued by `>`) and the lines below it; `...` stands for any text."""

    command: str
    lines: list[str] = field(default_factory=list)

    def run(self, folder: Path, commands: Path = COMMAND.parent, **more: str) -> list[str]:
        """Run it by a shell in a folder; return the lines it printed, both streams.

        `commands` is the folder of the installed ones; `more` are variables of the environment.
        """
        done = subprocess.run(
            ["bash", "-c", self.command],
            cwd=folder,
            # The document's language is English, whoever runs it.
            env={**ENVIRONMENT, "PATH": f"{commands}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout.splitlines()

    def fits(self, printed: list[str]) -> bool:
        """Say whether that is what the document tells."""
        told = [".*".join(map(re.escape, line.split("..."))) for line in self.lines]
        return len(told) == len(printed) and all(map(re.fullmatch, told, printed))


def told_in(document: Path) -> Iterator[Told]:
    """Yield the commands of the document's console blocks, in order."""
    for block in _BLOCK.findall(document.read_text("utf-8")):
        told: Told | None = None
        for line in block.splitlines():
            if line.startswith("$ "):
                if told:
                    yield told
                told = Told(line.removeprefix("$ "))
            elif told and line.startswith("> "):
                told.command += "\n" + line.removeprefix("> ")
            elif told:
                told.lines.append(line)
        if told:
            yield told
