"""The program itself: what all commands belong to."""

from __future__ import annotations

import sys

import click

from kerp_policy import __version__
from kerp_policy.commands.ending import at_once
from kerp_policy.commands.spoken import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kerp-policy", message="%(prog)s %(version)s")
def main() -> None:
    """Hold deployment artifacts to a documented standard."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def start() -> None:
    """Be the program."""
    at_once(main)
