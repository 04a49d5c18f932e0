"""What the environment sets: the one place that reads its variables, but for secrets by reference."""

from __future__ import annotations

import os
from typing import Any

from pydantic_settings import EnvSettingsSource

from gateway.settings.installation import PREFIX, Settings

_NOT_SETTINGS = ("COMMUNITY_CLOUD_DEMO_", "COMMUNITY_CLOUD_MOCK_")


def overrides(faults: list[str]) -> dict[str, Any]:
    """Return what the environment sets, nested as its names are; a mapping may also be written in JSON."""
    source = EnvSettingsSource(Settings)
    found: dict[str, Any] = {}
    for name, info in Settings.model_fields.items():
        value, _key, is_complex = source.get_field_value(info, name)
        try:
            value = source.prepare_field_value(name, info, value, is_complex)
        except ValueError:
            faults.append(f"environment: {variable((name,))}: not valid JSON")
            continue
        if value is not None:
            found[name] = value
    return found


def sets(overrides: Any, loc: tuple[int | str, ...]) -> bool:
    """Tell whether the environment sets the value at a place, or something in its way."""
    for part in loc:
        if not isinstance(overrides, dict):
            return True
        if part not in overrides:
            return False
        overrides = overrides[part]
    return True


def variable(loc: tuple[int | str, ...]) -> str:
    """Return the name of the variable that sets the value at a place."""
    return PREFIX + "__".join(map(str, loc)).upper()


def unknown() -> list[str]:
    """Return a fault for each variable that looks like a setting and is none."""
    known = {name.upper() for name in Settings.model_fields}
    return [
        f"environment: {name}: there is no such setting"
        for name in sorted(os.environ)
        if name.startswith(PREFIX)
        and not name.startswith(_NOT_SETTINGS)
        and name.removeprefix(PREFIX).partition("__")[0].upper() not in known
    ]
