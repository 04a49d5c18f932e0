"""Relief cases (社会救助): which households get what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from mocks.city import first_look
from mocks.city.codes import Marital
from mocks.city.draws import Deck
from mocks.city.names import is_rare
from mocks.city.settle import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from mocks.city.person import Person
    from mocks.city.settle import Settlement

T = TypeVar("T")
# From this day two programmes have the names that they have now.
RENAMED: Final = date(2024, 12, 31)
_SHARE: Final = 0.02
_ELDER_FROM: Final = 60
_VERY_OLD_FROM: Final = 80
_OLDEST_CASE_DAYS: Final = 8 * 365


class Programme(Enum):
    """Name a programme, and what it was called before 2024-12-31 where that differs."""

    MINIMUM_LIVING = ("低保", None)
    MARGINAL = ("低保边缘", "低收入困难")
    RIGID_EXPENSES = ("刚性支出困难", "支出型贫困")
    DESTITUTE = ("特困供养", None)
    DISASTER = ("受灾", None)
    TEMPORARY = ("临时救助", None)

    def __init__(self, title: str, former_title: str | None) -> None:
        """Keep both under their names."""
        self.title = title
        self.former_title = former_title


class CaseStatus(StrEnum):
    """Say how a case stands."""

    ACTIVE = "在保"
    ENDED = "已终止"
    REVIEW = "复核中"
    SUSPENDED = "停发"


@dataclass(frozen=True, slots=True)
class ReliefCase:
    """Describe a case; the committee of registration keeps it, and `members` are pids, the applicant first.

    `monthly_amount` is in yuan for the whole household (for a one-off programme, the sum paid once).
    """

    number: str
    committee: str
    household: str
    programme: Programme
    status: CaseStatus
    monthly_amount: int
    members: tuple[int, ...]
    since: date


_AMOUNTS: Final = {
    Programme.MINIMUM_LIVING: (600, 1600),
    Programme.MARGINAL: (200, 500),
    Programme.RIGID_EXPENSES: (300, 900),
    Programme.DESTITUTE: (2000, 2300),
    Programme.DISASTER: (800, 3000),
    Programme.TEMPORARY: (500, 2500),
}


class ReliefOffice:
    """Open cases, committee by committee.

    `spared` grows by the pids of those whom the demo shows first: no system may be wrong about them.
    """

    def __init__(self, rng: Random) -> None:
        """Draw from `rng`."""
        self._rng = rng
        self.spared: set[int] = set()
        self._programmes: Deck[Programme] = Deck(
            rng,
            (
                (Programme.MINIMUM_LIVING, 8),
                (Programme.MARGINAL, 5),
                (Programme.RIGID_EXPENSES, 3),
                (Programme.TEMPORARY, 2),
                (Programme.DESTITUTE, 1),
                (Programme.DISASTER, 1),
            ),
        )
        self._statuses: Deck[CaseStatus] = Deck(
            rng,
            (
                (CaseStatus.ACTIVE, 14),
                (CaseStatus.REVIEW, 2),
                (CaseStatus.SUSPENDED, 1),
                (CaseStatus.ENDED, 1),
            ),
        )

    def open_cases(self, settlement: Settlement, committee: str, households: range) -> Iterator[ReliefCase]:
        """Open cases for two of a hundred households; every fifth case has a name that old systems garble.

        In a demo committee those whom the demo shows first come before the other very old.
        """
        count = int(len(households) * _SHARE + self._rng.random())
        heads = {index: settlement.people[settlement.household_starts[index]] for index in households}
        entitled = [index for index, head in heads.items() if _entitled(head, committee)]
        self._rng.shuffle(entitled)
        shown = _shown_first(settlement, entitled, committee)
        count = max(count, len(shown))
        entitled = [*shown, *entitled[: 40 * count]]
        families = {index: _registered(settlement, index, committee) for index in entitled}
        rare = [index for index, family in families.items() if any(is_rare(person.name) for person in family)]
        rare.sort(
            key=lambda index: not any(is_rare(each.name) and _is_very_old(each) for each in families[index])
        )
        very_old = [index for index, family in families.items() if _is_very_old(family[0])]
        chosen = dict.fromkeys([*shown, *rare[: count // 5], *very_old[: count // 8], *entitled])
        self.spared.update(person.pid for index in shown for person in families[index])
        programmes = _lead_with(Programme.MINIMUM_LIVING, len(shown), self._programmes, count)
        statuses = _lead_with(CaseStatus.ACTIVE, len(shown), self._statuses, count)
        hands = zip(chosen, programmes, statuses, strict=False)
        for serial, (index, programme, status) in enumerate(hands, start=1):
            yield self._open(families[index], serial, programme, status)

    def _open(
        self, family: list[Person], serial: int, programme: Programme, status: CaseStatus
    ) -> ReliefCase:
        rng, committee = self._rng, family[0].registered
        if programme is Programme.DESTITUTE and not _has_nobody(family):
            programme = Programme.MINIMUM_LIVING
        since = EPOCH - timedelta(days=rng.randrange(20, _OLDEST_CASE_DAYS))
        return ReliefCase(
            number=f"{committee[:9]}{since.year}{committee[9:]}{serial:03d}",
            committee=committee,
            household=family[0].household,
            programme=programme,
            status=status,
            monthly_amount=rng.randrange(*_AMOUNTS[programme], 10) * len(family),
            members=tuple(person.pid for person in family),
            since=since,
        )


def _entitled(head: Person, committee: str) -> bool:
    return head.died is None and head.registered == committee


def _registered(settlement: Settlement, index: int, committee: str) -> list[Person]:
    return [
        person
        for person in settlement.household_members(index)
        if person.died is None and person.registered == committee
    ]


def _shown_first(settlement: Settlement, entitled: list[int], committee: str) -> list[int]:
    wanted = first_look.wanted(committee)
    suitable = (
        index for index in entitled if first_look.suits(settlement.household_members(index), committee, EPOCH)
    )
    return list(islice(suitable, wanted))


def _lead_with(card: T, times: int, deck: Deck[T], count: int) -> list[T]:
    """Deal so many cards and put the wanted ones in front: the shares stay those of the deck."""
    hand = [deck.deal() for _ in range(count)]
    for _ in range(times):
        hand.remove(card if card in hand else hand[-1])
    return [card] * times + hand


def _is_very_old(person: Person) -> bool:
    return person.age(EPOCH) >= _VERY_OLD_FROM


def _has_nobody(family: list[Person]) -> bool:
    head = family[0]
    return len(family) == 1 and head.age(EPOCH) >= _ELDER_FROM and head.marital is not Marital.MARRIED
