"""The description of the API as a page for people, made at start; no script, and nothing from elsewhere."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from gateway.keys import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.web.endpoint import Asked

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "docs.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
}

Schema = dict[str, Any]
"""A part of an OpenAPI document."""


async def page(asked: Asked[Any]) -> web.Response:
    """Answer the page made at start."""
    return web.Response(body=asked.request.app[DOCS], headers=_HEADERS)


def draw(description: bytes) -> bytes:
    """Return the page of an OpenAPI document (3.1, JSON) as :func:`gateway.web.openapi.describe` makes it."""
    document: Schema = orjson.loads(description)
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((_FOLDER / "docs.html").read_text("utf-8"))
    return template.render(
        info=document["info"],
        style=Markup(_STYLE),  # noqa: S704  # our own file
        operations=[
            _operation(method.upper(), path, operation, schemas)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ],
        schemas=[
            {"name": name, "words": schema.get("description", ""), "fields": list(_fields(schema))}
            for name, schema in sorted(schemas.items())
        ],
    ).encode()


def _operation(method: str, path: str, operation: Schema, schemas: Mapping[str, Schema]) -> Schema:
    (status, done), *_ = operation["responses"].items()
    body = _named(operation.get("requestBody", {}))
    changes = method not in {"GET", "HEAD"}
    signed_in = "Needs a session, and X-CSRF-Token." if changes else "Needs a session."
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "access": signed_in if operation.get("security") else "Open to all.",
        "status": status,
        "answer": _named(done),
        "parameters": [
            _field(one["name"], one["schema"], one["required"]) for one in operation["parameters"]
        ],
        "body": list(_fields(schemas[body])) if body else [],
    }


def _named(part: Schema) -> str:
    """Return the name of the schema of a body or an answer in JSON; empty where it has none."""
    content: Schema = part.get("content", {}).get("application/json", {})
    return _last(content["schema"]["$ref"]) if content else ""


def _fields(schema: Schema) -> Iterator[Schema]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        yield _field(name, part, name in required)


def _field(name: str, part: Schema, required: bool) -> Schema:  # noqa: FBT001  # as OpenAPI has it
    words = part.get("description") or next(
        (one["description"] for one in part.get("anyOf", ()) if "description" in one), ""
    )
    return {"name": name, "required": required, "type": _type(part), "words": words}


def _type(part: Schema) -> str:
    """Return a JSON schema's type in words."""
    if "$ref" in part:
        return _last(part["$ref"])
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(map(_type, part["anyOf"])))
    kind = str(part.get("format") or part.get("type") or "anything")
    if kind == "array":
        return f"list of {_type(part.get('items', {}))}"
    if isinstance(part.get("additionalProperties"), dict):
        return f"object of {_type(part['additionalProperties'])}"
    return kind


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
