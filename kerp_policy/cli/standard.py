"""What the standard asks for, and what of it is in effect."""

from __future__ import annotations

import click

from kerp_policy.cli.group import main
from kerp_policy.cli.options import completed_by, profile_option
from kerp_policy.cli.saying import say

_SCHEMAS = ["audit", "config", "controls", "expected", "output", "policy", "profile", "review"]


@main.command("list")
@profile_option
def list_policies(profile: str | None) -> None:
    """List the policies of a standard."""
    from kerp_policy.commands.explain import listing
    from kerp_policy.commands.project import project_of

    say(listing(project_of().standard(profile)))


@main.command()
@click.argument("policy", **completed_by("policy"))
@profile_option
def explain(policy: str, profile: str | None) -> None:
    """Tell what a POLICY asks for, why, and how to meet it."""
    from kerp_policy.commands.explain import explanation
    from kerp_policy.commands.project import project_of

    say(explanation(project_of().standard(profile), policy))


@main.command()
@click.argument("catalogue", required=False, **completed_by("catalogue"))
@profile_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def controls(catalogue: str | None, profile: str | None, form: str) -> None:
    """Tell which controls of public catalogues (or of one CATALOGUE) the standard decides."""
    from kerp_policy.commands.controls import controls_command
    from kerp_policy.commands.project import project_of

    say(controls_command(project_of(), catalogue, profile, form))


@main.command()
@click.argument("name", type=click.Choice(_SCHEMAS))
def schema(name: str) -> None:
    """Print the JSON Schema of a file that people write, or of the JSON report."""
    import json

    from kerp_policy.policy.validate import schema as load

    click.echo(json.dumps(load(name), indent=2, ensure_ascii=False))


@main.command()
@click.argument("file", default=".", type=click.Path())
@profile_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-v", "--verbose", is_flag=True, help="Every policy, not just those tuned here.")
def config(file: str, profile: str | None, form: str, verbose: bool) -> None:
    """Tell what is in effect for FILE, or for the project here, and where each value comes from."""
    from pathlib import Path

    from kerp_policy.commands.config import config_command

    say(config_command(Path(file), profile, form, verbose=verbose))
