"""Regular expressions that are compiled when they are first used, since a run needs few of them.

Compiling all of them took a tenth of the time that a small project's run takes.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast

_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")


class _Regex(Generic[AnyStr]):
    """Stands in for a pattern until one of its methods is asked for, and has them from then on."""

    def __init__(self, text: AnyStr, flags: int) -> None:
        self._text: AnyStr = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._text, self._flags)
        self.__dict__.update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern as `re.compile` makes it, but made when it is first used.

    Args:
        text: the regular expression; a mistake in it is raised at its first use.
        flags: those of `re`.
    """
    return cast(re.Pattern[AnyStr], _Regex(text, flags))
