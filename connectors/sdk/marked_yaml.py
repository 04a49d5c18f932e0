"""Read YAML that people write: a key that stands twice is found, and every part knows its line and column.

What it takes for a number, a truth or nothing is the core schema of YAML 1.2 (section 10.3.2): ``no`` and
``01`` are text, where PyYAML would make of them False and 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

Place: TypeAlias = tuple[int | str, ...]
"""Keys and list indexes from the root to a part."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Where something stands in a text; both numbers begin with 1."""

    line: int
    column: int

    def __str__(self) -> str:
        """Return both in words."""
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Marked:
    """What a text holds, and where."""

    content: Any = field(repr=False)
    """Mappings with text for keys, lists, and plain values; None for an empty text."""
    twice: tuple[tuple[Mark, str], ...]
    """Keys that stand twice in one mapping: where the second one stands. The content has the last value."""
    keys: dict[Place, Mark] = field(repr=False)
    values: dict[Place, Mark] = field(repr=False)

    def key(self, place: Place) -> Mark:
        """Return where a part's key stands; that of the part around it for one that is not there."""
        return _nearest(self.keys, place)

    def value(self, place: Place) -> Mark:
        """Return where a part's value begins; its key where it has none, as :meth:`key` does."""
        found = self.values.get(place)
        return found if found is not None else self.key(place)


def read_yaml(text: str) -> Marked:
    """Read one document.

    Raises yaml.YAMLError for what is no YAML, for tags that mean objects, keys that are no plain values, and
    a part that holds itself. What an alias stands for has the place of its anchor. Not guaranteed: that a
    text of few aliases is small when it is spread out.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return Marked(None, (), {(): Mark(1, 1)}, {})
        keys: dict[Place, Mark] = {(): _mark(root)}
        values = dict(keys)
        _walk(root, (), keys, values, {})
        return Marked(loader.construct_document(root), tuple(loader.twice), keys, values)
    finally:
        loader.dispose()


def unreadable(error: OSError | UnicodeDecodeError | yaml.YAMLError) -> str:
    """Say in one line why a file cannot be read; never quotes paths nor the file, which may hold secrets."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.twice: list[tuple[Mark, str]] = []

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Find the keys that stand twice, before a merge (``<<``) brings in others that may."""
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    problem="a key must be a plain word", problem_mark=key.start_mark
                )
            if key.value in seen:
                self.twice.append((_mark(key), key.value))
            seen.add(key.value)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # PyYAML's own signature
        """Take every key as it is written."""
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


# PyYAML's own resolvers belong to SafeLoader; these are the whole of ours.
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)",
        "-+.0123456789",
    ),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), list(_first))


def _walk(
    node: yaml.Node, place: Place, keys: dict[Place, Mark], values: dict[Place, Mark], seen: dict[int, bool]
) -> None:
    """Note the marks of all that is below a node; what stands behind an alias was noted at its anchor.

    ``seen`` tells of each node whether we are still inside of it.
    """
    if id(node) in seen:
        if seen[id(node)]:
            raise yaml.composer.ComposerError(problem="a part holds itself", problem_mark=node.start_mark)
        return
    seen[id(node)] = True
    parts: Iterable[tuple[int | str, yaml.Node, yaml.Node]] = ()
    if isinstance(node, yaml.MappingNode):
        parts = ((key.value, key, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        parts = ((index, value, value) for index, value in enumerate(node.value))
    for name, key, value in parts:
        keys[*place, name] = _mark(key)
        values[*place, name] = _mark(value)
        _walk(value, (*place, name), keys, values, seen)
    seen[id(node)] = False


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _nearest(marks: dict[Place, Mark], place: Place) -> Mark:
    while place not in marks:
        place = place[:-1]
    return marks[place]
