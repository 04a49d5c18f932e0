"""Settings: the only reader of configuration files and of the environment.

A configuration is ``gateway.yaml`` and, beside it, ``systems.yaml``. Any value can be overridden by an
environment variable ``COMMUNITY_CLOUD_...`` with ``__`` between levels. Unknown keys are faults, and all
faults are reported at once.
"""

from gateway.settings.faults import ConfigurationFaults
from gateway.settings.installation import PREFIX, Listen, Sessions, Settings
from gateway.settings.reading import read, read_whole
from gateway.settings.secret import Secret, resolve
from gateway.settings.system import BreakerSettings, Cache, Canary, Credential, Quota, SystemSettings
from gateway.settings.tls import Tls
from gateway.settings.vault import Transit, VaultSettings
from gateway.settings.window import Window

__all__ = [
    "PREFIX",
    "BreakerSettings",
    "Cache",
    "Canary",
    "ConfigurationFaults",
    "Credential",
    "Listen",
    "Quota",
    "Secret",
    "Sessions",
    "Settings",
    "SystemSettings",
    "Tls",
    "Transit",
    "VaultSettings",
    "Window",
    "read",
    "read_whole",
    "resolve",
]
