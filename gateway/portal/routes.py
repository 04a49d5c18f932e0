"""The one list of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.keys import PROBLEM_PAGE
from gateway.portal.assets import ROUTE, Assets
from gateway.portal.clerk import Desk
from gateway.portal.page import Face, PageRoute, is_large, page, problem_page
from gateway.portal.render import Renderer
from gateway.portal.shell import Shells
from gateway.portal.views import audit, find, household, login, person, preference, reveal, systems, today
from gateway.web.endpoint import Access
from gateway.web.routes import API

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.keys import Services

PAGES = (
    PageRoute("GET", "/login", login.form, Access.PUBLIC),
    PageRoute("POST", "/login", login.sign_in, Access.PUBLIC),
    PageRoute("POST", "/logout", login.sign_out),
    PageRoute("POST", "/large", preference.large, Access.PUBLIC),
    PageRoute("GET", "/watermark.svg", preference.watermark),
    PageRoute("GET", "/", today.today),
    PageRoute("POST", "/find", find.find),
    PageRoute("GET", "/find/{id}", find.found),
    PageRoute("GET", "/p/{resident}", person.person),
    PageRoute("GET", "/p/{resident}/source/{system}", person.source),
    PageRoute("POST", "/p/{resident}/reveal", reveal.reveal),
    PageRoute("GET", "/h/{household}", household.household),
    PageRoute("GET", "/systems", systems.systems),
    PageRoute("GET", "/audit", audit.audit),
)


def add_pages(app: web.Application, services: Services) -> None:
    """Add the portal to the application, and its face to errors that browsers see."""
    assets = Assets()
    renderer = Renderer(assets)
    face = Face(renderer, Shells(services), Desk(services, renderer.sealed))
    app.router.add_get(ROUTE, assets.answer)
    for route in PAGES:
        app.router.add_route(route.method, route.path, page(route, services, face))

    def shown(request: web.Request, problem: web.Response) -> web.Response:
        if request.path.startswith(f"{API}/") or not for_a_browser(request):
            return problem
        return problem_page(
            face, request, problem, face.shells.of(None, request.path, large=is_large(request))
        )

    app[PROBLEM_PAGE] = shown


def for_a_browser(request: web.Request) -> bool:
    """Tell whether the client can show a page."""
    return "HX-Request" in request.headers or "text/html" in request.headers.get("Accept", "")
