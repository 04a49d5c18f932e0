"""Where each reader's daily quotas stand."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from gateway.audit.event import Event, EventAction, EventOutcome
from gateway.audit.log import AuditLog
from gateway.clock import SHANGHAI
from policies.model import Usage

LOOKS: Final = (
    EventAction.HOUSEHOLD_READ,
    EventAction.RESIDENT_LOOKUP,
    EventAction.RESIDENT_READ,
    EventAction.RESIDENT_REVEAL,
)
"""Events that show a person's record. A search shows none, and costs only the numbers that it confirms."""

COUNTED: Final = (*LOOKS, EventAction.RESIDENT_SEARCH)

_UNUSED = Usage()


class UsageCounters:
    """Count for each actor the residents seen and the reveals since midnight in Shanghai.

    Counts in this process what was recorded, so calls that are under way at the same time do not see each
    other, and several processes count apart. Bounded: beyond ``remembered`` pairs of actor and resident a
    person who is seen again counts again, so a full memory makes quotas narrower, never wider.
    """

    def __init__(self, remembered: int = 500_000) -> None:
        """Start a day without looks."""
        self._day = date.min
        self._room = remembered
        self._remembered = remembered
        self._seen: dict[str, set[bytes]] = {}
        self._residents: dict[str, int] = {}
        self._reveals: dict[str, int] = {}

    def of(self, account: str, subject: bytes | None, today: date) -> Usage:
        """Return how much an account has used on that day, and whether this person is among it.

        Costs about a microsecond. A day before the newest one counted (the clock went back) reads as the
        newest.
        """
        self._turn_to(today)
        residents = self._residents.get(account, 0)
        reveals = self._reveals.get(account, 0)
        if not residents and not reveals:
            return _UNUSED
        return Usage(residents, reveals, subject is not None and subject in self._seen.get(account, ()))

    def count(self, event: Event) -> None:
        """Count one recorded event; events of earlier days and of what showed nobody are passed over."""
        if event.action not in COUNTED or event.outcome is not EventOutcome.OK:
            return
        # Finding somebody by the tail of a masked number tells the number: one reveal for each person found.
        confirmed = event.action is EventAction.RESIDENT_SEARCH
        if confirmed and not event.fields.revealed:
            return
        day = event.at.astimezone(SHANGHAI).date()
        self._turn_to(day)
        if day < self._day:
            return
        account = event.actor.account
        if confirmed:
            self._reveals[account] = self._reveals.get(account, 0) + len(event.subjects)
            return
        if event.action is EventAction.RESIDENT_REVEAL:
            self._reveals[account] = self._reveals.get(account, 0) + 1
        seen = self._seen.setdefault(account, set())
        for subject in event.subjects:
            if subject in seen:
                continue
            self._residents[account] = self._residents.get(account, 0) + 1
            if self._room:
                self._room -= 1
                seen.add(subject)

    async def rebuild(self, log: AuditLog, today: date) -> None:
        """Count the day anew from the log; raises ``StoreUnavailable``.

        A record that cannot be read does not count: it must not keep the gateway from starting.
        """
        self._clear(today)
        since = datetime.combine(today, time.min, SHANGHAI)
        for action in COUNTED:
            async for event in log.since(since, action):
                self.count(event)

    def _turn_to(self, day: date) -> None:
        if day > self._day:
            self._clear(day)

    def _clear(self, day: date) -> None:
        self._day = day
        self._room = self._remembered
        self._seen, self._residents, self._reveals = {}, {}, {}
