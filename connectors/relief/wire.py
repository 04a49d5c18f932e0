"""How the system writes its answers, and how they become records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

import httpx
from lxml import etree

from connectors.relief import codes
from connectors.relief.records import ReliefPerson
from connectors.sdk import BadUpstreamData, CitizenId, Identity, IdentityKind
from connectors.sdk.soap import SoapService
from connectors.sdk.xml import child_text, child_texts, parse_xml

SYSTEM: Final = "relief"
SERVICE: Final = SoapService("/services/ReliefService", "http://service.relief", codes.ERRORS)
PAGE_SIZE: Final = 50
"""The system's own; it cannot be chosen."""

_COUNT: Final = re.compile(r"[0-9]{1,9}")
_LOCAL_ID: Final = re.compile(r"[A-Za-z0-9-]{1,40}")
_REGION: Final = re.compile(r"[0-9]{12}")
_LONGEST: Final = 200
_MOST_YUAN: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one answer; ``total`` counts the rows of all pages."""

    total: int
    rows: list[etree._Element]


def page(response: httpx.Response) -> Page:
    """Read an answer; no rows where the system says nil or that it knows nobody.

    Raises what the system's error words mean, else BadUpstreamData.
    """
    text = SERVICE.answer(response)
    if text is None or text.strip() == codes.NOBODY:
        return Page(0, [])
    root = parse_xml(text)
    count = child_text(root, "COUNT") or ""
    rows = root.findall("ROW")
    if root.tag != "RESULT" or not _COUNT.fullmatch(count) or len(rows) > PAGE_SIZE:
        raise BadUpstreamData("not a result")
    return Page(int(count), rows)


def record(row: etree._Element) -> ReliefPerson:
    """Translate one row. A code that we do not know leaves its field empty.

    Raises BadUpstreamData for an unusable local number or a text that is too long, ValueError for a citizen
    number that is none: whoever masks numbers upstream must not go unnoticed.
    """
    said = child_texts(row)
    local_id = _text(said, "DXBH") or ""
    if not _LOCAL_ID.fullmatch(local_id):
        raise BadUpstreamData("a row without a number")
    written = _text(said, "SFZH")
    number = CitizenId.parse(written).number if written else None
    region = _text(said, "HJJWHDM") or ""
    return ReliefPerson(
        identity=Identity(IdentityKind.CITIZEN, number)
        if number
        else Identity(IdentityKind.LOCAL, f"{SYSTEM}:{local_id}"),
        local_id=local_id,
        household=_text(said, "JTBH"),
        registered_region=region if _REGION.fullmatch(region) else "",
        name=_text(said, "XM"),
        id_number=number,
        relief_programmes=_programmes(said),
        relief_status=codes.STATUS.get(_text(said, "JZZT") or ""),
        relief_benefits=_benefits(_text(said, "JZJE"), codes.PAID.get(_text(said, "FFFS") or "")),
        registered_address=_text(said, "HJDZ"),
    )


def _text(said: Mapping[str, str | None], tag: str) -> str | None:
    text = said.get(tag)
    if text is not None and len(text) > _LONGEST:
        raise BadUpstreamData("a text that is too long")
    return text


def _programmes(said: Mapping[str, str | None]) -> tuple[str, ...] | None:
    """Return the present names, by number, else by name; None when we know none of them."""
    numbers = (_text(said, "JZLBDM") or "").split(",")
    names = (_text(said, "JZLBMC") or "").split(",")
    by_number = [codes.PROGRAMMES.get(number.strip()) for number in numbers]
    by_name = [codes.PROGRAMME_NAMES.get(name.strip()) for name in names]
    known = by_name if None in by_number and any(by_name) else by_number
    return tuple(dict.fromkeys(name for name in known if name)) or None


def _benefits(amount: str | None, paid: str | None) -> str | None:
    """Return e.g. 每月1,240元 for ``1240.00`` and 每月; None for what is no sensible amount."""
    try:
        yuan = Decimal(amount or "NaN")
    except InvalidOperation:
        return None
    if paid is None or not yuan.is_finite() or not 0 < yuan <= _MOST_YUAN:
        return None
    return f"{paid}{yuan:,.0f}元" if yuan == int(yuan) else f"{paid}{yuan:,.2f}元"
