"""A wrapping key that never leaves its server: HashiCorp Vault's transit engine, or one of its kind."""

from __future__ import annotations

import asyncio
import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from connectors.sdk import UpstreamError
from gateway.settings import resolve
from gateway.vault.cipher import Unreadable
from gateway.vault.wrapping import KeyUnavailable

if TYPE_CHECKING:
    from connectors.sdk.run import Send
    from gateway.settings import Transit

_NOWHERE = Path()
"""Paths in the settings are absolute by now."""
_REFUSALS: dict[int, str] = {
    httpx.codes.FORBIDDEN: "the key server refuses our token",
    httpx.codes.NOT_FOUND: "the key server knows no such engine or key",
}


class TransitKey:
    """Wrap over HTTP: POST ``/v1/MOUNT/encrypt|decrypt|rewrap/KEY``.

    Wrapped keys are its ciphertexts, ``vault:vN:...``. Associated data is not sent: ``rewrap`` takes none,
    and an entry is bound to its owner by the data key's own seal. The token is read for each request, as
    agents renew it in place. No answer is quoted in an error.
    """

    def __init__(self, id_: str, key: str, settings: Transit, send: Send) -> None:
        """Take the key's name at the server, where the server is, and the way to send."""
        self.id = id_
        self._key = key
        self._settings = settings
        self._send = send

    def __repr__(self) -> str:
        return f"TransitKey({self.id!r}, ...)"

    async def wrap(self, key: bytes) -> bytes:
        """Have the data key encrypted by the key's latest version."""
        return _ciphertext(await self._ask("encrypt", plaintext=base64.b64encode(key).decode()))

    async def unwrap(self, wrapped: bytes) -> bytes:
        """Have it decrypted."""
        data = await self._ask("decrypt", ciphertext=_text(wrapped))
        try:
            return base64.b64decode(data["plaintext"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise KeyUnavailable("the key server gave an unknown answer") from None

    async def renew(self, wrapped: bytes) -> bytes:
        """Have it encrypted anew by the latest version, unseen by us; old bytes of that version stay."""
        renewed = _ciphertext(await self._ask("rewrap", ciphertext=_text(wrapped)))
        return wrapped if _version(renewed) == _version(wrapped) else renewed

    async def _ask(self, verb: str, **body: str) -> dict[str, Any]:
        settings = self._settings
        try:
            headers = {"X-Vault-Token": resolve(settings.token, _NOWHERE).value, "X-Vault-Request": "true"}
        except ValueError:
            raise KeyUnavailable("the key server's token cannot be read") from None
        request = httpx.Request(
            "POST",
            f"{str(settings.address).rstrip('/')}/v1/{settings.mount}/{verb}/{self._key}",
            content=orjson.dumps(body),
            headers={"Content-Type": "application/json", **headers},
        )
        try:
            async with asyncio.timeout(settings.timeout):
                response = await self._send(request)
        except (UpstreamError, TimeoutError):
            raise KeyUnavailable("the key server does not answer") from None
        return _data(response)


def _data(response: httpx.Response) -> dict[str, Any]:
    """Return the ``data`` of an answer, or raise by its status."""
    status = response.status_code
    if status == httpx.codes.BAD_REQUEST:
        # Changed ciphertext, or a version that the key's policy no longer decrypts.
        raise Unreadable("the key server does not open it")
    if status != httpx.codes.OK:
        # Sealed, standing by, throttling, or redirecting to the active node: all mean "not now".
        raise KeyUnavailable(_REFUSALS.get(status, f"the key server answers with status {status}"))
    try:
        data = orjson.loads(response.content)["data"]
    except (ValueError, KeyError, TypeError):
        data = None
    if not isinstance(data, dict):
        raise KeyUnavailable("the key server gave an unknown answer")
    return data


def _ciphertext(data: dict[str, Any]) -> bytes:
    text = data.get("ciphertext")
    if not (isinstance(text, str) and text.isascii() and text.startswith("vault:v")):
        raise KeyUnavailable("the key server gave an unknown answer")
    return text.encode("ascii")


def _text(wrapped: bytes) -> str:
    try:
        return wrapped.decode("ascii")
    except UnicodeDecodeError:
        raise Unreadable("not wrapped by the key server") from None


def _version(wrapped: bytes) -> bytes:
    return wrapped.split(b":", 2)[1] if wrapped.count(b":") > 1 else b""
