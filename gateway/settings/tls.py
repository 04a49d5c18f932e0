"""How we and a line system prove to each other who we are."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import model_validator

from gateway.settings.part import Part


class Tls(Part):
    """Files in PEM, relative to the configuration; when all are absent, what this machine believes."""

    ca: Path | None = None
    """Certificate authorities that alone are believed, in place of this machine's."""
    certificate: Path | None = None
    """Our certificate and its chain, for systems that ask for one."""
    key: Path | None = None
    """Its private key, without a password; absent where it stands in the certificate's file."""

    @model_validator(mode="after")
    def _key_of_a_certificate(self) -> Self:  # noqa: N804  # an after-validator is a method
        if self.key and not self.certificate:
            raise ValueError("a key needs its certificate")
        return self

    def below(self, home: Path) -> Tls:
        """Return the same with paths taken from this folder."""
        files = {name: home / path for name, path in self if path is not None}
        return self.model_copy(update=files)
