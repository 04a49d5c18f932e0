"""The town that the contracts of this tree's connectors ask about: small, built in no time."""

from __future__ import annotations

from functools import cache

from connectors.sdk import Identity, IdentityKind
from connectors.sdk.testing import Samples
from mocks.city import DEMO_COMMITTEE, City
from mocks.city.codes import DocumentKind
from mocks.city.person import Person


@cache
def city() -> City:
    """Return the town, the same for everybody in this process."""
    return City(seed=1, population=12_000)


def samples(person: Person) -> Samples:
    """Return samples about one person of the town, by their citizen number, name, household and place."""
    return Samples(
        known=Identity(IdentityKind.CITIZEN, person.number),
        name=person.name,
        region=DEMO_COMMITTEE,
        committee=DEMO_COMMITTEE,
        household=person.household,
    )


def elder() -> Person:
    """Return somebody whom all systems know alike."""
    return next(
        person for person in city().residents(DEMO_COMMITTEE) if _plain(person) and city().age(person) > 70
    )


def on_relief() -> Person:
    """Return somebody with a relief case."""
    return next(
        person
        for person in city().residents(DEMO_COMMITTEE)
        if _plain(person) and city().relief_case(person.pid) and person.registered == DEMO_COMMITTEE
    )


def beneficiary() -> Person:
    """Return somebody with a disability card."""
    return next(
        person
        for person in city().residents(DEMO_COMMITTEE)
        if _plain(person) and city().benefit_facts(person) and person.registered == DEMO_COMMITTEE
    )


def fed() -> Person:
    """Return somebody who gets meals."""
    return next(
        person
        for person in city().residents(DEMO_COMMITTEE)
        if _plain(person) and (entry := city().meals_view(person)) and entry.plan.meal
    )


def _plain(person: Person) -> bool:
    citizen = person.document is DocumentKind.CITIZEN
    return citizen and person.died is None and not city().disagreements(person.pid)
