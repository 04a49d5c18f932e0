"""The shape of the policy files: what an administrator writes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from policies.model import Action, Effect

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Seconds = Annotated[int, Field(gt=0, le=3600)]


class Document(BaseModel):
    """A frozen part of a policy file; unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Where(Document):
    """The conditions of a grant; all must hold."""

    region: Literal["own", "residence", "registered", "any"]
    """Which of the person's regions must lie in the role's scope.

    ``own`` the one lived in or the registered one, ``any`` no matter which.
    """
    age_from: int | None = Field(default=None, ge=0, le=130)
    household: Literal["own"] | None = None
    children: tuple[Code, ...] = ()
    """Purposes under which the grant also covers children under 14; none by default."""


class Grant(Document):
    """Permit actions on one system's fields."""

    system: Code
    actions: tuple[Action, ...] = Field(min_length=1)
    where: Where | None = None
    """Required for line systems; the gateway's own grants have none."""
    fields: dict[str, Effect] = {}


class Reveal(Document):
    """Permit masked fields to be opened for a purpose and a time."""

    fields: tuple[str, ...] = Field(min_length=1)
    purposes: tuple[Code, ...] = Field(min_length=1)
    for_seconds: Seconds


class Unless(Document):
    """The condition that lifts a forbid."""

    second_factor: Literal[True]


class Forbid(Document):
    """Forbid actions, whatever else permits them."""

    actions: tuple[Action, ...] = Field(min_length=1)
    systems: tuple[Code, ...] = ()
    """Systems it holds for; all when empty."""
    fields: tuple[str, ...] = ()
    """Fields it withholds; when empty the whole action is forbidden."""
    unless: Unless | None = None


class Quota(Document):
    """How much a day, per account; None is no limit."""

    residents_per_day: int | None = Field(default=None, gt=0)
    reveals_per_day: int | None = Field(default=None, gt=0)


class Role(Document):
    """One role: the content of ``roles/NAME.yaml``."""

    role: Code
    title: str
    default_purpose: Code = "daily_service"
    grants: tuple[Grant, ...] = ()
    reveal: tuple[Reveal, ...] = ()
    forbid: tuple[Forbid, ...] = ()
    quota: Quota = Quota()


class Purpose(Document):
    """A reason to look: one entry of ``purposes.yaml``."""

    title: str
    title_en: str
    note_required: bool = False
    opens: dict[str, Seconds] = {}
    """Fields it may open, and for at most how many seconds."""
