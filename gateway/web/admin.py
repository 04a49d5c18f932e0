"""The operator's listener: metrics and health on a port of its own, off unless it is configured."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from gateway.web.metrics import registry_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.keys import Services


def application(services: Services) -> web.Application:
    """Return the application; it asks nobody who they are and must stand in the operator's network only."""
    registry = registry_of(services)

    async def metrics(_request: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return web.Response(body=generate_latest(registry), headers=headers)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app


@asynccontextmanager
async def listening(services: Services) -> AsyncIterator[str | None]:
    """Serve as ``admin`` in the settings says and yield the address; None where it says nothing.

    Raises OSError when the port is taken.
    """
    settings = services.settings.admin
    if settings.port is None:
        yield None
        return
    runner = web.AppRunner(application(services), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
