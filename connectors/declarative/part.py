"""What the parts of a description are made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from connectors.declarative.pointer import Pointer


class Part(BaseModel):
    """A frozen part of a description; unknown keys are faults, and types must be exact."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_by_name=True, hide_input_in_errors=True
    )


def _word(given: Any) -> Any:
    """Return a code as text: 0 and "0" are the same, whichever way the author or the system writes it."""
    if isinstance(given, bool):
        return str(given).lower()
    return str(given) if isinstance(given, int) else given


def _pointer(given: Any) -> Pointer:
    if not isinstance(given, str):
        raise ValueError("must be text")  # noqa: TRY004  # pydantic takes ValueError
    return Pointer.parse(given)


def _one_or_more(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


Word = Annotated[str, BeforeValidator(_word)]
Words = Annotated[tuple[Word, ...], Field(strict=False, min_length=1), BeforeValidator(_one_or_more)]
Where = Annotated[Pointer, PlainValidator(_pointer)]
Path = Annotated[str, Field(pattern=r"^/")]
Charset = Literal["utf-8", "gb18030"]
"""GB18030 also reads GBK and GB2312."""
Seconds = Annotated[float, Field(gt=0, le=7 * 86_400, strict=False)]


def word_of(value: object) -> str:
    """Return what a system said as the text that a table of codes is looked up with; empty for no code."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int) else ""
