"""Templates to pages: compiled once at start, escaping everything, with the headers of a page."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from aiohttp import web
from cachetools import LRUCache
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from multidict import CIMultiDict

from gateway.portal.shell import Shell
from gateway.portal.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.portal.assets import Assets
    from gateway.portal.file import PersonFile
    from gateway.portal.seals import Seal
    from gateway.portal.shell import May

FOLDER = Path(__file__).with_name("templates")

HEADERS = CIMultiDict(
    {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Vary": "Cookie, HX-Request",
    }
)
"""Of every page, beside those of every answer (gateway.web.middleware)."""


PAGES = {
    "audit.html": ("audit_title", True),
    "find_over.html": ("find_over", False),
    "found.html": ("found_title", True),
    "household.html": ("household_title", True),
    "login.html": ("sign_in", False),
    "person.html": ("file_title", True),
    "problem.html": ("problem_title", False),
    "systems.html": ("systems_title", False),
    "today.html": ("nav_today", False),
}
"""Template -> (title, whether it bears the mark of who looks). Histories keep titles: no names in them."""

_BODY, _HERE, _TOKEN, _CSRF = (token_hex(16) for _ in range(4))
"""What stands in a gap until it is filled: nobody who writes a name into a line system can know it."""
_FRAMES, _PIECES = 1024, 512

Drawing = tuple[bytes, ...]
"""A part of a page, drawn for all who may see the same: their CSRF token goes between the pieces."""


class Renderer:
    """All templates, ready to be filled in.

    What is the same for many pages is made once and kept: frames by reader, seals by time, choosers by field.
    Nothing that is kept says anything of a resident.
    """

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

        def macro(file: str, name: str) -> Callable[..., Markup]:
            found: Callable[..., Markup] = getattr(
                environment.get_template(f"macros/{file}.html").module, name
            )
            return found

        keep = lru_cache(_PIECES)
        environment.globals["icon"] = keep(macro("icon", "icon"))
        environment.globals["seal"] = keep(macro("seal", "seal"))
        self.sealed: Callable[[Seal, str, bool], Markup] = keep(macro("seal", "sealed"))
        self.row: Callable[[PersonFile, str], Markup] = macro("person", "person_row")
        environment.globals["chooser"] = _chooser(macro("reveal", "chooser"))
        self._templates = {name: environment.get_template(name) for name in environment.list_templates()}
        self._frames: LRUCache[tuple[str, Shell], tuple[Drawing, bytes]] = LRUCache(_FRAMES)

    def part(self, template: str, **model: Any) -> str:
        """Return a filled-in template; raises jinja2.UndefinedError for a value that the model lacks."""
        return self._templates[template].render(model)

    def page(self, template: str, shell: Shell, here: str, **model: Any) -> bytes:
        """Return a filled-in template in the reader's frame; ``here`` is our own path to come back to."""
        return self._framed(template, shell, here, self.part(template, shell=shell, **model).encode())

    def draw(self, template: str, may: May, **model: Any) -> Drawing:
        """Return a filled-in template for every reader who may do this; who they are, it cannot say."""
        text = self.part(template, shell=Shell(large=False, may=may, csrf=_CSRF), **model)
        return tuple(piece.encode() for piece in text.split(_CSRF))

    def drawn(self, template: str, shell: Shell, here: str, drawing: Drawing) -> bytes:
        """Return a page whose body is drawn already, in the reader's frame."""
        return self._framed(template, shell, here, shell.csrf.encode().join(drawing))

    def _framed(self, template: str, shell: Shell, here: str, body: bytes) -> bytes:
        before, after = self._frame(template, shell)
        return b"".join((here.encode().join(before), body, after))

    def _frame(self, template: str, shell: Shell) -> tuple[Drawing, bytes]:
        key = (template, shell)
        found = self._frames.get(key)
        if found is None:
            title, mark = PAGES[template]
            frame = self.part("frame.html", title=title, mark=mark, shell=shell, here=_HERE, body=_BODY)
            before, _, after = frame.partition(_BODY)
            found = self._frames[key] = (tuple(part.encode() for part in before.split(_HERE)), after.encode())
        return found


def _chooser(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """Return the purpose chooser, which differs from person to person in two tokens only."""

    @lru_cache(_PIECES)
    def kept(name: str, label: str, choices: tuple[object, ...]) -> str:
        return str(macro(name, label, choices, _TOKEN, _CSRF))

    def chooser(
        name: str, label: str, choices: tuple[object, ...], token: str, csrf: str, asking: object
    ) -> Markup:
        if asking is not None:
            return macro(name, label, choices, token, csrf, asking)
        # Both are base64url of our own making: nothing in them needs escaping.
        return Markup(kept(name, label, choices).replace(_TOKEN, token).replace(_CSRF, csrf))  # noqa: S704

    return chooser


def html(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a page or a part of one."""
    return web.Response(body=body, status=status, headers={**HEADERS, **headers} if headers else HEADERS)
