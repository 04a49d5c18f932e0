"""A small server that speaks as HashiCorp Vault's transit engine does, faults included."""

import asyncio
import base64
import binascii
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "hvs.made-up-token-for-tests"
SAYS = "319999193405060011"
"""Stands in every error it answers with, and must stand in none of ours."""


class TransitServer:
    """Keys with versions, and one token; switches make it ill."""

    def __init__(self) -> None:
        self.keys: dict[str, list[bytes]] = {"community-cloud": [os.urandom(32)]}
        self.min_decryption_version = 1
        self.sealed = False
        self.rubbish: bytes | None = None
        self.asked: list[str] = []
        self.address = ""
        self.hold_after: int | None = None
        """After so many requests the next ones wait until :meth:`let_go`."""
        self.holding = asyncio.Event()
        self._go = asyncio.Event()

    def rotate(self) -> None:
        """Make a new version of the key."""
        self.keys["community-cloud"].append(os.urandom(32))

    def let_go(self) -> None:
        """Answer those who wait, and hold nobody any more."""
        self.hold_after = None
        self._go.set()
        self.holding, self._go = asyncio.Event(), asyncio.Event()

    async def _answer(self, request: web.Request) -> web.Response:
        verb, name = request.match_info["verb"], request.match_info["name"]
        self.asked.append(verb)
        if self.hold_after is not None and len(self.asked) > self.hold_after:
            self.holding.set()
            await self._go.wait()
        if self.rubbish is not None:
            return web.Response(body=self.rubbish)
        if self.sealed:
            return _errors(503, "Vault is sealed")
        if request.headers.get("X-Vault-Token") != TOKEN:
            return _errors(403, "permission denied")
        if request.match_info["mount"] != "transit" or verb not in {"encrypt", "decrypt", "rewrap"}:
            return _errors(404)
        if name not in self.keys:
            return _errors(400 if verb != "encrypt" else 404, "encryption key not found")
        body = await request.json()
        try:
            if verb == "encrypt":
                plain = base64.b64decode(body["plaintext"], validate=True)
            else:
                plain = self._decrypt(name, body["ciphertext"])
        except (KeyError, ValueError, binascii.Error, InvalidTag):
            return _errors(400, f"cipher: message authentication failed {SAYS}")
        if verb == "decrypt":
            return _data({"plaintext": base64.b64encode(plain).decode()})
        return _data(self._encrypt(name, plain))

    def _encrypt(self, name: str, plain: bytes) -> dict[str, Any]:
        versions, nonce = self.keys[name], os.urandom(12)
        sealed = nonce + AESGCM(versions[-1]).encrypt(nonce, plain, None)
        text = f"vault:v{len(versions)}:{base64.b64encode(sealed).decode()}"
        return {"ciphertext": text, "key_version": len(versions)}

    def _decrypt(self, name: str, text: str) -> bytes:
        vault, version, encoded = text.split(":")
        number = int(version.removeprefix("v"))
        if vault != "vault" or not self.min_decryption_version <= number <= len(self.keys[name]):
            raise ValueError("version disallowed by policy")
        sealed = base64.b64decode(encoded, validate=True)
        return AESGCM(self.keys[name][number - 1]).decrypt(sealed[:12], sealed[12:], None)


@asynccontextmanager
async def transit_server() -> AsyncIterator[TransitServer]:
    """Run one on a free port of this machine."""
    server = TransitServer()
    app = web.Application()
    app.router.add_post("/v1/{mount}/{verb}/{name}", server._answer)
    async with TestServer(app) as running:
        server.address = str(running.make_url("/"))
        yield server


def _data(data: dict[str, Any]) -> web.Response:
    return web.json_response({"request_id": "1", "lease_id": "", "renewable": False, "data": data})


def _errors(status: int, *words: str) -> web.Response:
    return web.json_response({"errors": list(words)}, status=status)
