"""The description of the API (OpenAPI 3.1), made from the list of routes and its models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from pydantic.json_schema import models_json_schema

from gateway import __version__
from gateway.keys import OPENAPI
from gateway.web import respond
from gateway.web.endpoint import Access
from gateway.web.schema import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web
    from pydantic import BaseModel

    from gateway.web.endpoint import Asked, Route

_REF = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)\}")


async def document(asked: Asked[Any]) -> web.Response:
    """Answer the description made at start."""
    return respond.rendered(asked.request.app[OPENAPI])


def describe(routes: Sequence[Route]) -> bytes:
    """Return the description of the routes as JSON."""
    models = {model for route in routes for model in (route.body, route.answer) if model is not None} | {
        Problem
    }
    named, definitions = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template=_REF,
    )
    del named
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return orjson.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Community Cloud gateway",
                "version": __version__,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                "description": "One login, one lookup. People are addressed by opaque tokens, "
                "never by name or number in a URL.",
            },
            "paths": paths,
            "components": {
                "schemas": definitions["$defs"],
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
                    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
                },
            },
        }
    )


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(route.path)
        ]
        + (_query(route.query) if route.query else []),
        "responses": {
            str(route.status): {"description": "Done", **(_content(route.answer) if route.answer else {})},
            "default": {
                "description": "Not done (RFC 9457)",
                **_content(Problem, "application/problem+json"),
            },
        },
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, **_content(route.body)}
    if route.access is Access.SIGNED_IN:
        operation["security"] = [{"session": []} if route.method == "GET" else {"session": [], "csrf": []}]
    return operation


def _content(model: type[BaseModel], content_type: str = "application/json") -> dict[str, Any]:
    return {"content": {content_type: {"schema": {"$ref": _REF.format(model=model.__name__)}}}}


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    described = model.model_json_schema(ref_template=_REF)
    required = set(described.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": part}
        for name, part in described["properties"].items()
    ]
