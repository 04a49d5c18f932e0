"""The vault's wrapping keys as the configuration names them."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.sdk import Unavailable
from gateway.settings import ConfigurationFaults, resolve
from gateway.vault.cipher import CIPHERS
from gateway.vault.private_file import KeyFileFault, read_private, write_private
from gateway.vault.transit import TransitKey
from gateway.vault.wrapping import LocalKey, WrappingKey, WrappingKeys

if TYPE_CHECKING:
    import httpx

    from connectors.sdk.run import Send
    from gateway.settings import VaultSettings
    from gateway.vault.keyring import KeyRing

INSTALLATION = "installation"
"""The key that every installation has: derived from its key file."""

_SECRET_BYTES = 32


def wrapping_keys(settings: VaultSettings, ring: KeyRing, send: Send) -> WrappingKeys:
    """Return the keys, the current one first.

    Key servers are not asked. Raises ConfigurationFaults with everything that is wrong.
    """
    faults: list[str] = []
    keys: dict[str, WrappingKey] = {
        INSTALLATION: LocalKey(INSTALLATION, ring.vault, CIPHERS[settings.cipher])
    }
    for name, reference in settings.keys.items():
        try:
            if name == INSTALLATION:
                raise ValueError("this name belongs to the key file's own key")  # noqa: TRY301  # one way out
            keys[name] = _key(name, reference, settings, send)
        except (ValueError, KeyFileFault) as error:
            faults.append(f"gateway.yaml: vault.keys.{name}: {error}")
    if not faults and settings.current not in keys:
        faults.append(f"gateway.yaml: vault.current: there is no key {settings.current!r} in vault.keys")
    if faults:
        raise ConfigurationFaults(faults)
    current = keys.pop(settings.current)
    return WrappingKeys([current, *keys.values()])


def key_faults(settings: VaultSettings, ring: KeyRing) -> list[str]:
    """Return everything that is wrong with the keys, without asking a key server."""
    try:
        wrapping_keys(settings, ring, _nobody)
    except ConfigurationFaults as error:
        return error.faults
    return []


async def _nobody(request: httpx.Request) -> httpx.Response:
    del request
    raise Unavailable


def create_key(path: Path) -> None:
    """Write a new random key for ``file:PATH``; raises KeyFileFault if the file exists."""
    write_private(path, base64.b64encode(CIPHERS["aes-256-gcm"].new_key()) + b"\n")


def _key(name: str, reference: str, settings: VaultSettings, send: Send) -> WrappingKey:
    kind, _, where = reference.partition(":")
    if kind == "transit":
        if settings.transit is None:
            raise ValueError("say under vault.transit where the server is")
        return TransitKey(name, where, settings.transit, send)
    text = read_private(Path(where)) if kind == "file" else resolve(reference, Path()).value.encode()
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise ValueError(f"a key is {_SECRET_BYTES} random bytes in base64: community-cloud vault new-key")
    return LocalKey(name, secret, CIPHERS[settings.cipher])
