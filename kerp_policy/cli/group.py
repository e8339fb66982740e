"""The program itself: what all commands belong to."""

from __future__ import annotations

import atexit
import gc
import sys

import click

from kerp_policy import __version__
from kerp_policy.commands.spoken import Group

_ALLOCATIONS = 200_000
"""How many new objects there are before cyclic garbage is looked for: a run of a small project
makes fewer, and one of a large one keeps nearly all that it makes, so looking often is in vain."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kerp-policy", message="%(prog)s %(version)s")
def main() -> None:
    """Hold deployment artifacts to a documented standard."""
    gc.set_threshold(_ALLOCATIONS)
    atexit.register(gc.freeze)  # else Python, at its end, looks through all that it is to forget
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
