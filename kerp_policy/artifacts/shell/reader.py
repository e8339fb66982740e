"""The entry: a shell text in, its commands out."""

from __future__ import annotations

from kerp_policy.artifacts.shell.commands import Commands
from kerp_policy.artifacts.shell.cursor import Locate, locator
from kerp_policy.artifacts.shell.drafts import Drafts
from kerp_policy.artifacts.shell.model import Shell, Unread
from kerp_policy.regex import regex

# `dumb-init` and `with-contenv` of s6 start the shell of an image's entrypoint.
_SHEBANG = regex(
    r"#![ \t]*(?:\S*/(?:env|dumb-init|with-contenv)[ \t]+(?:-S[ \t]+)?)?"
    r"(?P<program>\S+)(?P<arguments>[^\n]*)"
)
_ACTION = regex(r"\{\{-?[ \t]*(?:[.$(\"]|/\*|[a-z])")


def parse_shell(
    text: str, *, line: int = 1, column: int = 1, locate: Locate | None = None
) -> Shell:
    """Read a shell text, POSIX sh or bash.

    Args:
        text: the text.
        line: the line of its first character.
        column: the column of its first character; later lines begin at column 1.
        locate: where the text is not one stretch of the file, the line and column of each of its
            characters by index, and of its end; `line` and `column` then count for nothing.

    Returns:
        Its commands and what could not be read. No text raises.
    """
    drafts = Drafts()
    reader = Commands(text, locate or locator(text, line, column), drafts)
    shebang = _SHEBANG.match(text)
    if shebang:
        words = shebang["arguments"].split()
        drafts.switch(words, reader.span(0, shebang.end()), ())
    reader.read()
    return Shell(
        commands=tuple(draft.command() for draft in drafts.commands),
        options=tuple(drafts.options),
        heredocs=tuple(sorted(drafts.heredocs, key=lambda doc: doc.body.span)),
        errors=tuple(sorted(_doubted(drafts.errors, text, line))),
        interpreter=shebang["program"].rpartition("/")[2] if shebang else None,
        cases=tuple(drafts.cases),
        listed=tuple(drafts.listed),
        functions=tuple(drafts.functions),
    )


def _doubted(errors: list[Unread], text: str, first: int) -> list[Unread]:
    """Without certainty beside an action of a Go template, which Helm fills in before."""
    lines = text.split("\n") if errors else []
    filled = {row for row, line in enumerate(lines, first) if _ACTION.search(line)}
    return [e._replace(certain=False) if e.span.line in filled else e for e in errors]
