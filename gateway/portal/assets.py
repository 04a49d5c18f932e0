"""Static files: read once, named by their content, kept by browsers for a year."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).with_name("static")
ROUTE = "/static/{name}"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"
_HASH_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    name: str
    """With the first digits of its SHA-256 before the suffix."""
    content_type: str
    plain: bytes
    zipped: bytes


class Assets:
    """All static files, by the name that pages give them."""

    def __init__(self) -> None:
        files = sorted(path for path in FOLDER.rglob("*") if path.suffix in _TYPES)
        self.by_file: Mapping[str, Asset] = MappingProxyType({path.name: _read(path) for path in files})
        self._by_name = {asset.name: asset for asset in self.by_file.values()}

    def address(self, file: str) -> str:
        """Return the path of a file; raises KeyError for one that is not there."""
        return f"/static/{self.by_file[file].name}"

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one file; a name of another version is not found, so no page mixes two."""
        asset = self._by_name.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        body = asset.plain
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = asset.zipped
        return web.Response(body=body, content_type=asset.content_type, charset="utf-8", headers=headers)


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    digest = sha256(content).hexdigest()[:_HASH_DIGITS]
    zipped = gzip.compress(content, 9, mtime=0)
    return Asset(f"{path.stem}.{digest}{path.suffix}", _TYPES[path.suffix], content, zipped)
