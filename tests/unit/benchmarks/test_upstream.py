"""The instant upstreams speak the three systems' protocols well enough for the real connectors."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks.cold import numbers
from benchmarks.process import address_of, running
from benchmarks.reader import Reader
from connectors.elderly import ElderlyConnector
from connectors.household import HouseholdConnector
from connectors.relief import ReliefConnector
from connectors.sdk import Connector, ConnectorSettings, Credential, FindPerson, Identity, IdentityKind
from connectors.sdk.run import converse, fetch
from gateway.upstream.clients import open_transport


@pytest.mark.parametrize("name", ["household", "elderly", "relief"])
async def test_a_connector_signs_in_and_finds_whomever_it_asks_for(tmp_path: Path, name: str) -> None:
    person = FindPerson(Identity(IdentityKind.CITIZEN, next(numbers())))
    upstream = running(
        "upstream", [sys.executable, "-m", "benchmarks.upstream"], min(os.sched_getaffinity(0)), tmp_path
    )
    with upstream as server:
        addresses = orjson.loads(server.said)
        connectors: dict[str, Connector[Any]] = {
            "household": HouseholdConnector(addresses["household"], HouseholdConnector.settings_type()),
            "elderly": ElderlyConnector(addresses["elderly"], ConnectorSettings()),
            "relief": ReliefConnector(addresses["relief"], ConnectorSettings()),
        }
        connector = connectors[name]
        async with open_transport() as transport:
            send = transport.handle_async_request
            signing_in = connector.auth.sign_in(Credential("gateway", "anything"))
            session = await converse(signing_in, send, connector.base_url)
            (record,) = await fetch(connector, person, session, send)
        counts = await asyncio.to_thread(Reader(address_of(addresses[name])).json, "GET", "/_count")
    assert record.identity == person.identity
    assert record.model_dump()["name"] == "陈桂芳"
    assert counts == {name: 1}
