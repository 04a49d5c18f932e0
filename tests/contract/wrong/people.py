"""Connectors that are wrong about people."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
from pydantic import field_validator

from connectors import sdk
from connectors.sdk import Identity, IdentityKind, Kind
from tests.contract.wrong.right import Person, Right


class Misclassified(Person):
    remark: Annotated[str | None, Kind.PLAIN] = None


class NumberInAPlainField(Right):
    """Shows the number to whoever may see a remark."""

    operations = dict.fromkeys(Right.operations, Misclassified)

    def record(self, row: dict[str, str]) -> sdk.Record:
        return Misclassified(**self.fields(row), remark=f"证号{row['number']}")


class KindsByHand(Person):
    """Takes a field out of the classification."""


KindsByHand.kinds = {"name": Kind.NAME, "id_number": Kind.ID}


class AddressForgotten(Right):
    operations = dict.fromkeys(Right.operations, KindsByHand)

    def record(self, row: dict[str, str]) -> sdk.Record:
        return KindsByHand(**self.fields(row))


class AnotherPerson(Person):
    """What nobody has declared."""


class UndeclaredRecord(Right):
    """Lists people as another type than it says, which nobody looks up the fields of."""

    def committee(self, committee: str) -> sdk.Exchange:
        people = yield from super().committee(committee)
        return [AnotherPerson(**dict(person)) for person in people]


class OwnNumberAsIdentity(Right):
    """Names people by the system's number although it has their citizen number."""

    def fields(self, row: dict[str, str]) -> dict[str, Any]:
        return super().fields(row) | {"identity": Identity(IdentityKind.LOCAL, f"right:{row['number']}")}


class NobodyIsAnError(Right):
    """Takes an empty list for bad data."""

    def records(self, answer: httpx.Response) -> list[sdk.Record]:
        people = super().records(answer)
        if not people:
            raise sdk.BadUpstreamData("nobody")
        return people


class FirstRowOnly(Right):
    """Takes the first row and drops the second."""

    def find(self, identity: Identity) -> sdk.Exchange:
        return (yield from super().find(identity))[:1]


class Unstable(Person):
    @field_validator("address")
    @classmethod
    def _in_the_city(cls, address: str) -> str:
        return f"上海市{address}"


class ChangedByReading(Right):
    """Adds to a field each time it is checked, also when it is read back from the cache."""

    operations = dict.fromkeys(Right.operations, Unstable)

    def record(self, row: dict[str, str]) -> sdk.Record:
        return Unstable(**self.fields(row))
