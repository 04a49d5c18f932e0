"""Draw families: who lives together, how old, and how they are related to the head.

The shares make a city as old as Shanghai: about 35 of 100 people over 60, in 3,000 some 15 over 90.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mocks.city.codes import Ethnicity, Kin, Marital
from mocks.city.draws import Deck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

    Ages = Iterable[tuple[tuple[int, int], int]]

_ALONE: Final = (
    ((60, 64), 16), ((65, 69), 20), ((70, 74), 20), ((75, 79), 16),
    ((80, 84), 13), ((85, 89), 11), ((90, 94), 3), ((95, 101), 1),
)  # fmt: skip
_ELDER_COUPLE: Final = (
    ((60, 64), 28), ((65, 69), 28), ((70, 74), 22), ((75, 79), 12),
    ((80, 84), 6), ((85, 89), 3), ((90, 93), 1),
)  # fmt: skip
_WITH_CHILD: Final = (((72, 79), 4), ((80, 89), 5), ((90, 101), 1))
_ONE_GRANDPARENT: Final = (((62, 69), 15), ((70, 79), 18), ((80, 89), 15), ((90, 96), 2))
_TWO_GRANDPARENTS: Final = (((60, 64), 6), ((65, 69), 7), ((70, 79), 6), ((80, 86), 1))
_MIDDLE: Final = (((25, 34), 13), ((35, 44), 15), ((45, 54), 13), ((55, 64), 9))
_PARENTS: Final = (((28, 34), 12), ((35, 44), 20), ((45, 54), 12), ((55, 60), 3))
_YOUNG: Final = (((22, 34), 3), ((35, 44), 2), ((45, 58), 2))

_MINORITIES: Final = (
    Ethnicity.HUI, Ethnicity.HUI, Ethnicity.MANCHU, Ethnicity.TUJIA, Ethnicity.MIAO,
    Ethnicity.MONGOL, Ethnicity.KOREAN, Ethnicity.ZHUANG, Ethnicity.TIBETAN,
)  # fmt: skip


class Member(NamedTuple):
    """Sketch a person: people of one `line` share a surname (0: the head's)."""

    kin: Kin
    male: bool
    age: int
    marital: Marital
    line: int


class Family(NamedTuple):
    """Hold the members of a household, the head first, and what they have in common."""

    members: list[Member]
    ethnicity: Ethnicity = Ethnicity.HAN
    documented: bool = True
    from_outside: bool = False


class Families:
    """Deal families, in the same mixture in every committee."""

    def __init__(self, rng: Random) -> None:
        """Draw from `rng`."""
        self._rng = rng
        self._decks: dict[Ages, Deck[tuple[int, int]]] = {}
        self._minorities: Deck[Ethnicity] = Deck(rng, [(people, 1) for people in _MINORITIES])
        self._kinds: Deck[Callable[[], Family]] = Deck(
            rng,
            (
                (self._elder_couple, 60),
                (self._elder_alone, 44),
                (self._elder_and_child, 18),
                (self._two_grandparents, 28),
                (self._one_grandparent, 24),
                (self._couple, 16),
                (self._couple_with_children, 60),
                (self._alone, 18),
                (self._single_parent, 9),
                (self._migrants, 15),
                (self._minority, 5),
                (self._uyghurs, 1),
                (self._foreigners, 2),
                (self._undocumented, 1),
            ),
        )

    def deal(self, at_most: int) -> Family:
        """Return the next family; it is cut to `at_most` members, the last first."""
        family = self._kinds.deal()()
        return family if len(family.members) <= at_most else family._replace(members=family.members[:at_most])

    def very_old_alone(self) -> Family:
        """Return somebody over 90 who lives alone, beyond what the mixture holds."""
        return self._lone_elder(self._between(91, 97))

    def _age(self, ages: Ages) -> int:
        if ages not in self._decks:
            self._decks[ages] = Deck(self._rng, ages)
        youngest, oldest = self._decks[ages].deal()
        return youngest + int(self._rng.random() * (oldest - youngest + 1))

    def _between(self, low: int, high: int) -> int:
        return low + int(self._rng.random() * (high - low + 1))

    def _odds(self, percent: int) -> bool:
        return self._rng.random() * 100 < percent

    def _man(self) -> bool:
        return self._odds(50)

    def _pair(self, older: int) -> tuple[Member, Member]:
        """Return head and spouse, mostly the man the head and some years older."""
        younger = max(22, older - self._between(0, 4))
        man, woman = (older, younger) if self._odds(80) else (younger, older)
        if self._odds(65):
            kin, ages = Kin.WIFE, (man, woman)
        else:
            kin, ages = Kin.HUSBAND, (woman, man)
        head = Member(Kin.HEAD, kin is Kin.WIFE, ages[0], Marital.MARRIED, 0)
        return head, Member(kin, not head.male, ages[1], Marital.MARRIED, 1)

    def _child(self, pair: tuple[Member, Member]) -> Member:
        head, spouse = pair
        mother = spouse if head.male else head
        age = max(0, min(mother.age - self._between(24, 33), 34))
        male, line = self._man(), 0 if head.male else 1
        return Member(Kin.SON if male else Kin.DAUGHTER, male, age, Marital.SINGLE, line)

    def _elder_couple(self) -> Family:
        return Family([*self._pair(self._age(_ELDER_COUPLE))])

    def _elder_alone(self) -> Family:
        return self._lone_elder(self._age(_ALONE))

    def _lone_elder(self, age: int) -> Family:
        male = self._odds(36)  # women outlive men
        marital = Marital.WIDOWED if self._between(55, 85) < age else Marital.DIVORCED
        if self._odds(6):
            marital = Marital.SINGLE
        return Family([Member(Kin.HEAD, male, age, marital, 0)])

    def _elder_and_child(self) -> Family:
        age, mother = self._age(_WITH_CHILD), self._odds(70)
        male = self._man()
        marital = Marital.DIVORCED if self._man() else Marital.SINGLE
        child = Kin.SON if male else Kin.DAUGHTER
        line = 1 if mother else 0
        return Family(
            [
                Member(Kin.HEAD, not mother, age, Marital.WIDOWED, 0),
                Member(child, male, age - self._between(24, 33), marital, line),
            ]
        )

    def _two_grandparents(self) -> Family:
        elders = self._pair(self._age(_TWO_GRANDPARENTS))
        return Family([*elders, *self._young_family(elders[1].age, 0 if elders[0].male else 1)])

    def _young_family(self, parent_age: int, line: int) -> list[Member]:
        """Return a married child of the head, the child's spouse and a grandchild."""
        son = self._man()
        age = parent_age - self._between(24, 30)
        grandchild_male = self._man()
        if son:
            kin = Kin.SON, Kin.DAUGHTER_IN_LAW, Kin.GRANDSON if grandchild_male else Kin.GRANDDAUGHTER
        else:
            grand = Kin.DAUGHTERS_SON if grandchild_male else Kin.DAUGHTERS_DAUGHTER
            kin = Kin.DAUGHTER, Kin.SON_IN_LAW, grand
        spouse_age = max(22, age + (self._between(-4, 0) if son else self._between(0, 4)))
        mother_age = spouse_age if son else age
        return [
            Member(kin[0], son, age, Marital.MARRIED, line),
            Member(kin[1], not son, spouse_age, Marital.MARRIED, 2),
            Member(
                kin[2],
                grandchild_male,
                max(0, mother_age - self._between(24, 34)),
                Marital.SINGLE,
                line if son else 2,
            ),
        ]

    def _one_grandparent(self) -> Family:
        """Return a couple with a child and the parent of one of them."""
        age = self._age(_ONE_GRANDPARENT)
        pair = self._pair(max(26, age - self._between(26, 32)))
        mother = self._odds(75)
        wifes = pair[0].male and self._odds(40)
        if wifes:
            kin, line = (Kin.WIFES_MOTHER, 2) if mother else (Kin.WIFES_FATHER, 1)
        else:
            kin, line = (Kin.MOTHER, 2) if mother else (Kin.FATHER, 0)
        elder = Member(kin, not mother, age, Marital.WIDOWED, line)
        return Family([*pair, self._child(pair), elder])

    def _couple(self) -> Family:
        return Family([*self._pair(self._age(_MIDDLE))])

    def _couple_with_children(self) -> Family:
        pair = self._pair(self._age(_PARENTS))
        children = [self._child(pair)]
        first = children[0]
        if first.age > 1 and self._odds(32):
            male = self._man()
            kin = Kin.SON if male else Kin.DAUGHTER
            age = max(0, first.age - self._between(2, 5))
            children.append(Member(kin, male, age, Marital.SINGLE, first.line))
        return Family([*pair, *children])

    def _alone(self) -> Family:
        age = self._age(_YOUNG)
        marital = Marital.DIVORCED if age > self._between(30, 70) else Marital.SINGLE
        return Family([Member(Kin.HEAD, self._man(), age, marital, 0)])

    def _single_parent(self) -> Family:
        age, mother = self._between(30, 52), self._odds(80)
        male = self._man()
        child = Kin.SON if male else Kin.DAUGHTER
        return Family(
            [
                Member(Kin.HEAD, not mother, age, Marital.DIVORCED, 0),
                Member(child, male, max(1, age - self._between(24, 32)), Marital.SINGLE, 1 if mother else 0),
            ]
        )

    def _migrants(self) -> Family:
        if self._odds(60):
            pair = self._pair(self._between(26, 48))
            return Family([*pair, self._child(pair)], from_outside=True)
        head = Member(Kin.HEAD, self._man(), self._between(19, 45), Marital.SINGLE, 0)
        mates = [
            Member(Kin.OTHER, head.male, self._between(19, 45), Marital.SINGLE, line)
            for line in range(1, self._between(2, 4))
        ]
        return Family([head, *mates], from_outside=True)

    def _minority(self) -> Family:
        family = self._couple_with_children() if self._man() else self._elder_couple()
        return family._replace(ethnicity=self._minorities.deal())

    def _uyghurs(self) -> Family:
        return Family(self._couple_with_children().members, Ethnicity.UYGHUR, from_outside=self._man())

    def _foreigners(self) -> Family:
        members = self._couple().members if self._man() else self._alone().members
        return Family(members, Ethnicity.OTHER)

    def _undocumented(self) -> Family:
        male = self._man()
        return Family([Member(Kin.HEAD, male, self._between(30, 75), Marital.UNKNOWN, 0)], documented=False)
