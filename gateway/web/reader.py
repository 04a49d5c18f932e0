"""One signed-in reader asking: the API and the portal build their calls here and await the same pipeline."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.sdk import CitizenId, FindHousehold, FindPerson, Identity, IdentityKind
from gateway.errors import InvalidInput
from gateway.model import Call, SearchPeople
from gateway.residents.terms import whole_number
from policies.model import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.identity.sessions import Session
    from gateway.keys import Services
    from gateway.model import Outcome

_PASSPORT = re.compile(r"[A-Z0-9]{5,20}")


@dataclass(frozen=True, slots=True)
class Why:
    """The purpose of a look; None is the role's default."""

    purpose: str | None = None
    note: str | None = None


ROUTINE = Why()


@dataclass(frozen=True, slots=True)
class Reader:
    """Ask the pipeline in one session's name.

    Every method raises InvalidInput for an unknown purpose or a missing note, NoSuchThing for a token that is
    none of ours, and what the pipeline raises: Denied, QuotaUsedUp, NotFoundInScope, SourceUnavailable,
    StoreUnavailable.
    """

    services: Services
    session: Session
    request_id: str

    async def search(self, text: str, limit: int, why: Why = ROUTINE) -> Outcome:
        """Find people within the reader's area.

        A whole citizen number finds at most the one who has it; NotFoundInScope then stands for nobody.
        """
        number = whole_number(text)
        if number is None:
            return await self._run(self._call(Action.SEARCH, SearchPeople(text, limit), why))
        identity = Identity(IdentityKind.CITIZEN, number)
        return await self._run(self._call(Action.SEARCH, FindPerson(identity), why, named_by_id=True))

    async def lookup(self, number: str, why: Why = ROUTINE) -> Outcome:
        """Look a person up by document number; unknown and out of scope are one NotFoundInScope."""
        return await self._run(self._call(Action.READ, FindPerson(document(number)), why, named_by_id=True))

    async def person(self, token: str, why: Why = ROUTINE) -> Outcome:
        """Read a person's record by token."""
        return await self._run(self._call(Action.READ, self._find(token), why))

    async def household(self, token: str, why: Why = ROUTINE) -> Outcome:
        """Read the members of a household by token."""
        number = self.services.tokens.household(token)
        return await self._run(self._call(Action.READ, FindHousehold(number), why))

    async def reveal(self, token: str, fields: Sequence[str], why: Why) -> Outcome:
        """Open masked fields of a person; InvalidInput for a field that no system has."""
        known = {name for names in self.services.policy().catalogue.values() for name in names}
        if unknown := [number for number, name in enumerate(fields) if name not in known]:
            raise InvalidInput(*((f"fields.{number}", "reveal") for number in unknown))
        opened = tuple(dict.fromkeys(fields))
        return await self._run(self._call(Action.REVEAL, self._find(token), why, reveal=opened))

    def _find(self, token: str) -> FindPerson:
        return FindPerson(self.services.tokens.person(token))

    async def _run(self, call: Call) -> Outcome:
        return await self.services.pipeline.run(call)

    def _call(
        self,
        action: Action,
        query: FindPerson | FindHousehold | SearchPeople,
        why: Why,
        *,
        named_by_id: bool = False,
        reveal: tuple[str, ...] = (),
    ) -> Call:
        policy = self.services.policy()
        code = why.purpose or policy.default_purpose(self.session.subject)
        if code not in policy.purposes:
            raise InvalidInput(("purpose", "purpose"))
        if policy.purposes[code].note_required and not (why.note or "").strip():
            raise InvalidInput(("note", "note"))
        return Call(
            action=action,
            subject=self.session.subject,
            query=query,
            purpose=code,
            note=why.note,
            request_id=self.request_id,
            session=self.session.hash_prefix,
            answer_by=self.services.clock.monotonic() + self.services.settings.answer_deadline_s,
            named_by_id=named_by_id,
            reveal=reveal,
        )


def document(text: str) -> Identity:
    """Return whom a document number names.

    A citizen number, old or new, else a passport; raises InvalidInput.
    """
    try:
        return Identity(IdentityKind.CITIZEN, CitizenId.parse(text).number)
    except ValueError:
        folded = unicodedata.normalize("NFKC", text).upper().replace(" ", "")
    # Eighteen or fifteen characters that are no citizen number are a slip of the pen, not a passport.
    if not _PASSPORT.fullmatch(folded) or len(folded) in {15, 18}:
        raise InvalidInput(("id_number", "id_number"))
    return Identity(IdentityKind.PASSPORT, folded)
