"""Open a masked field for a purpose: in its place with htmx, as a whole page without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.errors import Denied, GatewayError, InvalidInput, NoSuchThing
from gateway.portal.words import ZH
from gateway.web import respond
from gateway.web.reader import Why
from gateway.web.words import Language
from policies.reasons import SENTENCES

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.portal.page import Visit

_NOTE = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """What came of asking, where nothing was opened."""

    field: str
    fault: str
    rule: str = ""


async def reveal(visit: Visit) -> web.StreamResponse:
    """Open one field, or say in its place why not."""
    token, form = visit.request.match_info["resident"], visit.form
    name, purpose = form.get("field", ""), form.get("purpose", "")
    note = form.get("note", "").strip()
    if not purpose:
        return await _refused(visit, token, name, InvalidInput(("purpose", "missing")))
    if len(note) > _NOTE:
        return await _refused(visit, token, name, InvalidInput(("note", "note")))
    try:
        outcome = await visit.reader.reveal(token, (name,), Why(purpose, note or None))
    except (Denied, InvalidInput) as error:
        return await _refused(visit, token, name, error)
    clerk = visit.clerk
    row = clerk.opened(outcome.people[0], outcome.sources, name)
    if visit.part:
        return visit.fragment("parts/row.html", row=row, token=token, shell=visit.shell, asking=None)
    read = await visit.reader.person(token)
    file = clerk.file(read.people[0], read.sources, {name: row})
    answer = visit.page("person.html", file=file, attempt=1, delay_ms=0, asking=None)
    # No script covers it again when its time is up: the browser goes back to the masked file by itself.
    answer.headers["Refresh"] = f"{row.left_s}; url=/p/{token}"
    return answer


async def _refused(visit: Visit, token: str, name: str, error: Denied | InvalidInput) -> web.StreamResponse:
    asking = Asking(name, *_why(error))
    plain = respond.of_error(error, Language.ZH, visit.request_id)
    kept = {key: plain.headers[key] for key in ("Retry-After",) if key in plain.headers}
    if visit.part:
        return visit.fragment("parts/refused.html", status=plain.status, headers=kept, asking=asking)
    try:
        read = await visit.reader.person(token)
    except NoSuchThing:
        raise
    except GatewayError:
        # The file itself may not be read either: the first refusal says what counts.
        raise error from None
    file = visit.clerk.file(read.people[0], read.sources)
    answer = visit.page("person.html", status=plain.status, file=file, attempt=1, delay_ms=0, asking=asking)
    answer.headers.update(kept)
    return answer


def _why(error: Denied | InvalidInput) -> tuple[str, str]:
    """Return (sentence, rule)."""
    if isinstance(error, Denied):
        return SENTENCES[error.reason][Language.ZH], error.rule
    about = {field for field, _ in error.problems}
    return ZH["reveal_note_missing" if "note" in about else "reveal_purpose_missing"], ""
