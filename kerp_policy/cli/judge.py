"""Judging: `check`, what a change brings, and what the project looks like."""

from __future__ import annotations

import sys
from typing import Any

import click

from kerp_policy.cli.group import main
from kerp_policy.cli.options import (
    SEVERITIES,
    completed_by,
    environment_option,
    format_option,
    judging_options,
    profile_option,
    timings_option,
)
from kerp_policy.cli.saying import say


@main.command()
@click.argument("paths", nargs=-1, type=click.Path())
@format_option(
    "A report to make: text, json, sarif, github, markdown, gitlab, junit or html, on standard"
    " output or into FILE. May be repeated.",
    "report",
)
@profile_option
@click.option(
    "--select",
    multiple=True,
    metavar="LIST",
    help="Only these policies or clauses.",
    **completed_by("selection"),
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="LIST",
    help="Not these policies or clauses.",
    **completed_by("selection"),
)
@judging_options
@click.option("--fail-on", type=SEVERITIES, help="The least severity that fails (error).")
@click.option("--strict", is_flag=True, help="Fail on what is unverified, too.")
@environment_option
@click.option("--kubernetes-version", metavar="1.N", help="The version to validate against.")
@click.option("--alertmanager-version", metavar="0.N", help="Likewise, for Alertmanager.")
@click.option("--staged", is_flag=True, help="Judge what is staged; only what it brings.")
@click.option("--changed-since", metavar="REF", help="Only what was not there at REF itself.")
@click.option("--trust", metavar="REF", help="Take the standard, waivers and baseline from REF.")
@click.option("--stdin-name", metavar="PATH", help="What the input of `-` is to be called.")
@click.option("-q", "--quiet", is_flag=True, help="Only what fails.")
@click.option("-v", "--verbose", is_flag=True, help="Everything in full, addresses included.")
@timings_option
@click.option("--color/--no-color", default=None, help="With or without colours.")
def check(paths: tuple[str, ...], **options: Any) -> None:
    """Judge what lies at each PATH (here, if none is named; `-` is standard input).

    Exit code 0: nothing at or above --fail-on. 1: something is, or could not be read. 2: the
    command line, the configuration or the standard is wrong, or there was nothing to check.
    """
    from kerp_policy.commands.check import check_command

    sys.exit(check_command(paths or (".",), options))


@main.command()
@click.option("--base", required=True, metavar="REF", help="The revision before the change.")
@click.option("--head", metavar="REF", help="The one with it, instead of the folder.")
@click.option("--staged", is_flag=True, help="Review what is staged instead of the folder.")
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown")
@profile_option
def review(**options: Any) -> None:
    """Fill in the checklist before a deployment, from the difference of two revisions.

    A checked box is answered by files; an open one is for people, and says why. Exit code 0: it
    is filled in, whatever it says. 2: git has no such revision, or a check crashed.
    """
    from kerp_policy.commands.review import review_command

    text, code = review_command(**options)
    say(text)
    sys.exit(code)


@main.command()
@click.argument("path", default=".", type=click.Path())
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "mermaid", "json"]),
    default="text",
    help="A tree to read, a flowchart of Mermaid, or JSON.",
)
@profile_option
def graph(path: str, format_: str, profile: str | None) -> None:
    """Print what leads to what in the project, or at PATH, with the broken joints marked."""
    from kerp_policy.commands.graph import graph_command

    text, complete = graph_command(path, format_, profile)
    say(text)
    sys.exit(0 if complete else 2)


@main.command()
@click.argument("repositories", nargs=-1, metavar="[REPO]...", type=click.Path())
@click.option("--repos", metavar="FILE", help="Those in FILE, too, one a line (-: standard input).")
@format_option(
    "A report to make: text, json, markdown or html, on standard output or into FILE. May be"
    " repeated.",
    "audit_report",
)
@click.option(
    "--standard",
    metavar="FOLDER",
    type=click.Path(),
    help="Hold all to the standard that FOLDER configures, not each to its own.",
)
@profile_option
@click.option("--fail-on", type=SEVERITIES, help="The least severity that fails (error).")
@environment_option
@judging_options
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster judges: tcp://HOST:8786.")
@timings_option
def audit(repositories: tuple[str, ...], **options: Any) -> None:
    """Judge many repositories: each REPO is the folder of one, by its own standard or one for all.

    Exit code 0: nothing at or above --fail-on in any of them. 1: something is. 2: one was not
    judged, or not by every check; the others are reported all the same.
    """
    from kerp_policy.commands.audit import audit_command

    sys.exit(audit_command(repositories, options))
