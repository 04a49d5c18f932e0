"""How the system writes its answers, and how they become records."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

import httpx
import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from connectors.elderly import codes
from connectors.elderly.records import ElderlyPerson
from connectors.sdk import BadUpstreamData, CitizenId, Identity, IdentityKind, Record, decode

SYSTEM: Final = "elderly"
PAGE_SIZE: Final = 200
"""The largest that the system allows."""

_REGION: Final = re.compile(r"[0-9]{12}")

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
IsoDate = Annotated[date, BeforeValidator(date.fromisoformat)]


class Wire(BaseModel):
    """Names on the wire are in camelCase; types must be exact; errors quote nothing."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        strict=True,
        validate_by_name=True,
    )


class Answer(Wire):
    """Every answer comes with HTTP 200; ``code`` tells whether it worked."""

    code: int
    data: object = None


class Elder(Wire):
    """One row. Absent, null and empty mean the same: the system does not say."""

    elder_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,40}$")
    elder_name: Text | None = None
    sex: Text | None = None
    birth_date: IsoDate | None = None
    id_card: Text | None = None
    """In 18 or, from before 1999, in 15 digits."""
    passport_no: Text | None = None
    mobile: Text | None = None
    live_address: Text | None = None
    committee_code: Text | None = None
    residence_status: Text | None = None
    live_alone: bool | None = None
    care_level: int | None = None
    allowance: int | None = None
    meal_service: bool | None = None
    milk_service: bool | None = None
    contact_name: Text | None = None
    contact_relation: Text | None = None
    contact_mobile: Text | None = None
    tag_codes: Text | None = None
    """Separated by commas."""
    status: Text | None = None


class Page(Wire):
    """Rows of a list; a lookup leaves ``total`` out."""

    total: int = 0
    rows: list[Elder] = Field(max_length=PAGE_SIZE)


def page(response: httpx.Response) -> Page:
    """Read an answer; no rows where the system says that it found nothing.

    Raises what the answer's own code means, else BadUpstreamData.
    """
    answer = Answer.model_validate(orjson.loads(decode(response)))
    if answer.code == codes.NOTHING_FOUND:
        return Page(rows=[])
    if answer.code != codes.OK:
        meaning = codes.MEANINGS.get(answer.code, BadUpstreamData)
        raise meaning
    return Page.model_validate(answer.data)


def record(row: Elder) -> ElderlyPerson:
    """Translate one row. A code that we do not know leaves its field empty.

    Raises ValueError for a citizen number that is none: whoever masks numbers upstream must not go unnoticed.
    """
    identity = _identity(row)
    level, allowance, region = row.care_level, row.allowance, row.committee_code or ""
    return ElderlyPerson(
        identity=identity,
        local_id=row.elder_id,
        residence_region=region if _REGION.fullmatch(region) else "",
        name=row.elder_name or None,
        gender=codes.GENDER.get(row.sex or ""),
        birth_date=row.birth_date,
        id_number=None if identity.kind is IdentityKind.LOCAL else identity.number,
        phone=row.mobile or None,
        address=row.live_address or None,
        residence_status=codes.RESIDENCE_STATUS.get(row.residence_status or ""),
        living_alone=row.live_alone,
        care_level=level if level in codes.CARE_LEVELS else None,
        allowance=allowance if allowance is not None and allowance >= 0 else None,
        meal_service=row.meal_service,
        milk_service=row.milk_service,
        emergency_contact=_contact(row),
        tags=_tags(row),
    )


def named(identity: Identity) -> dict[str, object] | None:
    """Return how to name a person to this system, None where it has no way."""
    match identity.kind:
        case IdentityKind.CITIZEN:
            return {"idCards": _forms(identity.number)}
        case IdentityKind.PASSPORT:
            return {"passportNo": identity.number}
        case IdentityKind.LOCAL:
            system, _, local_id = identity.number.partition(":")
            return {"elderId": local_id} if system == SYSTEM else None


def answers(person: Record, identity: Identity) -> bool:
    """Tell whether the person is the one who was asked for."""
    return identity in (person.identity, _local(person.local_id))


def _local(elder_id: str) -> Identity:
    return Identity(IdentityKind.LOCAL, f"{SYSTEM}:{elder_id}")


def _forms(number: str) -> list[str]:
    """Return the forms under which the system may have stored a citizen number."""
    try:
        return [number, CitizenId(number).old_form]
    except ValueError:
        return [number]


def _identity(row: Elder) -> Identity:
    if row.id_card:
        return Identity(IdentityKind.CITIZEN, CitizenId.parse(row.id_card).number)
    passport = "".join((row.passport_no or "").split()).upper()
    if passport:
        return Identity(IdentityKind.PASSPORT, passport)
    return _local(row.elder_id)


def _contact(row: Elder) -> str | None:
    """Return e.g. 陈建国（子）13900000000, with what is there of it."""
    relation = f"（{row.contact_relation}）" if row.contact_relation else ""
    return f"{row.contact_name or ''}{relation}{row.contact_mobile or ''}" or None


def _tags(row: Elder) -> tuple[str, ...] | None:
    """Return the tags we know; one unknown number says nothing against the others."""
    known = [codes.TAGS.get(code.strip()) for code in (row.tag_codes or "").split(",")]
    tags = dict.fromkeys(tag for tag in known if tag)
    if row.status == codes.DECEASED:
        tags[codes.DECEASED_TAG] = None
    return tuple(tags) if tags or row.tag_codes is not None else None
