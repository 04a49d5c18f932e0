"""One login and one lookup for the people who run a neighbourhood."""

__version__ = "0.1.0"
