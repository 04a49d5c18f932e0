"""Describe a system in a few lines, and play it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from connectors.declarative import DescriptionFaults, load_description
from connectors.sdk import Connector, Query, Record
from connectors.sdk.run import fetch

COMMITTEE = "310109010003"
ACME = Path(__file__).parents[3] / "contract" / "acme.yaml"

PLAIN = """\
name: plain
title: 试点
seal: 试
auth: none
endpoints:
{endpoints}
answer: {{rows: rows{answer}}}
person: {{local_id: id, citizen_id: number, passport: passport}}
fields:
{fields}
"""
LIST = '  list: {{path: /list, json: {{c: "{{query.committee}}"{json}}}, pages: {{{pages}}}}}'
NAME = "  name: {from: name, kind: name}"


def faults(folder: Path, text: str) -> tuple[str, ...]:
    """Return what is wrong, without the file's name."""
    file = folder / "it.yaml"
    file.write_text(text, "utf-8")
    try:
        load_description(file)
    except DescriptionFaults as error:
        return tuple(line.removeprefix("it.yaml: ") for line in str(error).split("\n"))
    return ()


def described(
    folder: Path,
    endpoints: str,
    fields: str = NAME,
    *,
    answer: str = "",
    base_url: str = "https://line.example/app",
) -> Connector[Any]:
    """Return a connector with these endpoints and fields, each a line of YAML."""
    file = folder / "plain.yaml"
    file.write_text(PLAIN.format(endpoints=endpoints, answer=answer, fields=fields), "utf-8")
    made = load_description(file)
    return made(base_url, made.settings_type())


async def answered(
    connector: Connector[Any], query: Query, system: Callable[[httpx.Request], httpx.Response]
) -> tuple[list[Record], list[httpx.Request]]:
    """Ask a system through the SDK's own runner; return the records and all that was sent."""
    sent: list[httpx.Request] = []

    async def send(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        response = system(request)
        response.request = request
        return response

    return await fetch(connector, query, None, send), sent


def said(**members: object) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(members, ensure_ascii=False).encode())


def rows(*names: str) -> list[dict[str, object]]:
    return [{"id": name, "name": f"某{name}"} for name in names]
