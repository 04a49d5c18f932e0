"""Make a new connector: a distribution of its own, whose tests are green before its author has begun."""

from connectors.sdk.scaffold.project import NotMade, create
from connectors.sdk.scaffold.ways import WAYS, Way

__all__ = ["WAYS", "NotMade", "Way", "create"]
