"""Records: what a connector makes of an upstream's answer."""

from __future__ import annotations

from datetime import date  # pydantic reads the annotation
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from connectors.sdk.kinds import Kind
from connectors.sdk.query import Identity  # pydantic reads the annotation

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = str | int | bool | date | tuple[str, ...]
"""What a field may hold. ``None`` means that the system does not say, which is not the same as "no"."""


class UnclassifiedField(TypeError):
    """A record model has a field that does not say how sensitive it is."""


class Record(BaseModel):
    """One person as one system knows them.

    The fields declared here are facts for the gateway (identity, place, household) and are never shown as
    such. Every field that a subclass adds is data about the person: it bears a :class:`Kind` and one of the
    unified names, and holds a :data:`Value` or ``None``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    identity: Identity
    local_id: str = Field(min_length=1, repr=False)
    """The person's number within that system."""
    household: str | None = Field(default=None, repr=False)
    """The household's number within that system."""
    registered_region: str = ""
    """Region code of the registered place, 12 digits or a prefix; empty when the system does not say."""
    residence_region: str = ""
    """Region code of the place the person lives in, 12 digits or a prefix; empty when not said."""

    kinds: ClassVar[Mapping[str, Kind]] = {}
    """Kind of every data field by name, in order of declaration."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # pydantic's own signature
        """Collect the kinds; refuse a field without exactly one."""
        super().__pydantic_init_subclass__(**kwargs)
        kinds: dict[str, Kind] = {}
        for name, info in cls.model_fields.items():
            if name in Record.model_fields:
                continue
            found = [mark for mark in info.metadata if isinstance(mark, Kind)]
            if len(found) != 1:
                place = f"{cls.__module__}.{cls.__name__}.{name}"
                msg = f"{place}: a field needs exactly one Kind, e.g. Annotated[str | None, Kind.NAME]"
                raise UnclassifiedField(msg)
            kinds[name] = found[0]
        cls.kinds = kinds

    def __repr__(self) -> str:
        """Show the type only: a record in a traceback must not show a person."""
        return f"<{type(self).__name__}>"

    __str__ = __repr__
