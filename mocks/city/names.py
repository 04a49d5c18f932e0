"""Give people names that fit their generation, gender and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mocks.city import name_lists as lists
from mocks.city.codes import Ethnicity
from mocks.city.draws import Deck

if TYPE_CHECKING:
    from random import Random

_SURNAME_TABLE: Final = [surname for weight, group in lists.SURNAMES for surname in group.split() * weight]
# One Han name in 80 has a character that old systems cannot store.
_RARE_EVERY: Final = 80

# What the input method offers first for the same sound.
_SOUNDS_LIKE: Final = dict(
    zip("芳珍华明平英琴娟荣林国伟丽敏静萍", "方真花铭萍瑛勤鹃蓉琳帼玮莉民靖平", strict=True)
)


def _names_of(era: lists.Era, gender: tuple[str, str]) -> list[str]:
    first, second = gender
    double = [a + b for a in first for b in second if a != b]
    return double + list(second) * max(1, round(len(double) * era.single / (100 - era.single) / len(second)))


_GIVEN: Final = {
    male: [(era.since, _names_of(era, era.male if male else era.female)) for era in reversed(lists.ERAS)]
    for male in (True, False)
}


def is_rare(name: str) -> bool:
    """Say whether GB2312, the character set of the oldest systems, lacks a character of the name."""
    return mangled(name) != name


def mangled(name: str) -> str:
    """Return the name as a GB2312 system stores it: `?` for each character that it lacks."""
    # GB2312 has the dot of Uyghur names (at A1A4), but Python's table calls that place U+30FB.
    return "·".join(part.encode("gb2312", "replace").decode("gb2312") for part in name.split("·"))


def mistyped(name: str) -> str:
    """Return the name as somebody types it who has heard it: its last character that sounds like another."""
    place = max((name.rfind(heard) for heard in _SOUNDS_LIKE), default=-1)
    return f"{name[:place]}{_SOUNDS_LIKE[name[place]]}{name[place + 1 :]}" if place > 0 else name


def given_name(rng: Random, year: int, *, male: bool) -> str:
    """Draw a Han given name of that birth year's generation."""
    for since, names in _GIVEN[male]:
        if year >= since:
            return names[int(rng.random() * len(names))]
    return _GIVEN[male][-1][1][0]


def surname(rng: Random) -> str:
    """Draw a Han surname by its frequency."""
    return _SURNAME_TABLE[int(rng.random() * len(_SURNAME_TABLE))]


class Namer:
    """Name whole families: a line shares a surname, or the father's name among Uyghurs."""

    def __init__(self, rng: Random) -> None:
        """Draw from `rng`."""
        self._rng = rng
        self._rare: Deck[bool] = Deck(rng, ((True, 1), (False, _RARE_EVERY - 1)))

    def line(self, ethnicity: Ethnicity) -> str:
        """Draw what the members of one line share: a surname, or among Uyghurs the father's name."""
        match ethnicity:
            case Ethnicity.UYGHUR:
                return self._rng.choice(lists.UYGHUR_MALE)
            case Ethnicity.KOREAN:
                return self._rng.choice(lists.KOREAN_SURNAMES)
            case Ethnicity.OTHER:
                japanese = self._rng.random() < 1 / 6
                return self._rng.choice(lists.JAPANESE_SURNAMES if japanese else lists.FOREIGN_SURNAMES)
            case _:
                return surname(self._rng)

    def name(self, line: str, ethnicity: Ethnicity, year: int, *, male: bool) -> str:
        """Name one person of a line, born in that year."""
        rng = self._rng
        match ethnicity:
            case Ethnicity.UYGHUR:
                name = f"{rng.choice(lists.UYGHUR_MALE if male else lists.UYGHUR_FEMALE)}·{line}"
            case Ethnicity.MONGOL:
                name = rng.choice(lists.MONGOL_MALE if male else lists.MONGOL_FEMALE)
            case Ethnicity.TIBETAN:
                second = lists.TIBETAN_MALE if male else lists.TIBETAN_FEMALE
                name = rng.choice(lists.TIBETAN_FIRST) + rng.choice(second)
            case Ethnicity.OTHER if line in lists.JAPANESE_SURNAMES:
                name = line + rng.choice(lists.JAPANESE_MALE if male else lists.JAPANESE_FEMALE)
            case Ethnicity.OTHER:
                name = f"{line} {rng.choice(lists.FOREIGN_MALE if male else lists.FOREIGN_FEMALE)}"
            case _ if self._rare.deal():
                rare = rng.choice(lists.RARE_MALE if male else lists.RARE_FEMALE)
                name = line + rng.choice(lists.RARE_PLACES).format(rare)
            case _:
                name = line + given_name(rng, year, male=male)
        return name
