"""Join what several systems say of the same people, by identity and by system, never by order of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk import Kind
from gateway.model import FieldValue, Person
from policies.model import ResourceFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from connectors.sdk import Identity, Record

    Replies = Mapping[str, tuple[Sequence[Record], datetime]]
    """System name -> its records and their time."""


def merge(replies: Replies, order: Sequence[str], base: str, today: date) -> tuple[Person, ...]:
    """Return one person per identity.

    ``order`` lists the systems as configured: values of a field stand in that order, so the first one that
    knows a field is its main source whichever answered first. ``base`` names the base register, whose records
    alone say where a person belongs; a person it does not hold gets facts that no policy permits. Nothing is
    dropped: two records of one system about one identity (a duplicate) give two values.
    """
    records: dict[Identity, list[tuple[str, Record, datetime]]] = {}
    for system in order:
        found, as_of = replies.get(system, ((), None))
        if as_of is None:
            continue
        # A system's own duplicates have an order of their own: by its local number.
        for record in sorted(found, key=lambda record: record.local_id):
            records.setdefault(record.identity, []).append((system, record, as_of))
    return tuple(_person(identity, said, base, today) for identity, said in records.items())


def facts_of(record: Record | None, today: date) -> ResourceFacts:
    """Return what policy needs to know, from the base register's record; nobody's facts without one."""
    if record is None:
        return ResourceFacts()
    birth: date | None = getattr(record, "birth_date", None)
    return ResourceFacts(
        registered_region=record.registered_region,
        residence_region=record.residence_region,
        household=record.household,
        age=age_on(today, birth) if birth else None,
    )


def age_on(today: date, birth: date) -> int:
    """Return the age in completed years; someone born on 29 February turns on 1 March in common years."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _person(
    identity: Identity, said: Sequence[tuple[str, Record, datetime]], base: str, today: date
) -> Person:
    fields: dict[str, list[FieldValue]] = {}
    for system, record, as_of in said:
        for name, kind in record.kinds.items():
            value = getattr(record, name)
            if value is None or value in ("", ()):
                continue
            _add(fields, name, FieldValue(value, system, as_of, kind))
            if name == "birth_date":
                _add(fields, "age", FieldValue(age_on(today, value), system, as_of, Kind.PLAIN))
    # Of a duplicate in the base register the first record with a residence decides.
    registered = [record for system, record, _ in said if system == base]
    main = next(
        (record for record in registered if record.residence_region), registered[0] if registered else None
    )
    return Person(
        identity=identity,
        household=main.household if main else None,
        facts=facts_of(main, today),
        fields={name: tuple(values) for name, values in fields.items()},
    )


def _add(fields: dict[str, list[FieldValue]], name: str, value: FieldValue) -> None:
    values = fields.setdefault(name, [])
    if not any(known.source == value.source and known.value == value.value for known in values):
        values.append(value)
