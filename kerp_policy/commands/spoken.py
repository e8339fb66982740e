"""Commands that speak the reader's language, usage errors and help included."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from inspect import cleandoc
from itertools import pairwise
from typing import Any

import click

from kerp_policy import i18n
from kerp_policy.commands.ending import prepare, true_exit


class Formatter(click.HelpFormatter):
    """Help in another language than English: click passes its texts here, each still English."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, translated."""
        paragraphs = i18n.gettext(text).split("\n\n")
        self.write("\n\n".join(self._lines(text, self.current_indent) for text in paragraphs))
        self.write("\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write what options or commands mean, translated, beside their names."""
        rows = list(rows)
        column = min(max(len(name) for name, _ in rows), col_max) + col_spacing
        at = self.current_indent + column
        for name, text in rows:
            meaning, bracket, rest = text.partition("  [")
            lines = self._lines(i18n.gettext(meaning) + bracket + rest, at)
            start = f"{'':>{self.current_indent}}{name}"
            beside = len(name) <= column - col_spacing
            self.write(start + lines[len(start) :] if beside else f"{start}\n{lines}".rstrip())
            self.write("\n")

    def _lines(self, text: str, indent: int) -> str:
        from kerp_policy.cells import wrapped

        return "\n".join(wrapped(text, self.width, " " * indent)) or " " * indent


class _Context(click.Context):
    def make_formatter(self) -> click.HelpFormatter:
        if i18n.language() == i18n.ENGLISH:
            return super().make_formatter()
        return Formatter(width=self.terminal_width, max_width=self.max_content_width)


class Command(click.Command):
    """A command with `--lang`."""

    context_class = _Context

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(_language_option())

    def get_short_help_str(self, limit: int = 45) -> str:
        """The line that tells what it does in a list of commands; one in English is cut there."""
        if i18n.language() == i18n.ENGLISH or not self.help:
            return super().get_short_help_str(limit)
        return i18n.gettext(cleandoc(self.help)).partition("\n\n")[0]


class Group(Command, click.Group):
    """Commands whose usage errors are told in one line and end with exit code 2."""

    command_class = Command
    group_class = type

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run the command line, in the language that it or the environment asks for."""
        import sys

        prepare()
        words = sys.argv[1:] if args is None else list(args)
        with i18n.speaking(_asked(words) or i18n.preferred(os.environ)), true_exit():
            return super().main(words, *rest, **options)

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the command line, which may print help."""
        with true_exit():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with true_exit():
            return super().invoke(ctx)


def _language_option() -> click.Option:
    return click.Option(
        ["--lang"],
        type=click.Choice(i18n.LANGUAGES),
        envvar=i18n.VARIABLE,
        expose_value=False,
        help="The language of words, instead of the locale's.",
    )


def _asked(words: Sequence[str]) -> str:
    """The language on the command line, looked for before click reads it: its errors need one."""
    own = words[: words.index("--")] if "--" in words else words
    values = [after for word, after in pairwise(own) if word == "--lang"]
    values += [word.removeprefix("--lang=") for word in own if word.startswith("--lang=")]
    return next((value for value in values if value in i18n.LANGUAGES), "")
