"""Connectors that are wrong about what they read."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import httpx

from connectors import sdk
from tests.contract.wrong.right import Right

NOBODY: dict[str, Any] = {"success": True, "rows": []}


class WaitsForAnHour(Right):
    """Lets one call take an hour."""

    manifest = dataclasses.replace(Right.manifest, timeout_s=3600)


class BlankIsNobody(Right):
    """Takes blanks for the answer that there is nobody."""

    def parsed(self, text: str) -> dict[str, Any]:
        return super().parsed(text) if text.strip() else NOBODY


class HalfIsNobody(Right):
    """Takes an answer that ends too early for one without rows."""

    def parsed(self, text: str) -> dict[str, Any]:
        try:
            return super().parsed(text)
        except json.JSONDecodeError:
            if text.startswith("{"):
                return NOBODY
            raise


class NoiseIsNobody(Right):
    """Takes control characters for an answer without rows."""

    def text(self, answer: httpx.Response) -> str:
        return json.dumps(NOBODY) if re.search(rb"[\x00-\x08]", answer.content) else super().text(answer)


class TrustsTheCharset(Right):
    """Reads whatever GB18030 makes of the bytes."""

    def text(self, answer: httpx.Response) -> str:
        return answer.content.decode("gb18030")


class GuessesCharacters(Right):
    """Puts a mark where a character is broken, and goes on."""

    def text(self, answer: httpx.Response) -> str:
        try:
            return super().text(answer)
        except sdk.BadUpstreamData as error:
            if "UTF-8" in str(error):
                raise
            return answer.content.decode("gb18030", "replace")


class CommonNamesOnly(Right):
    """Lets names through that GBK can write."""

    def fields(self, row: dict[str, str]) -> dict[str, Any]:
        return super().fields(row) | {"name": row["name"].encode("gbk", "ignore").decode("gbk")}
