"""The household system's JSON, checked strictly, and its rows made into records."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from httpx import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connectors.household import codes
from connectors.household.records import HouseholdPerson
from connectors.sdk import BadUpstreamData, CitizenId, Identity, IdentityKind, Throttled, Unavailable, decode

SYSTEM = "household"
CHARSET = "gb18030"
MAINTENANCE = "系统维护中"
MAX_ROWS = 100
"""The system's own bound of a page."""

_OVER_QUOTA = "4290"
_PAGE_CHARS = 4_096
_ROOM = re.compile(r"(\d{1,5})(?:号|幢|栋)(?:楼)?(\d{1,5})室")
_BIRTH = re.compile(r"[0-9]{8}")
_REGION = re.compile(r"[0-9]{12}")

Code = Annotated[str, StringConstraints(max_length=40)]
Text = Annotated[str, StringConstraints(max_length=300)]


class Row(BaseModel):
    """One person, with the system's own field names (pinyin initials). Unknown fields are let be."""

    model_config = ConfigDict(frozen=True, strict=True, str_strip_whitespace=True, hide_input_in_errors=True)

    RYBH: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    XM: Text | None = None
    XBDM: Code | None = None
    CSRQ: Code | None = None
    ZJLXDM: Code | None = None
    ZJHM: Code | None = None
    MZDM: Code | None = None
    LXDH: Code | None = None
    HH: Code | None = None
    HZGX: Code | None = None
    RHZT: Code | None = None
    RYLX: Code | None = None
    HJDJWHDM: Code | None = None
    HJDZ: Text | None = None
    JZDJWHDM: Code | None = None
    JZDZ: Text | None = None
    LDH: Code | None = None
    SH: Code | None = None
    SWRQ: Code | None = None

    def record(self) -> HouseholdPerson:
        """Translate the row.

        Raises ValueError or LookupError when identity or birth cannot be read; any other code that the
        tables lack leaves its field empty.
        """
        identity, number = self._identity()
        return HouseholdPerson(
            identity=identity,
            local_id=self.RYBH,
            household=self.HH or None,
            registered_region=_region(self.HJDJWHDM),
            residence_region=_region(self.JZDJWHDM),
            name=self.XM or None,
            gender=codes.GENDERS.get(self.XBDM or ""),
            birth_date=_birth(self.CSRQ) if self.CSRQ else None,
            ethnicity=codes.ETHNICITIES.get(self.MZDM or ""),
            id_number=number,
            phone=self.LXDH or None,
            door=self._door(),
            address=self.JZDZ or None,
            registered_address=self.HJDZ or None,
            residence_status=codes.RESIDENCE_STATUSES.get(self.RHZT or ""),
            resident_type=codes.RESIDENT_TYPES.get(self.RYLX or ""),
            household_role=codes.KINSHIP.get(self.HZGX or ""),
            tags=("已故",) if (self.SWRQ or "").strip("0") else None,
        )

    def _identity(self) -> tuple[Identity, str | None]:
        if not self.ZJHM:
            return Identity(IdentityKind.LOCAL, f"{SYSTEM}:{self.RYBH}"), None
        kind = codes.DOCUMENTS[self.ZJLXDM or ""]
        number = (
            CitizenId.parse(self.ZJHM).number if kind is IdentityKind.CITIZEN else _travel_document(self.ZJHM)
        )
        return Identity(kind, number), number

    def _door(self) -> str | None:
        """Return the door as it is spoken, 3-502, from its own fields or else out of the address."""
        if self.LDH and self.SH:
            return f"{self.LDH}-{self.SH}"
        found = _ROOM.search(self.JZDZ or "")
        return f"{found[1]}-{found[2]}" if found else None


class Answer(BaseModel):
    """One answer: the rows of a page, and how many rows there are on all pages."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)

    success: bool
    code: Code | None = None
    total: int = Field(default=0, ge=0)
    rows: list[Row] = Field(default=[], max_length=MAX_ROWS)


def read(response: Response) -> Answer:
    """Check one answer and return it.

    Raises Unavailable for the maintenance page, Throttled when the quota is used up, and BadUpstreamData or
    ValueError for all that is not an answer.
    """
    text = decode(response, CHARSET)
    if MAINTENANCE in text[:_PAGE_CHARS] and not text.lstrip().startswith("{"):
        raise Unavailable("in maintenance")
    answer = Answer.model_validate_json(text)
    if answer.code == _OVER_QUOTA:
        raise Throttled
    if not answer.success:
        raise BadUpstreamData("the system refused the question")
    return answer


def _birth(text: str) -> date:
    if not _BIRTH.fullmatch(text):
        raise ValueError("birth date is not yyyyMMdd")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _region(code: str | None) -> str:
    return code if code and _REGION.fullmatch(code) else ""


def _travel_document(number: str) -> str:
    return "".join(number.split()).upper()
