"""Wrapping keys as configured: every fault named, no key shown."""

import base64
from pathlib import Path

import pytest

from gateway.settings import ConfigurationFaults, VaultSettings
from gateway.vault.keyring import KeyRing
from gateway.vault.keys import create_key, key_faults, wrapping_keys
from gateway.vault.private_file import KeyFileFault
from gateway.vault.wrapping import LocalKey

RING = KeyRing(b"r" * 32)
SECRET = base64.b64encode(b"s" * 32).decode()


def given(**values: object) -> VaultSettings:
    return VaultSettings.model_validate(values)


def faults(**values: object) -> list[str]:
    return key_faults(given(**values), RING)


async def nobody(_request: object) -> None:
    raise AssertionError


def test_nothing_configured_is_the_key_files_own_key() -> None:
    keys = wrapping_keys(given(), RING, nobody)  # type: ignore[arg-type]
    assert keys.current.id == "installation"
    assert repr(keys.current) == "LocalKey('installation', ...)"


async def test_keys_from_a_file_and_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_key(tmp_path / "a.key")
    monkeypatch.setenv("OLD_KEY", SECRET)
    names = {"2026-11": f"file:{tmp_path / 'a.key'}", "2026-05": "env:OLD_KEY"}
    keys = wrapping_keys(given(current="2026-11", keys=names), RING, nobody)  # type: ignore[arg-type]
    assert keys.current.id == "2026-11"
    old = LocalKey("2026-05", b"s" * 32, keys.current._cipher)  # type: ignore[attr-defined]
    assert await keys.unwrap("2026-05", await old.wrap(b"k")) == b"k"
    installation = LocalKey("installation", RING.vault, old._cipher)
    assert await keys.unwrap("installation", await installation.wrap(b"k")) == b"k"


def test_a_new_key_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    create_key(tmp_path / "a.key")
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    kept = (tmp_path / "a.key").read_bytes()
    assert len(base64.b64decode(kept)) == 32
    with pytest.raises(KeyFileFault):
        create_key(tmp_path / "a.key")
    assert (tmp_path / "a.key").read_bytes() == kept


def test_all_faults_come_at_once_and_show_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_to_all = tmp_path / "open.key"
    create_key(open_to_all)
    open_to_all.chmod(0o644)
    short = tmp_path / "short.key"
    short.write_text(base64.b64encode(b"too-short").decode())
    short.chmod(0o600)
    monkeypatch.setenv("RUBBISH", "not base64 at all, but maybe a key")
    found = faults(
        current="lost",
        keys={
            "installation": "env:RUBBISH",
            "open": f"file:{open_to_all}",
            "short": f"file:{short}",
            "absent": f"file:{tmp_path / 'absent'}",
            "rubbish": "env:RUBBISH",
            "unset": "env:NOT_SET_AT_ALL",
            "there": "transit:community-cloud",
        },
    )
    assert [fault.split(": ")[1].removeprefix("vault.keys.") for fault in found] == [
        "installation", "open", "short", "absent", "rubbish", "unset", "there",
    ]  # fmt: skip
    said = "\n".join(found)
    for secret in (open_to_all.read_text().strip(), short.read_text(), "not base64 at all"):
        assert secret not in said
    assert "chmod 600" in said
    assert "vault.transit" in said


def test_a_current_key_must_be_there() -> None:
    with pytest.raises(ConfigurationFaults, match="'lost'"):
        wrapping_keys(given(current="lost"), RING, nobody)  # type: ignore[arg-type]
