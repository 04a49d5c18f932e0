"""What a connector makes of people: found, unknown, listed twice, classified, storable."""

from __future__ import annotations

import pickle

from connectors.sdk.errors import NotFound, UpstreamError
from connectors.sdk.kinds import Kind
from connectors.sdk.query import FindPerson
from connectors.sdk.record import Record
from connectors.sdk.testing.line import Line, number_of
from connectors.sdk.testing.samples import READS
from connectors.sdk.testing.verdict import Broken

_LOCAL_NUMBERS = 2


async def every_field_is_classified(line: Line) -> None:
    """Look at the record types, and at where the asked number turns up."""
    for record in line.connector.operations.values():
        if not issubclass(record, Record):
            raise Broken(f"{record.__name__} must be a Record.")
        for name, info in record.model_fields.items():
            if name in Record.model_fields:
                continue
            marks = [mark for mark in info.metadata if isinstance(mark, Kind)]
            if marks != [record.kinds.get(name)]:
                raise Broken(f"{record.__name__}.{name} needs exactly one Kind.")
    for query in line.queries():
        number = number_of(query)
        for person in await line.answer(query):
            for name, kind in person.kinds.items():
                shown = kind not in {Kind.ID, Kind.FREE}
                if shown and number and number in str(getattr(person, name)):
                    raise Broken(
                        f"{type(person).__name__}.{name} holds the person's number: it must be an ID."
                    )


async def every_operation_answers(line: Line) -> None:
    """Ask by each declared operation and look at the type of the records."""
    declared = [operation for operation in READS if operation in line.connector.operations]
    for query in map(line.query, declared):
        wanted = line.connector.operations[type(query)]
        for record in await line.found(query):
            if type(record) is not wanted:
                raise Broken(
                    f"{type(query).__name__} is declared to answer {wanted.__name__}; "
                    f"the connector answered {type(record).__name__}."
                )


async def known_person(line: Line) -> None:
    """Find somebody by the number."""
    query = line.query(FindPerson)
    if any(record.identity != line.samples.known for record in await line.found(query)):
        raise Broken("A person found by a number must bear that number as identity.")


async def unknown_person(line: Line) -> None:
    """Ask for somebody whom the system does not know."""
    line.query(FindPerson)
    try:
        records = await line.account.once(FindPerson(line.samples.unknown))
    except NotFound:
        return
    except UpstreamError as error:
        kind = type(error).__name__
        raise Broken(
            f"An unknown person is an empty list or NotFound; the connector raised {kind}."
        ) from None
    if records:
        raise Broken("An unknown person is an empty list or NotFound; the connector found somebody.")


async def duplicate_person(line: Line) -> None:
    """Ask for somebody whom the system lists twice: both rows stand, as one person."""
    query = line.query(FindPerson)
    if line.samples.duplicate:
        query = FindPerson(line.samples.duplicate)
    else:
        await line.hurt(duplicate=True)
    records = await line.answer(query)
    if len({record.local_id for record in records}) < _LOCAL_NUMBERS:
        raise Broken(
            "A person whom the system lists twice is two records with two local numbers; the connector "
            f"returned {len(records)}. (The mock heeds the switch `duplicate`, or the samples name somebody.)"
        )
    if len({record.identity for record in records}) > 1:
        raise Broken("The two records of a person whom the system lists twice must bear one identity.")


async def cache_round_trip(line: Line) -> None:
    """Store and read back the records of every operation."""
    for query in line.queries():
        for record in (await line.answer(query))[:200]:
            # Both ways are tried: in JSON a value is read and checked again, in a pickle it is not.
            copies = (
                type(record).model_validate_json(record.model_dump_json()),
                pickle.loads(pickle.dumps(record)),  # noqa: S301  # our own bytes of a moment ago
            )
            if any(copy != record for copy in copies):
                raise Broken(f"A stored {type(record).__name__} must be read back as it was.")
