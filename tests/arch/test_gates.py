"""The gates that guard the test run itself are shut."""

import asyncio
import socket
import warnings

import pytest
from pytest_socket import SocketConnectBlockedError

OUTSIDE = ("192.0.2.1", 80)  # RFC 5737: documentation only, never routed


async def test_the_outside_cannot_be_reached() -> None:
    with pytest.raises(SocketConnectBlockedError):
        await asyncio.open_connection(*OUTSIDE)
    with socket.socket() as plain, pytest.raises(SocketConnectBlockedError):
        plain.connect(OUTSIDE)


async def test_loopback_can_be_reached() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def test_a_warning_is_an_error() -> None:
    with pytest.raises(DeprecationWarning):
        warnings.warn("old", DeprecationWarning, stacklevel=1)


def test_a_test_carries_the_marker_of_its_folder(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("arch")
