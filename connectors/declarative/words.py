"""Say what is wrong with a description in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from connectors.declarative.part import Part

if TYPE_CHECKING:
    from connectors.sdk.marked_yaml import Mark, Marked, Place

_OF_THE_KEY: Final = frozenset({"extra_forbidden", "missing"})
_KEY: Final = "[key]"
"""What pydantic puts at the end of a place whose key is wrong, and not its value."""
_SENTENCES: Final[Mapping[str, str]] = {
    "bool_type": "must be true or false",
    "dict_type": "must hold keys and values",
    "int_type": "must be a whole number",
    "missing": "must be given",
    "model_type": "must hold keys and values",
    "string_type": "must be text: put it in quotes",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
}


def faults_of(error: ValidationError, text: Marked) -> Iterator[tuple[Mark, str]]:
    """Yield what pydantic found: where it stands, and a sentence that quotes no value."""
    problems = error.errors(include_url=False, include_input=False)
    for problem in problems:
        if problem["type"] == "too_short" and any(_inside(one["loc"], problem["loc"]) for one in problems):
            continue  # what is in it is wrong, so pydantic has left it out
        of_key = problem["type"] in _OF_THE_KEY or _KEY in problem["loc"]
        place: Place = tuple(step for step in problem["loc"] if step != _KEY)
        mark = text.key(place) if of_key else text.value(place)
        yield mark, said(place, _sentence(problem["type"], problem["msg"], problem.get("ctx", {}), place))


def _inside(place: Place, around: Place) -> bool:
    return len(place) > len(around) and place[: len(around)] == around


def said(place: Place, sentence: str) -> str:
    """Return a sentence about a part, which it names first."""
    name = ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
    return f"{name}: {sentence}" if name else sentence


def _sentence(kind: str, message: str, context: Mapping[str, Any], place: Place) -> str:
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[-1]), _known(), n=1)
        return f"there is no such key; did you mean {near[0]}?" if near else "there is no such key"
    if kind == "missing" and place[-1] == "kind":
        return "must be given: a field that does not say how sensitive it is would be shown to anybody"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context["pattern"]), "has another form")
    if kind == "value_error":
        return str(context["error"])
    if kind in {"enum", "literal_error"}:
        return f"must be one of {context['expected']}".replace("'", "").replace(" or ", ", ")
    if kind == "none_required":
        return "must be empty"
    return _SENTENCES.get(kind) or message.replace("Input should be", "must be").replace("String", "text")


_PATTERNS: Final[Mapping[str, str]] = {
    r"^/": "must be a path that begins with /",
    r"^[A-Za-z0-9-]{1,64}$": "must be the name of a header: letters, digits and -",
    r"^[a-z][a-z0-9_]{1,31}$": "must be a lower-case word of 2 to 32 letters, digits and _",
}


def _known() -> list[str]:
    return sorted(
        {info.alias or name for part in Part.__subclasses__() for name, info in part.model_fields.items()}
    )
