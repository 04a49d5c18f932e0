"""What the parts of the settings are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0, le=7 * 86_400)]
SecretRef = Annotated[str, Field(pattern=r"^(env|file):\S+$")]
"""Where a secret is found, never the secret: ``env:NAME`` or ``file:PATH``."""
KeyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class Part(BaseModel):
    """A frozen part of the settings; unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")
