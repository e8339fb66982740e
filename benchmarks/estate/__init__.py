"""A made-up company's repository of any size, the same for the same seed.

Its proportions are those of public projects that deploy to Kubernetes: of the files that a policy
can judge about nine in ten are manifests, one in twenty is a Dockerfile or workflow each; one file
in six is something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from subprocess import run
from typing import Any

from jinja2 import Environment as Jinja
from jinja2 import FileSystemLoader, StrictUndefined

from benchmarks.estate import names
from benchmarks.estate.service import Service, draw

SERVICES_PER_TEAM = 20
FILES_PER_TEAM = 520
"""About as many files as a team of so many services has."""

File = tuple[str, str]
"""A path and a text."""


def generate(folder: Path, files: int = 10_000, seed: int = 8, *, git: bool = False) -> None:
    """Write an estate.

    Args:
        folder: where to; it must not exist yet.
        files: how many files.
        seed: what chance starts from.
        git: whether to commit it all into a repository of its own.
    """
    folder.mkdir(parents=True)
    for path, text in islice(estate(files, seed), files):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    if git:
        _commit(folder)


def estate(files: int, seed: int) -> Iterator[File]:
    """At least so many files, the ones at the root first."""
    chance, naming = Random(seed), names.services()  # noqa: S311 - no secret comes of it
    teams = names.teams(-(-files // FILES_PER_TEAM) + 1)
    yield from _root(teams)
    for team in teams:
        yield from _namespaces(team)
        upstream = "gateway"
        for name, component in islice(naming, SERVICES_PER_TEAM):
            service = draw(chance, team, name, component, upstream)
            yield from _service_files(service, chance)
            upstream = name


def _root(teams: list[str]) -> Iterator[File]:
    yield ".kerp-policy.yaml", "profile: kerp\n"
    yield "README.md", "# Everything that runs\n"
    yield "CODEOWNERS", "".join(f"/teams/{team}/ @example/{team}\n" for team in teams)
    for region in names.REGIONS:
        text = _fill("alertmanager", region=region, teams=teams)
        yield f"monitoring/alertmanager-{region}.yaml", text


def _namespaces(team: str) -> Iterator[File]:
    for environment in names.ENVIRONMENTS:
        namespace = f"{team}-{environment}"
        text = _fill("namespace", team=team, namespace=namespace, environment=environment)
        yield f"teams/{team}/namespaces/{environment}.yaml", text


def _service_files(service: Service, chance: Random) -> Iterator[File]:
    for environment in service.environments:
        for kind in environment.objects:
            path = f"{service.folder}/deploy/{environment.name}/{kind}.yaml"
            yield path, _fill(kind, s=service, env=environment)
    for path, template, share in _beside(service):
        if chance.random() < share:
            yield path.format(folder=service.folder, name=service.name), _fill(template, s=service)


def _beside(service: Service) -> tuple[tuple[str, str, float], ...]:
    """What a service has besides manifests: a path, a template, and how many services have it."""
    return (
        ("{folder}/Dockerfile", f"dockerfile-{service.language}", 0.95),
        (".github/workflows/{name}.yml", "workflow-deploy", 0.75),
        (".github/workflows/{name}-check.yml", "workflow-check", 0.2),
        ("{folder}/monitoring/rules.yaml", "rules", 0.35),
        ("{folder}/scripts/migrate.sh", "script-migrate", 0.35),
        ("{folder}/scripts/rollback.sh", "script-rollback", 0.25),
        ("{folder}/README.md", "readme", 1.0),
        ("{folder}/.dockerignore", "dockerignore", 0.8),
        ("{folder}/cmd/main.go", "main-go", 0.9),
        ("{folder}/package.json", "package-json", 0.7),
        ("{folder}/config/settings.yaml", "values-yaml", 0.5),
    )


def _fill(template: str, **values: Any) -> str:
    return _jinja().get_template(f"{template}.txt").render(values)


@cache
def _jinja() -> Jinja:
    """Square brackets, since the artifacts have braces of their own."""
    return Jinja(  # noqa: S701 - no HTML
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _commit(folder: Path) -> None:
    me = ("-c", "user.name=estate", "-c", "user.email=estate@example.com")
    for command in (("init", "--quiet"), ("add", "."), (*me, "commit", "--quiet", "-m", "Estate")):
        run(["git", "-C", str(folder), *command], check=True)
