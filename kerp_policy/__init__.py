"""kerp-policy holds deployment artifacts to a documented standard."""

__version__ = "0.1.0"
