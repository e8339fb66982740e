"""Mistakes of the one who runs the program, as opposed to findings in what is judged."""

from __future__ import annotations


class UsageError(Exception):
    """The command line, configuration, a profile or a policy is wrong: exit code 2."""
