"""What is accepted: waivers and the baseline."""

from __future__ import annotations

import sys
from typing import Any

import click

from kerp_policy.cli.group import main
from kerp_policy.cli.options import completed_by
from kerp_policy.cli.saying import say


@main.command()
@click.argument("address")
@click.option("--reason", required=True, metavar="TEXT", help="Why it may stay.")
@click.option("--until", required=True, metavar="YYYY-MM-DD", help="The last day that it holds.")
@click.option("--owner", default="", metavar="NAME", help="Who answers for it.")
@click.option("--policy", metavar="NAME", help="Which, where several find something there.")
def waive(address: str, **options: Any) -> None:
    """Accept what is found at ADDRESS (`check -v` shows it), for a reason and a time.

    The waiver is written above the place, bound to the values that are there now; where no comment
    can stand, into .kerp-policy.yaml.
    """
    from kerp_policy.commands.waive import waive_command

    say(waive_command(address, options) + "\n")


@main.command()
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--expiring", metavar="30d", help="Fail if one ends within so many days.")
def waivers(folder: str, expiring: str | None) -> None:
    """List the waivers, with their age, their owner and the days left.

    Exit code 0; with --expiring 1 if one is over, or ends before.
    """
    from pathlib import Path

    from kerp_policy.commands.waivers import waivers_command

    text, passed = waivers_command(Path(folder), expiring)
    say(text)
    sys.exit(int(not passed))


@main.group()
def baseline() -> None:
    """Accept what is found today, so that only what is new fails."""


@baseline.command("write")
@click.option(
    "--environment",
    metavar="NAME",
    help="What to assume where files do not tell; update does so, too.",
    **completed_by("environment"),
)
def baseline_write(environment: str | None) -> None:
    """Accept all that fails in the project here, where nothing is accepted yet."""
    from kerp_policy.commands.baseline import write_command

    say(write_command(environment))


@baseline.command("update")
def baseline_update() -> None:
    """Take out what is mended or waived, and follow files that were renamed. Adds nothing."""
    from kerp_policy.commands.baseline import update_command

    say(update_command())


@baseline.command("show")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def baseline_show(form: str) -> None:
    """Show what is accepted, by file and policy."""
    from kerp_policy.commands.baseline import show_command

    say(show_command(form))
