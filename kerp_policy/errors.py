"""Mistakes of the one who runs the program, as opposed to findings in what is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from types import TracebackType

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


def mistakes(looks: Iterable[Callable[[], object]]) -> Iterator[FieldError]:
    """All mistakes that looking finds, as nobody wants to be told of them one at a time.

    Args:
        looks: each may raise FieldError.
    """
    for look in looks:
        try:
            look()
        except FieldError as error:
            yield error


def crash(error: BaseException) -> str:
    """What a report says of an exception that should not have been: its kind, and where it began.

    Its text is not said: it may quote a file, and so a secret.
    """
    at: TracebackType | None = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    file = PurePath(at.tb_frame.f_code.co_filename).name if at else ""
    return f"{type(error).__name__} in {file}, line {at.tb_lineno}" if at else type(error).__name__
