"""Make a connector of a description file."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from connectors.declarative.checks import misfits
from connectors.declarative.connector import OPERATIONS, DescribedConnector
from connectors.declarative.records import record_type
from connectors.declarative.shape import Description
from connectors.declarative.words import faults_of, said
from connectors.sdk import API_VERSION, Manifest
from connectors.sdk.marked_yaml import Mark, Marked, read_yaml, unreadable

_LARGEST: Final = 1_000_000


class DescriptionFaults(Exception):
    """A description cannot be used."""

    def __init__(self, faults: Iterable[str]) -> None:
        """Take the faults: a sentence each, that names file, line and column."""
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def load_description(file: Path) -> type[DescribedConnector]:
    """Return the connector's class.

    Raises DescriptionFaults with all that is wrong in the file, in its order: what is no YAML, keys that
    stand twice, unknown and missing keys, values of another type, and, once these are right, parts that do
    not fit each other. The class's version is the content's: another description leaves old cache entries
    unread.
    """
    try:
        content = file.read_bytes()
        if len(content) > _LARGEST:
            raise DescriptionFaults([f"{file.name}: is larger than {_LARGEST} bytes"])
        text = read_yaml(content.decode())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DescriptionFaults([f"{file.name}: cannot be read: {unreadable(error)}"]) from None
    found = [(mark, f"{key!r} stands twice") for mark, key in text.twice]
    description = _described(text, found)
    if found or description is None:
        raise DescriptionFaults(
            f"{file.name}: {mark}: {sentence}" for mark, sentence in dict.fromkeys(sorted(found))
        )
    return _made(description, sha256(content).hexdigest()[:12])


def _described(text: Marked, found: list[tuple[Mark, str]]) -> Description | None:
    try:
        description = Description.model_validate(text.content)
    except ValidationError as error:
        found += faults_of(error, text)
        return None
    found += [(text.key(place), said(place, sentence)) for place, sentence in misfits(description)]
    return description


def _made(description: Description, version: str) -> type[DescribedConnector]:
    record = record_type(description, version)
    endpoints = {
        name: endpoint.model_copy(update={"answer": endpoint.answer or description.answer})
        for name, endpoint in description.endpoints.given().items()
    }
    manifest = Manifest(
        name=description.name,
        title=description.title,
        seal=description.seal,
        api=API_VERSION,
        version=version,
        timeout_s=description.timeout_s,
        list_timeout_s=description.list_timeout_s,
        ttl_s={OPERATIONS[name]: ttl for name, ttl in description.ttl_s.items()},
    )
    name = f"{description.name.title().replace('_', '')}Connector"
    return type(
        name,
        (DescribedConnector,),
        {
            "__doc__": f"The system {description.name}, as its description tells.",
            "auth": description.auth.made(),
            "description": description,
            "endpoints": endpoints,
            "manifest": manifest,
            "operations": {OPERATIONS[endpoint]: record for endpoint in endpoints},
            "record": record,
        },
    )
