"""Print the manual page of the command line, as roff for `man`.

The commands, their arguments and options come from click, so that the page says what `--help`
says. It is built with every wheel (hatch_build.py). Run: python scripts/build_man.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

EXIT_CODES = {
    "0": "nothing open at or above --fail-on",
    "1": "findings, among them files that could not be read",
    "2": "the command line, the configuration or the standard is wrong, a report could not be "
    "written, a check crashed, or there was nothing to check",
}
FILES = {
    ".kerp-policy.yaml": "the configuration, at the root of the project; [tool.kerp-policy] in "
    "pyproject.toml does as well",
    "~/.cache/kerp-policy": "policies that were validated before; may be deleted at any time",
}


def page(program: click.Group, name: str, version: str) -> str:
    """The page as roff.

    Args:
        program: the command line.
        name: what a user types.
        version: what the foot of the page says.
    """
    context = click.Context(program, info_name=name)
    return "\n".join(
        [
            f'.TH {roff(name.upper())} 1 "" "{roff(name)} {roff(version)}"',
            *(".SH NAME", f"{roff(name)} \\- {roff(_first_line(program))}"),
            *(".SH SYNOPSIS", f"\\fB{roff(name)}\\fR {roff('COMMAND [OPTIONS] [ARGUMENTS]')}"),
            ".SH COMMANDS",
            *_commands(program, context),
            *(".SH EXIT STATUS", *_list(EXIT_CODES)),
            *(".SH FILES", *_list(FILES)),
            "",
        ]
    )


def roff(text: str) -> str:
    r"""Text that roff prints as it stands.

    A backslash would begin an escape, a hyphen would become a typographic one that nobody can
    paste, and a dot or quote at the start of a line would be a request (groff_char(7), groff(7)).
    """
    text = text.replace("\\", "\\[rs]").replace("-", "\\-").replace("^", "\\[ha]")
    text = text.replace("~", "\\[ti]").replace("`", "\\[ga]").replace("'", "\\[aq]")
    text = text.replace('"', "\\[dq]")
    return re.sub(r"^(?=\.)", r"\\&", text, flags=re.MULTILINE)


def _first_line(command: click.Command) -> str:
    return (command.help or "").partition("\n")[0].removesuffix(".").lower()


def _commands(program: click.Group, parent: click.Context) -> Iterator[str]:
    for name in program.list_commands(parent):
        command = program.get_command(parent, name)
        if command is None or command.hidden:
            continue
        context = click.Context(command, info_name=name, parent=parent)
        usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece)
        yield from (f".SS {roff(name)} {roff(usage)}", *_paragraphs(command.help or ""))
        yield from _list(dict(_options(command, context)))


def _options(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record and record[1]:
            yield record


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in cleandoc(text.replace("\b", "")).split("\n\n"):
        yield from (".PP", roff(paragraph.strip()))


def _list(entries: dict[str, str]) -> Iterator[str]:
    for term, meaning in entries.items():
        yield from (".TP", f"\\fB{roff(term)}\\fR", roff(meaning))


if __name__ == "__main__":
    from kerp_policy import __version__
    from kerp_policy.cli import main

    print(page(main, "kerp-policy", __version__), end="")
