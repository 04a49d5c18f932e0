import base64
import hashlib
import hmac
import json
import os
import stat
from pathlib import Path

import pytest

from gateway.vault.keyring import KeyFileFault, KeyRing

PURPOSES = ("token", "cache", "audit_subject", "audit_anchor", "login")


def hkdf(root: bytes, label: str, length: int) -> bytes:
    """RFC 5869 written out, with the absent salt as a block of zeros."""
    secret = hmac.digest(bytes(32), root, "sha256")
    block, out = b"", b""
    for count in range(1, -(-length // 32) + 1):
        block = hmac.digest(secret, block + label.encode() + bytes([count]), "sha256")
        out += block
    return out[:length]


def test_a_new_file_is_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "gateway.key"
    umask = os.umask(0)
    try:
        made = KeyRing.create(path)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = KeyRing.read(path)
    assert [getattr(made, name) for name in PURPOSES] == [getattr(read, name) for name in PURPOSES]


def test_the_derivation_is_fixed_for_ever() -> None:
    root = bytes(range(32))
    ring = KeyRing(root)
    assert ring.token == hkdf(root, "community-cloud/token/1", 64)
    assert ring.cache == hkdf(root, "community-cloud/cache/1", 32)
    assert ring.audit_subject == hkdf(root, "community-cloud/audit-subject/1", 32)
    assert ring.audit_anchor == hkdf(root, "community-cloud/audit-anchor/1", 32)
    assert ring.login == hkdf(root, "community-cloud/login/1", 32)
    assert hashlib.sha256(ring.token).hexdigest().startswith(TOKEN_DIGEST)


TOKEN_DIGEST = "b87dca2a0848b552"


def test_every_purpose_and_every_root_has_its_own_key(tmp_path: Path) -> None:
    one, two = (KeyRing.create(tmp_path / name) for name in ("one", "two"))
    keys = [getattr(ring, name)[:32] for ring in (one, two) for name in PURPOSES]
    assert len(set(keys)) == len(keys)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "gateway.key"
    path.write_text("precious")
    with pytest.raises(KeyFileFault, match="never overwritten"):
        KeyRing.create(path)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "gateway.key"
    KeyRing.create(path)
    path.chmod(mode)
    with pytest.raises(KeyFileFault, match=f"may be read by others .mode {mode:04o}.; run: chmod 600"):
        KeyRing.read(path)


def content(**held: object) -> bytes:
    return json.dumps({"version": 1, "root": base64.b64encode(bytes(32)).decode()} | held).encode()


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (b"", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[]", "damaged"),
        (b'{"version": 1}', "damaged"),
        (content(root=5), "damaged"),
        (content(root="sentinel*"), "damaged"),
        (content(root=base64.b64encode(bytes(31)).decode()), "damaged"),
        (content(root=base64.b64encode(bytes(3000)).decode()), "damaged"),
        (content(version=2), "version"),
    ],
)
def test_a_bad_file_is_named_but_never_quoted(tmp_path: Path, held: bytes, sentence: str) -> None:
    path = tmp_path / "gateway.key"
    path.write_bytes(held)
    path.chmod(0o600)
    with pytest.raises(KeyFileFault, match=sentence) as raised:
        KeyRing.read(path)
    assert "sentinel" not in str(raised.value)
    assert raised.value.__context__ is None or raised.value.__suppress_context__


def test_files_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(KeyFileFault, match="no key file"):
        KeyRing.read(tmp_path / "absent")
    with pytest.raises(KeyFileFault, match="cannot be read"):
        KeyRing.read(tmp_path)
    with pytest.raises(KeyFileFault, match="cannot be created"):
        KeyRing.create(tmp_path / "absent" / "gateway.key")


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "gateway.key")
    assert repr(ring) == str(ring) == "KeyRing(...)"
