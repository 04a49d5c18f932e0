"""A Python file as the rules see it: the names it mentions, wherever they came from."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a file names something imported, by its full dotted name."""

    name: str
    line: int
    at_import: bool
    deferred: bool
    """It stands in a function, or below `if TYPE_CHECKING`: loading the module does not run it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed file of the tree.

    Names are resolved through the file's own import statements, aliases and relative imports included. Not
    resolved: names rebound by assignment, `getattr`, `importlib.import_module` and star imports.
    """

    path: Path
    module: str
    tree: ast.Module
    aliases: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path, path: Path) -> Self:
        """Parse the file at root/path; path is relative to root."""
        parts = path.with_suffix("").parts
        package = parts[-1] == "__init__"
        tree = ast.parse((root / path).read_text(encoding="utf-8"), filename=str(path))
        module = ".".join(parts[:-1] if package else parts)
        home = parts[:-1]
        aliases: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    aliases[bound] = alias.name if alias.asname else bound
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    aliases[alias.asname or alias.name] = f"{_origin(node, home)}.{alias.name}"
        return cls(path, module, tree, aliases)

    def dotted(self, node: ast.expr) -> str | None:
        """Return the full name of `a.b.c` when `a` was imported, else None."""
        tail: list[str] = []
        while isinstance(node, ast.Attribute):
            tail.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.aliases:
            return None
        return ".".join([self.aliases[node.id], *reversed(tail)])

    def mentions(self) -> Iterator[Mention]:
        """Yield every imported name, at its import and wherever it is used."""
        home = self.path.with_suffix("").parts[:-1]
        inner = _deferred(self.tree)
        for node in ast.walk(self.tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{_origin(node, home)}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Attribute | ast.Name) and (name := self.dotted(node)):
                names = [name]
            else:
                continue
            at_import = isinstance(node, ast.Import | ast.ImportFrom)
            for name in names:
                yield Mention(name, node.lineno, at_import, id(node) in inner)


def _origin(node: ast.ImportFrom, home: tuple[str, ...]) -> str:
    """Return the absolute name of the module that `from ... import` reads; home is the file's own package."""
    if not node.level:
        return node.module or ""
    base = home[: len(home) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _deferred(tree: ast.Module) -> set[int]:
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _for_types(node)
        for inner in ast.walk(node)
        if inner is not node
    }


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def sources(root: Path, *folders: str) -> Iterator[Source]:
    """Yield every Python file below the given folders of root, in order of path; absent folders hold none."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield Source.read(root, path.relative_to(root))
