"""What stands around every page: who is signed in, where they may go, how large the letters are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.model import GATEWAY, OWN_AREA, Action, ResourceFacts

if TYPE_CHECKING:
    from gateway.identity.sessions import Session
    from gateway.keys import Services
    from policies.model import Subject

_KEPT = 512


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail."""

    path: str
    word: str
    """Name in the catalogue."""
    icon: str


TODAY = Place("/", "nav_today", "house")
SYSTEMS = Place("/systems", "nav_systems", "layout-grid")
AUDIT = Place("/audit", "nav_audit", "scroll-text")


_ACTIVE = frozenset(place.path for place in (TODAY, SYSTEMS, AUDIT))


@dataclass(frozen=True, slots=True)
class May:
    """What this reader may do here at all; each act is decided again when it is done."""

    search: bool
    systems: bool
    audit: bool

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the entries of the rail."""
        return (TODAY, *((SYSTEMS,) if self.systems else ()), *((AUDIT,) if self.audit else ()))


NOTHING = May(search=False, systems=False, audit=False)


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of one page; without a name for somebody who is not signed in."""

    large: bool
    active: str = ""
    """Path of the rail's entry that this page is, if it is one."""
    may: May = NOTHING
    name: str = ""
    office: str = ""
    csrf: str = ""
    idle_s: int = 0
    """After so long without a request the page leaves for the sign-in page; 0 never."""


class Shells:
    """Make shells; what roles may do is remembered, for it changes only with the policy and the day."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._may: dict[tuple[object, ...], May] = {}

    def of(self, session: Session | None, path: str, *, large: bool) -> Shell:
        """Return the frame for a session's page at a path."""
        if session is None:
            return Shell(large)
        return Shell(
            large,
            path if path in _ACTIVE else "",
            self.may(session.subject),
            session.display_name,
            session.subject.organisation,
            session.csrf_token,
            int(self._services.settings.sessions.idle_s),
        )

    def may(self, subject: Subject) -> May:
        """Return what a subject may do at all."""
        policy, today = self._services.policy(), self._services.clock.today()
        key = (policy.version, today, subject)
        found = self._may.get(key)
        if found is None:
            if len(self._may) >= _KEPT:
                self._may.clear()
            purpose = policy.default_purpose(subject)
            facts = ResourceFacts()
            found = self._may[key] = May(
                search=any(
                    policy.decide(subject, Action.SEARCH, name, OWN_AREA, purpose, today).allow
                    for name in self._services.systems
                ),
                systems=policy.decide(subject, Action.READ_SYSTEMS, GATEWAY, facts, purpose, today).allow,
                audit=policy.decide(subject, Action.READ_AUDIT, GATEWAY, facts, purpose, today).allow,
            )
        return found
