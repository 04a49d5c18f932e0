"""Whom to call: a relative for every person."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from mocks.city.codes import Ethnicity, Gender, Kin, Marital
from mocks.city.draws import mix
from mocks.city.names import given_name, surname
from mocks.city.numbers import phone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mocks.city.person import Person

# What each is to the head, as far as it matters here.
_PLACES: Final = {
    Kin.HEAD: "head",
    Kin.HUSBAND: "spouse",
    Kin.WIFE: "spouse",
    Kin.SON: "child",
    Kin.DAUGHTER: "child",
    Kin.SON_IN_LAW: "child's spouse",
    Kin.DAUGHTER_IN_LAW: "child's spouse",
    Kin.GRANDSON: "grandchild",
    Kin.GRANDDAUGHTER: "grandchild",
    Kin.DAUGHTERS_SON: "grandchild",
    Kin.DAUGHTERS_DAUGHTER: "grandchild",
    Kin.FATHER: "parent",
    Kin.MOTHER: "parent",
    Kin.WIFES_FATHER: "spouse's parent",
    Kin.WIFES_MOTHER: "spouse's parent",
}
_SPOUSE: Final = ("丈夫", "妻子")
_CHILD: Final = ("儿子", "女儿")
_PARENT: Final = ("父亲", "母亲")
_CHILDS_SPOUSE: Final = ("女婿", "儿媳")
# (place of the person, place of the other) -> what a man, and a woman, in the other's place is called.
_RELATIONS: Final = {
    ("head", "spouse"): _SPOUSE,
    ("spouse", "head"): _SPOUSE,
    ("head", "child"): _CHILD,
    ("spouse", "child"): _CHILD,
    ("head", "child's spouse"): _CHILDS_SPOUSE,
    ("spouse", "child's spouse"): _CHILDS_SPOUSE,
    ("child", "head"): _PARENT,
    ("child", "spouse"): _PARENT,
    ("child", "child's spouse"): _SPOUSE,
    ("child's spouse", "child"): _SPOUSE,
    ("grandchild", "child"): _PARENT,
    ("grandchild", "child's spouse"): _PARENT,
    ("head", "parent"): _PARENT,
    ("spouse", "spouse's parent"): _PARENT,
    ("parent", "head"): _CHILD,
    ("spouse's parent", "spouse"): _CHILD,
}
_RANKS: Final = {"儿子": 1, "女儿": 1, "父亲": 2, "母亲": 2, "丈夫": 3, "妻子": 3, "女婿": 4, "儿媳": 4}
_COMPOUND: Final = {"欧阳", "诸葛", "上官", "司徒"}
_ADULT: Final = 18
_ELDER_FROM: Final = 55


@dataclass(frozen=True, slots=True)
class Contact:
    """Name a relative; `relation` is what they are to the person, `pid` is None for one outside the city."""

    name: str
    relation: str
    phone: str
    pid: int | None


def emergency_contact(seed: int, person: Person, household: Sequence[Person], on: date) -> Contact:
    """Choose the nearest relative: a child, else spouse or parent, else one who lives elsewhere."""
    best: tuple[int, Person, str] | None = None
    for other in household:
        if other.pid == person.pid or other.died is not None or other.age(on) < _ADULT:
            continue
        relation = _relation(person, other)
        rank = _RANKS.get(relation, 9)
        if relation and (best is None or rank < best[0]):
            best = rank, other, relation
    if best is not None:
        _, other, relation = best
        return Contact(other.name, relation, other.phone, other.pid)
    return _outside(seed, person, on)


def _relation(person: Person, other: Person) -> str:
    """Say what `other` is to `person`, from what both are to the head; empty when they are no kin."""
    if Kin.OTHER in {person.kin, other.kin}:
        return ""
    words = _RELATIONS.get((_PLACES[person.kin], _PLACES[other.kin]), ("亲属", "亲属"))
    return words[other.gender is Gender.FEMALE]


def _outside(seed: int, person: Person, on: date) -> Contact:
    """Invent a relative who lives elsewhere: an elder's child, else a parent."""
    rng = Random(mix(seed, person.pid, 31))
    male = rng.random() < 0.5
    old = person.age(on) >= _ELDER_FROM
    if old and person.marital is Marital.SINGLE:
        relation, gap = ("侄子" if male else "侄女"), 30
    elif old:
        relation, gap = ("儿子" if male else "女儿"), 28
    else:
        relation, gap = ("父亲" if male else "母亲"), -28
    # A father's name passes on: to his child, from his father, but not from a mother to hers.
    shared = person.gender is Gender.MALE if old else male
    han = person.ethnicity not in {Ethnicity.OTHER, Ethnicity.UYGHUR, Ethnicity.MONGOL, Ethnicity.TIBETAN}
    line = person.name[: 2 if person.name[:2] in _COMPOUND else 1] if shared and han else surname(rng)
    name = line + given_name(rng, person.birth_date.year + gap, male=male)
    return Contact(name, relation, phone(person.pid, 2), None)
