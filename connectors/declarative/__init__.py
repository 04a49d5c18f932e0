"""Connectors without Python: a plain JSON system described in one YAML file.

:func:`load_description` makes a connector's class of it. ``docs/connectors-yaml.md`` tells how to write one.
"""

from connectors.declarative.load import DescriptionFaults, load_description

__all__ = ["DescriptionFaults", "load_description"]
