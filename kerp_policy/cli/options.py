"""Options that several commands take, and how a shell completes their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

SEVERITIES = click.Choice(["error", "warning", "info"])


def completed_by(name: str) -> dict[str, Any]:
    """What has a shell complete a value: a function of `commands.complete`, loaded when it asks."""

    def offers(*asked: Any) -> Any:
        from kerp_policy.commands import complete

        return getattr(complete, name)(*asked)

    return {"shell_complete": offers}


def format_option(text: str, offers: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`, any number of reports; the help names them, and a function completes them."""
    about = {"multiple": True, "metavar": "NAME[=FILE]", "help": text, **completed_by(offers)}
    return click.option("--format", "formats", **about)


def profile_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--profile`."""
    text = "The standard to hold the project to, instead of the configured one."
    return click.option("--profile", metavar="NAME", help=text, **completed_by("profile"))(command)


def environment_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--environment`."""
    text = "What to assume where files do not tell."
    offers = completed_by("environment")
    return click.option("--environment", metavar="NAME", help=text, **offers)(command)


def judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--processes` and `--cache`: how what is judged comes about, and nothing of what."""
    text = (
        "Whether to use and keep results of unchanged files in the user's cache folder (yes, but"
        " not in CI)."
    )
    command = click.option("--cache/--no-cache", default=None, help=text)(command)
    text = "How many processes judge (one for each processor)."
    number = click.IntRange(1, 256)
    return click.option("--processes", type=number, metavar="NUMBER", help=text)(command)


def timings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--timings`."""
    text = "Tell on standard error where the time went."
    return click.option("--timings", is_flag=True, help=text)(command)
