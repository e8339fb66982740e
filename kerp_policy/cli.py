"""The command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from kerp_policy import __version__
from kerp_policy.commands.spoken import Group

_SEVERITIES = click.Choice(["error", "warning", "info"])
_SCHEMAS = ["config", "controls", "expected", "output", "policy", "profile", "review"]


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kerp-policy", message="%(prog)s %(version)s")
def main() -> None:
    """Hold deployment artifacts to a documented standard."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _completed_by(name: str) -> dict[str, Any]:
    """What has a shell complete a value: a function of `commands.complete`, loaded when it asks."""

    def offers(*asked: Any) -> Any:
        from kerp_policy.commands import complete

        return getattr(complete, name)(*asked)

    return {"shell_complete": offers}


def _profile_option(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "The standard to hold the project to, instead of the configured one."
    return click.option("--profile", metavar="NAME", help=text, **_completed_by("profile"))(command)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    **_completed_by("report"),
    help="A report to make: text, json, sarif, github, markdown, gitlab, junit or html, on standard"
    " output or into FILE. May be repeated.",
)
@_profile_option
@click.option(
    "--select",
    multiple=True,
    metavar="LIST",
    help="Only these policies or clauses.",
    **_completed_by("selection"),
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="LIST",
    help="Not these policies or clauses.",
    **_completed_by("selection"),
)
@click.option("--fail-on", type=_SEVERITIES, help="The least severity that fails (error).")
@click.option("--strict", is_flag=True, help="Fail on what is unverified, too.")
@click.option(
    "--environment",
    metavar="NAME",
    help="What to assume where files do not tell.",
    **_completed_by("environment"),
)
@click.option("--kubernetes-version", metavar="1.N", help="The version to validate against.")
@click.option("--alertmanager-version", metavar="0.N", help="Likewise, for Alertmanager.")
@click.option("--staged", is_flag=True, help="Judge what is staged; only what it brings.")
@click.option("--changed-since", metavar="REF", help="Only what was not there at REF itself.")
@click.option("--trust", metavar="REF", help="Take the standard, waivers and baseline from REF.")
@click.option("--stdin-name", metavar="PATH", help="What the input of `-` is to be called.")
@click.option("-q", "--quiet", is_flag=True, help="Only what fails.")
@click.option("-v", "--verbose", is_flag=True, help="Everything in full, addresses included.")
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
@_profile_option
def review(**options: Any) -> None:
    """Fill in the checklist before a deployment, from the difference of two revisions.

    A checked box is answered by files; an open one is for people, and says why. Exit code 0: it
    is filled in, whatever it says. 2: git has no such revision, or a check crashed.
    """
    from kerp_policy.commands.review import review_command

    text, code = review_command(**options)
    click.echo(text, nl=False)
    sys.exit(code)


@main.command("list")
@_profile_option
def list_policies(profile: str | None) -> None:
    """List the policies of a standard."""
    from kerp_policy.commands.explain import listing
    from kerp_policy.commands.project import project_of

    click.echo(listing(project_of().standard(profile)), nl=False)


@main.command()
@click.argument("policy", **_completed_by("policy"))
@_profile_option
def explain(policy: str, profile: str | None) -> None:
    """Tell what a POLICY asks for, why, and how to meet it."""
    from kerp_policy.commands.explain import explanation
    from kerp_policy.commands.project import project_of

    click.echo(explanation(project_of().standard(profile), policy), nl=False)


@main.command()
@click.argument("catalogue", required=False, **_completed_by("catalogue"))
@_profile_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def controls(catalogue: str | None, profile: str | None, form: str) -> None:
    """Tell which controls of public catalogues (or of one CATALOGUE) the standard decides."""
    from kerp_policy.commands.controls import controls_command
    from kerp_policy.commands.project import project_of

    click.echo(controls_command(project_of(), catalogue, profile, form), nl=False)


@main.command()
@click.argument("path", default=".", type=click.Path())
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "mermaid", "json"]),
    default="text",
    help="A tree to read, a flowchart of Mermaid, or JSON.",
)
@_profile_option
def graph(path: str, format_: str, profile: str | None) -> None:
    """Print what leads to what in the project, or at PATH, with the broken joints marked."""
    from kerp_policy.commands.graph import graph_command

    text, complete = graph_command(path, format_, profile)
    click.echo(text, nl=False)
    sys.exit(0 if complete else 2)


@main.command()
@click.argument("name", type=click.Choice(_SCHEMAS))
def schema(name: str) -> None:
    """Print the JSON Schema of a file that people write, or of the JSON report."""
    import json

    from kerp_policy.policy.validate import schema as load

    click.echo(json.dumps(load(name), indent=2, ensure_ascii=False))


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
    click.echo(text, nl=False)
    sys.exit(int(not passed))


@main.command()
@click.argument("file", default=".", type=click.Path())
@_profile_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-v", "--verbose", is_flag=True, help="Every policy, not just those tuned here.")
def config(file: str, profile: str | None, form: str, verbose: bool) -> None:
    """Tell what is in effect for FILE, or for the project here, and where each value comes from."""
    from pathlib import Path

    from kerp_policy.commands.config import config_command

    click.echo(config_command(Path(file), profile, form, verbose=verbose), nl=False)


@main.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
def init(folder: str | None) -> None:
    """Write a first configuration for the project here, or in FOLDER."""
    from pathlib import Path

    from kerp_policy.commands.init import init_command
    from kerp_policy.sources.discover import project_root

    click.echo(init_command(Path(folder) if folder else project_root([Path()])), nl=False)


@main.group()
def new() -> None:
    """Begin a policy or a profile of your own."""


@new.command("policy")
@click.argument("name")
@click.option("--each", default="container", metavar="SCOPE", help="What it is asked about.")
def new_policy(name: str, each: str) -> None:
    """Write a policy NAME, and a fixture folder that breaks it and one that does not."""
    from kerp_policy.commands import new as command

    click.echo(command.new_policy(name, each), nl=False)


@new.command("profile")
@click.argument("name")
def new_profile(name: str) -> None:
    """Write a profile NAME that extends kerp."""
    from kerp_policy.commands import new as command

    click.echo(command.new_profile(name), nl=False)


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

    click.echo(waive_command(address, options))


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
    click.echo(text, nl=False)
    sys.exit(int(not passed))


@main.group()
def baseline() -> None:
    """Accept what is found today, so that only what is new fails."""


@baseline.command("write")
@click.option(
    "--environment",
    metavar="NAME",
    help="What to assume where files do not tell; update does so, too.",
    **_completed_by("environment"),
)
def baseline_write(environment: str | None) -> None:
    """Accept all that fails in the project here, where nothing is accepted yet."""
    from kerp_policy.commands.baseline import write_command

    click.echo(write_command(environment), nl=False)


@baseline.command("update")
def baseline_update() -> None:
    """Take out what is mended or waived, and follow files that were renamed. Adds nothing."""
    from kerp_policy.commands.baseline import update_command

    click.echo(update_command(), nl=False)


@baseline.command("show")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def baseline_show(form: str) -> None:
    """Show what is accepted, by file and policy."""
    from kerp_policy.commands.baseline import show_command

    click.echo(show_command(form), nl=False)
