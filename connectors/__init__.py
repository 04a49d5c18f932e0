"""Connectors: one package per line system, and the SDK they are written with."""
