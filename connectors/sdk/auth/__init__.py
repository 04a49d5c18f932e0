"""Ways to sign in to an upstream, without I/O: see :mod:`connectors.sdk.auth.scheme`."""
