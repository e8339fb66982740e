"""What a command prints on standard output."""

from __future__ import annotations

import click


def say(text: str) -> None:
    """Print a text that a team's standard or project may have words in: none steers the terminal.

    Nor is any a command in the log of a CI system.
    """
    from kerp_policy.visible import inert, printable

    click.echo(inert(printable(text)), nl=False)
