"""The one list of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.keys import SERVICES
from gateway.web import docs, openapi, schema
from gateway.web.api import audit, cache, health, residents, session, systems, webhooks
from gateway.web.endpoint import Access, Route, endpoint

if TYPE_CHECKING:
    from aiohttp import web

API = "/api/v1"

ROUTES = (
    Route(
        "POST", f"{API}/session", session.sign_in, "Sign in", Access.PUBLIC,
        body=schema.SignInBody, answer=schema.SignedIn, status=201,
    ),
    Route("DELETE", f"{API}/session", session.sign_out, "Sign out", status=204),
    Route("GET", f"{API}/me", session.me, "Who am I", answer=schema.Me),
    Route(
        "POST", f"{API}/residents/search", residents.search, "Search the caller's area",
        body=schema.SearchBody, answer=schema.Hits,
    ),
    Route(
        "POST", f"{API}/residents/lookup", residents.lookup, "Look a person up by document number",
        body=schema.LookupBody, answer=schema.Record,
    ),
    Route(
        "GET", f"{API}/residents/{{resident}}", residents.read, "Read a person's record",
        query=schema.PurposeQuery, answer=schema.Record,
    ),
    Route(
        "POST", f"{API}/residents/{{resident}}/reveal", residents.reveal, "Open masked fields for a purpose",
        body=schema.RevealBody, answer=schema.Revealing,
    ),
    Route(
        "GET", f"{API}/households/{{household}}", residents.household, "Read a household",
        query=schema.PurposeQuery, answer=schema.Household,
    ),
    Route("GET", f"{API}/systems", systems.states, "State of the line systems", answer=schema.Systems),
    Route(
        "GET", f"{API}/audit", audit.events, "Read the record of every look",
        query=schema.AuditQuery, answer=schema.AuditPage,
    ),
    Route(
        "POST", f"{API}/cache/purge", cache.purge, "Forget kept answers of line systems",
        body=schema.PurgeBody, status=204,
    ),
    Route(
        "POST", f"{API}/webhooks/{{system}}", webhooks.changed, "A line system's data changed (signed)",
        Access.PUBLIC, body=schema.ChangeBody, status=204,
    ),
    Route("GET", "/healthz", health.alive, "Is the process alive", Access.PUBLIC, answer=schema.Health),
    Route("GET", "/readyz", health.ready, "Can it serve", Access.PUBLIC, answer=schema.Health),
    Route("GET", "/openapi.json", openapi.document, "This description", Access.PUBLIC),
    Route("GET", "/docs", docs.page, "This description, to read", Access.PUBLIC),
)  # fmt: skip


def add_routes(app: web.Application) -> None:
    """Add every route to the application."""
    services = app[SERVICES]
    for route in ROUTES:
        app.router.add_route(route.method, route.path, endpoint(route, services))
