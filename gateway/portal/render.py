"""Templates to pages: compiled once at start, escaping everything, with the headers of a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.portal.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.portal.assets import Assets

FOLDER = Path(__file__).with_name("templates")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Vary": "Cookie, HX-Request",
}
"""Of every page, beside those of every answer (gateway.web.middleware)."""


class Renderer:
    """All templates, ready to be filled in."""

    def __init__(self, assets: Assets) -> None:
        environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        environment.globals |= {
            "w": WORDS,
            "asset": {name: assets.address(name) for name in assets.by_file},
            "icons": assets.address("icons.svg"),
        }
        self._templates = {name: environment.get_template(name) for name in environment.list_templates()}

    def text(self, template: str, **model: Any) -> str:
        """Return a filled-in template; raises jinja2.UndefinedError for a value that the model lacks."""
        return self._templates[template].render(model)

    def answer(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **model: Any
    ) -> web.Response:
        """Return a filled-in template as a response."""
        return html(self.text(template, **model), status, headers)


def html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a page or a part of one."""
    return web.Response(
        body=text.encode(),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={**HEADERS, **(headers or {})},
    )
