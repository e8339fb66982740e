"""Mistakes of the one who runs the program, as opposed to findings in what is judged."""

from __future__ import annotations

from kerp_policy.paths import Path


class UsageError(Exception):
    """The command line, configuration, a profile or a policy is wrong: exit code 2."""


class FieldError(UsageError):
    """A mistake at a place in a file that people write, before the file's name and line are known.

    Args:
        path: the offending place in the file's data; where it is missing, its nearest parent is
            named.
        message: what is wrong, what was expected, and a suggestion.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
