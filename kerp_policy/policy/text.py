"""Reading what people write for this program: policies, profiles, configuration, expectations."""

from __future__ import annotations

from pathlib import Path

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.sources.read import MAX_BYTES, encoding_problem, too_large
from kerp_policy.sources.source import Source


def text_of(file: Path) -> str:
    """The text of a file.

    Raises:
        UsageError: it cannot be read, is too large, or is no UTF-8; the message names the place.
    """
    try:
        with file.open("rb") as stream:
            source = Source(str(file), stream.read(MAX_BYTES + 1))
    except OSError as error:
        message = _("{file}: cannot be read: {why}")
        raise UsageError(message.format(file=file, why=error.strerror or error)) from None
    if problem := too_large(len(source.data)) or encoding_problem(source):
        raise UsageError(f"{file}:{problem.span.line}:{problem.span.column}: {problem.message}")
    return source.text
