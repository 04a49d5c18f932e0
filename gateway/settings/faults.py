"""What is wrong with a configuration."""

from __future__ import annotations


class ConfigurationFaults(Exception):  # carries several faults
    """The configuration cannot be used."""

    def __init__(self, faults: list[str]) -> None:
        """Take the faults, a sentence each."""
        super().__init__("\n".join(faults))
        self.faults = faults
