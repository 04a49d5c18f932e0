"""Local accounts: what they hold, and what may stand in them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from policies.model import RoleInScope

# One script beside plain letters, so that no two names look alike; Chinese, for people use their own name.
_USERNAME = re.compile(r"[a-z0-9㐀-鿿\U00020000-\U000323af][a-z0-9㐀-鿿\U00020000-\U000323af._@-]{1,63}")
_NUMBER = re.compile(r"[0-9]{11}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_REGION = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")
_DISPLAY_NAME = 64
_ORGANISATION = 128
_HOUSEHOLD = 64


def fold_username(typed: str) -> str:
    """Return the one form of a user name: NFKC, case-folded, no space around it; it may still be no name."""
    folded = unicodedata.normalize("NFKC", typed).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def is_username(folded: str) -> bool:
    """Tell whether a folded name may name an account: 2-64 letters, digits, Chinese characters, ``. _ @ -``.

    A phone or citizen number may not: user names stand in lists that are no place for one.
    """
    return _USERNAME.fullmatch(folded) is not None and _NUMBER.search(folded) is None


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What an administrator says of an account, before it is checked."""

    username: str
    display_name: str = field(repr=False)
    roles: tuple[RoleInScope, ...]
    organisation: str = ""
    household: str | None = field(default=None, repr=False)
    """The household number of a resident who reads about the own household."""

    def checked(self) -> AccountDetails:
        """Return the details in their one form, or raise InvalidInput with everything that is wrong.

        Whether a role or a region exists is *not* known here: the policies know roles, the city its regions.
        """
        clean = replace(
            self,
            username=fold_username(self.username),
            display_name=_line(self.display_name),
            organisation=_line(self.organisation),
        )
        faults = [*_faults_of_person(clean), *_faults_of_roles(clean.roles)]
        if faults:
            raise InvalidInput(*faults)
        return clean


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the store has it."""

    id: int
    username: str
    display_name: str = field(repr=False)
    roles: tuple[RoleInScope, ...]
    """As given, also those not yet or no longer held, in the order given."""
    organisation: str
    household: str | None = field(repr=False)
    disabled: bool
    created_at: datetime
    password_hash: str = field(repr=False)


def _line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _faults_of_person(details: AccountDetails) -> list[tuple[str, str]]:
    faults = []
    if not is_username(details.username):
        faults.append(
            (
                "username",
                "use 2 to 64 letters, digits, Chinese characters or . _ @ -, and no phone or ID number",
            )
        )
    if not (0 < len(details.display_name) <= _DISPLAY_NAME and details.display_name.isprintable()):
        faults.append(("display_name", f"give a name of at most {_DISPLAY_NAME} characters"))
    if not (len(details.organisation) <= _ORGANISATION and details.organisation.isprintable()):
        faults.append(("organisation", f"use at most {_ORGANISATION} characters"))
    if details.household is not None and not 0 < len(details.household) <= _HOUSEHOLD:
        faults.append(("household", f"give a household number of at most {_HOUSEHOLD} characters, or none"))
    return faults


def _faults_of_roles(roles: tuple[RoleInScope, ...]) -> list[tuple[str, str]]:
    faults = []
    if not roles:
        faults.append(("roles", "give at least one role"))
    if any(not _ROLE.fullmatch(held.role) for held in roles):
        faults.append(("roles", "name roles in small letters, digits and _"))
    if any(not held.scope for held in roles):
        faults.append(("scope", "give every role at least one region"))
    if any(not _REGION.fullmatch(region) for held in roles for region in held.scope):
        faults.append(("scope", "give region codes of 2, 4, 6, 9 or 12 digits"))
    if any(held.valid_from and held.valid_until and held.valid_until < held.valid_from for held in roles):
        faults.append(("roles", "let a role end after it begins"))
    # The store keeps one period per role and region, and the wider of two would win silently.
    if any(count > 1 for count in Counter((held.role, r) for held in roles for r in held.scope).values()):
        faults.append(("roles", "give a role in one region once, with one period"))
    return faults
