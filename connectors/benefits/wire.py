"""How the exchange writes its answers, and how they become records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from connectors.benefits import codes
from connectors.benefits.records import Beneficiary
from connectors.sdk import BadUpstreamData, CitizenId, Identity, IdentityKind, decode

SYSTEM: Final = "benefits"
PAGE_SIZE: Final = 100
"""The largest that the exchange allows."""

_REGION: Final = re.compile(r"[0-9]{12}")
_MOST_YUAN: Final = 1_000_000

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Wire(BaseModel):
    """Types must be exact; errors quote nothing. What was not granted counts as not said."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _only_what_was_granted(cls, content: object) -> object:
        """Drop every value with an asterisk: a mask, whole (``***``) or in part, in place of any type."""
        if not isinstance(content, dict):
            return content
        return {
            name: value for name, value in content.items() if not (isinstance(value, str) and "*" in value)
        }


class Answer(Wire):
    """Every answer that is not about signing comes with HTTP 200; ``code`` tells whether it worked."""

    success: bool
    code: str
    data: object = None


class Paid(Wire):
    """One subsidy."""

    type: Text | None = None
    monthly: Text | None = None
    """Yuan."""


class Row(Wire):
    """One person. Absent, null, empty and masked mean the same: the system does not say."""

    file_no: str = Field(pattern=r"^[A-Za-z0-9-]{1,40}$")
    name: Text | None = None
    cert_no: Text
    """In 18 or, from before 1999, in 15 digits. Without it nothing here can be joined to a person, so an
    exchange that does not grant it is useless to us, and that must not go unnoticed."""
    region: Text | None = None
    disability_category: Text | None = None
    disability_grade: Text | None = None
    subsidies: list[Paid] | None = Field(default=None, max_length=20)
    veteran_type: Text | None = None
    veteran_monthly: Text | None = None


class Page(Wire):
    """Rows of one answer; ``total`` counts the rows of all pages."""

    total: int
    rows: list[Row] = Field(alias="list", max_length=PAGE_SIZE)


def page(response: httpx.Response) -> Page:
    """Read an answer; raises what its own code means, else BadUpstreamData."""
    answer = Answer.model_validate(orjson.loads(decode(response)))
    if answer.code != codes.OK or not answer.success:
        meaning = codes.MEANINGS.get(answer.code, BadUpstreamData)
        raise meaning
    return Page.model_validate(answer.data)


def record(row: Row) -> Beneficiary:
    """Translate one row. A code that we do not know leaves its field empty.

    Raises ValueError for a citizen number that is none.
    """
    number, region = CitizenId.parse(row.cert_no).number, row.region or ""
    category = codes.CATEGORIES.get(row.disability_category or "")
    grade = codes.GRADES.get(row.disability_grade or "", "")
    veteran = codes.VETERANS.get(row.veteran_type or "")
    subsidies = dict.fromkeys(codes.SUBSIDIES.get(paid.type or "") for paid in row.subsidies or ())
    tags = ((codes.DISABLED_TAG, category), (codes.VETERAN_TAG, veteran))
    return Beneficiary(
        identity=Identity(IdentityKind.CITIZEN, number),
        local_id=row.file_no,
        registered_region=region if _REGION.fullmatch(region) else "",
        name=row.name or None,
        id_number=number,
        disability=f"{category}{grade}" if category else None,
        disability_subsidies=tuple(name for name in subsidies if name) or None,
        veteran_status=veteran,
        benefit_amounts=tuple(_amounts(row, veteran)) or None,
        tags=tuple(tag for tag, known in tags if known) or None,
    )


def _amounts(row: Row, veteran: str | None) -> Iterator[str]:
    """Yield e.g. 残疾军人每月2,900元, for whatever kind and sum are both known of."""
    paid = [(codes.SUBSIDIES.get(one.type or ""), one.monthly) for one in row.subsidies or ()]
    for title, monthly in (*paid, (veteran, row.veteran_monthly)):
        yuan = _yuan(monthly)
        if title and yuan:
            yield f"{title}每月{yuan}元"


def _yuan(written: str | None) -> str | None:
    try:
        yuan = Decimal(written or "NaN")
    except InvalidOperation:
        return None
    if not yuan.is_finite() or not 0 < yuan <= _MOST_YUAN:
        return None
    return f"{yuan:,.0f}" if yuan == int(yuan) else f"{yuan:,.2f}"
