"""The shapes of the API, for validation and for its description."""

from __future__ import annotations

from datetime import datetime  # pydantic reads the annotations
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Purpose = Annotated[
    str,
    Field(min_length=1, max_length=64, description="Code of purposes.yaml; the role's default when absent."),
]
Committee = Annotated[str, Field(pattern=r"^[0-9]{12}$", description="12-digit region code.")]
Note = Annotated[
    str, Field(min_length=1, max_length=500, description="Why, in words; some purposes need it.")
]


class In(BaseModel):
    """What a caller sends: unknown fields are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Out(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid")


class SignInBody(In):
    """Sign in."""

    username: str = Field(min_length=1, max_length=128)
    password: str = Field(min_length=1, max_length=256, repr=False)
    otp: str | None = Field(
        default=None, max_length=16, repr=False, description="Second factor, where the account has one."
    )


class SearchBody(In):
    """Search by name, pinyin, initials, door (3-502), age (90+), tag (独居), a number's tail or an ID."""

    query: str = Field(min_length=1, max_length=64, repr=False)
    limit: int = Field(default=20, ge=1, le=50)
    purpose: Purpose | None = None
    note: Note | None = Field(default=None, repr=False)


class LookupBody(In):
    """Look up by document number."""

    id_number: str = Field(min_length=1, max_length=40, repr=False)
    purpose: Purpose | None = None
    note: Note | None = Field(default=None, repr=False)


class RevealBody(In):
    """Open masked fields."""

    fields: tuple[str, ...] = Field(min_length=1, max_length=16)
    purpose: Purpose
    note: Note | None = Field(default=None, repr=False)


class PurgeBody(In):
    """Forget a person by token or document number, or a committee, or everything; of one system or of all."""

    system: str | None = Field(default=None, max_length=64)
    resident: str | None = Field(default=None, max_length=200, description="A resident's token.")
    id_number: str | None = Field(default=None, min_length=1, max_length=40, repr=False)
    committee: Committee | None = None

    @model_validator(mode="after")
    def _of_one_thing(self) -> PurgeBody:  # noqa: N804  # an "after" validator is an instance method
        whom = [one for one in (self.resident, self.id_number, self.committee) if one is not None]
        if len(whom) > 1 or not (whom or self.system):
            raise PydanticCustomError("purge_of", "one of them, or a system")
        return self


class ChangedPerson(In):
    """Somebody, by document number or by the system's own number."""

    id_number: str | None = Field(default=None, min_length=1, max_length=40, repr=False)
    local_id: str | None = Field(default=None, min_length=1, max_length=64, repr=False)

    @model_validator(mode="after")
    def _by_one_number(self) -> ChangedPerson:  # noqa: N804  # as above
        if (self.id_number is None) is (self.local_id is None):
            raise PydanticCustomError("changed_person", "one of them")
        return self


class ChangeBody(In):
    """What changed in a line system; headers ``webhook-id``, ``-timestamp`` and ``-signature`` sign it."""

    people: tuple[ChangedPerson, ...] = Field(default=(), max_length=200)
    committees: tuple[Committee, ...] = Field(default=(), max_length=20)
    everything: bool = False

    @model_validator(mode="after")
    def _something(self) -> ChangeBody:  # noqa: N804  # as above
        if self.everything is bool(self.people or self.committees):
            raise PydanticCustomError("change_of", "people, committees or everything")
        return self


class PurposeQuery(In):
    """Query string of a look."""

    purpose: Purpose | None = None


class AuditQuery(In):
    """Query string of the audit."""

    resident: str | None = Field(default=None, max_length=200, description="A resident's token.")
    actor: str | None = Field(default=None, max_length=64)
    action: str | None = Field(default=None, max_length=32)
    from_: datetime | None = Field(default=None, alias="from")
    to: datetime | None = None
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=200)


class User(Out):
    """An account."""

    username: str
    display_name: str
    roles: list[str]
    scope: list[str] = Field(description="Region-code prefixes.")


class SignedIn(Out):
    """A new session; its id is in the cookie."""

    user: User
    csrf_token: str = Field(description="Send it as X-CSRF-Token with every state-changing call.")
    expires_at: datetime


class Me(User):
    """The signed-in account."""

    csrf_token: str


class Source(Out):
    """How one line system stands in this answer."""

    status: str = Field(description="ok, stale, not_found, timeout, unavailable, drifted or denied")
    as_of: datetime | None = None
    cache: str | None = Field(default=None, description="hit, miss or stale")
    detail: str | None = None
    until: datetime | None = None


class Hit(Out):
    """One row of a search."""

    resident: str
    name: str | None
    age: int | None
    gender: str | None
    door: str | None
    tags: list[str]
    committee: str | None


class Hits(Out):
    """The rows of a search."""

    results: list[Hit]
    complete: bool
    sources: dict[str, Source]
    hints: list[str] = Field(description="wide_area_name_only, tail_needs_purpose")


class Other(Out):
    """Another system's value of the same field."""

    value: Any
    source: str
    as_of: datetime


class RecordField(Out):
    """One field, with where it comes from and how old it is."""

    value: Any
    masked: bool
    revealable: bool | None = None
    source: str
    as_of: datetime
    others: list[Other] | None = None
    conflict: bool | None = None


class Withheld(Out):
    """Why a field is absent."""

    rule: str


class Record(Out):
    """A person, as this reader may see them."""

    resident: str
    household: str | None
    fields: dict[str, RecordField]
    withheld: dict[str, Withheld]
    sources: dict[str, Source]
    complete: bool


class Household(Out):
    """The members of a household."""

    household: str
    door: str | None
    members: list[Record]
    complete: bool
    sources: dict[str, Source]


class Revealed(Out):
    """One opened field."""

    value: Any
    until: datetime
    source: str
    as_of: datetime
    others: list[Other] | None = None


class Revealing(Out):
    """The opened fields."""

    fields: dict[str, Revealed]


class LoginState(Out):
    """What was last seen of a system's login page, or of signing in with the test account."""

    status: str = Field(description="ok, drifted, captcha, rejected, unavailable or unknown")
    checked_at: datetime | None


class SystemState(Out):
    """How one line system is doing."""

    name: str
    title: str
    seal: str
    status: str = Field(description="ok, unavailable, drifted, maintenance or needs_attention")
    why: str | None = Field(description="Why it is not asked, a fixed word")
    advice: str | None = Field(description="What the person can do about it")
    until: datetime | None = Field(description="When the maintenance that is under way ends")
    account: str
    personal: bool = Field(description="Whether each person has an account of their own; then it is yours")
    last_success: datetime | None
    latency_ms: float | None
    breaker: str
    queue: int
    drifted: bool
    login: LoginState


class Systems(Out):
    """All line systems."""

    systems: list[SystemState]


class AuditPage(Out):
    """Events, newest first."""

    events: list[dict[str, Any]]
    next: str | None


class Health(Out):
    """Whether we are well."""

    status: str


class Problem(Out):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    rule: str | None = None
    reason: str | None = None
    errors: list[dict[str, str]] | None = None
