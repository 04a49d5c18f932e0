"""Files and rows drawn once for all who see the same of a person, and kept with what they see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from gateway.portal.shell import May

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.model import Person, SourceStatus
    from gateway.portal.page import Visit
    from gateway.portal.render import Drawing

FIRST_TRY, FIRST_DELAY_MS = 1, 700
"""Of a card whose system has not answered yet."""


def file_of(visit: Visit, person: Person, sources: Mapping[str, SourceStatus]) -> Drawing:
    """Return the body of a person's page.

    Beside what this reader may see of the person it depends on how the systems stand, on what purposes would
    open, on the way to the trail, and on the day by which times are told. The drawing knows nothing else of
    the reader.
    """
    services, face, subject = visit.services, visit.face, visit.session.subject
    audit = face.shells.may(subject).audit
    openings = face.desk.openings(subject, person.facts) if person.revealable else ()
    standing = ((name, one.status, one.as_of, one.detail, one.until) for name, one in sources.items())
    key = ("file", services.policy().version, services.clock.today(), audit, openings, *standing)
    kept: Drawing | None = person.kept.get(key)
    if kept is None:
        kept = person.kept[key] = face.renderer.draw(
            "person.html",
            May(search=False, systems=False, audit=audit),
            file=visit.clerk.file(person, sources),
            attempt=FIRST_TRY,
            delay_ms=FIRST_DELAY_MS,
            asking=None,
        )
    return kept


def rows_of(visit: Visit, people: Iterable[Person]) -> Markup:
    """Return people as the lines of a list."""
    # Markup's own join escapes each once more to find out that it need not.
    return Markup("\n".join([row_of(visit, person) for person in people]))  # noqa: S704


def row_of(visit: Visit, person: Person, more: str = "") -> Markup:
    """Return a person as one line of a list, with ``more`` in the door's place.

    It depends on nothing but what this reader may see of the person.
    """
    key = ("row", more)
    kept: Markup | None = person.kept.get(key)
    if kept is None:
        kept = person.kept[key] = visit.face.renderer.row(visit.clerk.line(person), more)
    return kept
