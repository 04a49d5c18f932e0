"""The rules of the house that import-linter cannot say: it knows modules, not parts of a library or calls."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.arch.source import Source, sources

RUN_TIME = ("connectors", "gateway", "mocks", "policies")
OURS = (*RUN_TIME, "benchmarks", "tests")

# Where a thing is found: line number and the words that name it.
Finding = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """What `find` reports in `folders` is a violation, unless an `allowed` pattern fits the module."""

    name: str
    why: str
    folders: tuple[str, ...]
    find: Callable[[Source], Iterator[Finding]]
    allowed: tuple[str, ...] = ()

    def violations(self, root: Path) -> list[str]:
        """Return `path:line: what` for each violation below root, in order of path."""
        return [
            f"{source.path.as_posix()}:{line}: {what}"
            for source in sources(root, *self.folders)
            if not any(fnmatchcase(source.module, pattern) for pattern in self.allowed)
            for line, what in sorted(set(self.find(source)))
        ]


def naming(pattern: str) -> Callable[[Source], Iterator[Finding]]:
    """Find every mention of a name that the pattern matches from its start."""
    wanted = re.compile(pattern)

    def find(source: Source) -> Iterator[Finding]:
        return ((m.line, m.name) for m in source.mentions() if wanted.match(m.name))

    return find


def kit_at_import(source: Source) -> Iterator[Finding]:
    """Find an import of the connector test kit that happens when the module loads."""
    for mention in source.mentions():
        if (
            mention.at_import
            and not mention.deferred
            and re.match(r"connectors\.sdk\.testing\b", mention.name)
        ):
            yield mention.line, mention.name


def loose_tasks(source: Source) -> Iterator[Finding]:
    """Find tasks that nothing waits for; those of an asyncio.TaskGroup end with its block and are allowed."""
    groups = _task_groups(source)
    for mention in source.mentions():
        if mention.name in {"asyncio.create_task", "asyncio.ensure_future"}:
            yield mention.line, mention.name
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "create_task"
        ):
            owner = node.func.value
            if not isinstance(owner, ast.Name | ast.Attribute) or ast.unparse(owner) not in groups | {
                "asyncio"
            }:
                yield node.lineno, ast.unparse(node.func)


def _task_groups(source: Source) -> set[str]:
    """Return the names that the file binds to a task group, by `async with ... as name` or by annotation."""
    names: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.withitem) and node.optional_vars and isinstance(node.context_expr, ast.Call):
            if source.dotted(node.context_expr.func) == "asyncio.TaskGroup":
                names.add(ast.unparse(node.optional_vars))
        elif isinstance(node, ast.arg) and node.annotation:
            if source.dotted(node.annotation) == "asyncio.TaskGroup":
                names.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and source.dotted(node.annotation) == "asyncio.TaskGroup":
            names.add(ast.unparse(node.target))
    return names


def vague_names(source: Source) -> Iterator[Finding]:
    """Find files and folders named for no noun."""
    for part in source.path.with_suffix("").parts:
        if re.fullmatch(r"(\w+_)?(utils?|helpers?|managers?)", part):
            yield 1, part


def patched_code(source: Source) -> Iterator[Finding]:
    """Find mocks, and replacements of our own code by name or by object."""
    ours = re.compile(rf"({'|'.join(RUN_TIME)})\.")
    for mention in source.mentions():
        if mention.name.startswith("unittest.mock"):
            yield mention.line, mention.name
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and re.match(r"assert_(any_|has_|not_)?(call|await)", node.attr):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            target = node.args[0]
            name = target.value if isinstance(target, ast.Constant) else source.dotted(target)
            if (
                node.func.attr in {"patch", "setattr", "delattr"}
                and isinstance(name, str)
                and ours.match(name)
            ):
                yield node.lineno, f"{node.func.attr} {name}"


RULES = (
    Rule(
        name="aiohttp.web only at the edge",
        why="what decides must not know that it is asked over HTTP",
        folders=RUN_TIME,
        find=naming(r"aiohttp\.web(\b|_)"),
        allowed=(
            "gateway.app",
            "gateway.keys",
            "gateway.portal",
            "gateway.portal.*",
            "gateway.web",
            "gateway.web.*",
            "mocks.server",
        ),
    ),
    Rule(
        name="HTTP client only in gateway.upstream",
        why="one factory holds the limits, the TLS context and the empty cookie jar",
        folders=("connectors", "gateway"),
        find=naming(r"aiohttp\.(client\.|connector\.)?(ClientSession|TCPConnector|UnixConnector|request)\b"),
        allowed=("gateway.upstream", "gateway.upstream.*"),
    ),
    Rule(
        name="httpx is a vocabulary, not a client",
        why="httpx.AsyncClient keeps its own pool and cookies; the runner drives requests itself",
        folders=("connectors", "gateway"),
        find=naming(r"httpx\.(AsyncClient|Client|delete|get|head|options|patch|post|put|request|stream)$"),
    ),
    Rule(
        name="background tasks start in one module",
        why="a task that nobody holds is lost with its error; gateway.tasks holds them",
        folders=RUN_TIME,
        find=loose_tasks,
        allowed=("gateway.tasks",),
    ),
    Rule(
        name="the environment is read in one module",
        why="a setting that is read elsewhere is neither checked at start-up nor listed",
        folders=RUN_TIME,
        find=naming(r"os\.(environb?|getenvb?|putenv|unsetenv)\b"),
        allowed=("gateway.settings", "gateway.settings.*", "gateway.cli.demo"),
    ),
    Rule(
        name="a file is named for its noun",
        why="utils, helpers and managers collect what has no place",
        folders=OURS,
        find=vague_names,
    ),
    Rule(
        name="the connector test kit is imported only when asked for",
        why="its plugin needs pytest, which a server does not install",
        folders=RUN_TIME,
        find=kit_at_import,
        allowed=("connectors.sdk.testing", "connectors.sdk.testing.*", "mocks.contracts.*"),
    ),
    Rule(
        name="tests drive real things",
        why="a test of a mock shows what the mock does",
        folders=("benchmarks", "tests"),
        find=patched_code,
    ),
)
