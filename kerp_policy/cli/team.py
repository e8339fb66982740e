"""A team's own standard: beginning one, adding to it, testing it."""

from __future__ import annotations

import sys

import click

from kerp_policy.cli.group import main
from kerp_policy.cli.saying import say


@main.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
def init(folder: str | None) -> None:
    """Write a first configuration for the project here, or in FOLDER."""
    from pathlib import Path

    from kerp_policy.commands.init import init_command
    from kerp_policy.sources.discover import project_root

    say(init_command(Path(folder) if folder else project_root([Path()])))


@main.group()
def new() -> None:
    """Begin a policy or a profile of your own."""


@new.command("policy")
@click.argument("name")
@click.option("--each", default="container", metavar="SCOPE", help="What it is asked about.")
def new_policy(name: str, each: str) -> None:
    """Write a policy NAME, and a fixture folder that breaks it and one that does not."""
    from kerp_policy.commands import new as command

    say(command.new_policy(name, each))


@new.command("profile")
@click.argument("name")
def new_profile(name: str) -> None:
    """Write a profile NAME that extends kerp."""
    from kerp_policy.commands import new as command

    say(command.new_profile(name))


@main.command()
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
def test(folder: str) -> None:
    """Run the examples of the policies in FOLDER, and its fixture folders.

    A fixture folder is a small project with an expected.yaml that lists what is to be found.
    Exit code 0: all is as expected. 1: something differs. 2: a file is not valid, or there is
    nothing to test.
    """
    from pathlib import Path

    from kerp_policy.commands.test import test_command

    text, passed = test_command(Path(folder))
    say(text)
    sys.exit(int(not passed))
