"""What `kerp-policy graph` does: a run, and its estate as a graph."""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec.structs import replace

from kerp_policy.commands.project import project_of
from kerp_policy.errors import UsageError
from kerp_policy.estate.graph import graph_of
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import speaking_as
from kerp_policy.report.graph import FORMATS
from kerp_policy.run import run
from kerp_policy.sources.discover import asked_for
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.visible import complaint


def graph_command(path: str, format: str, profile: str | None) -> tuple[str, bool]:
    """The graph of what lies at a path, and whether every joint check came to its end.

    Args:
        path: the project, or a folder or file of it: then what is about its files.
        format: one of `FORMATS`.
        profile: the standard, instead of the configured one.

    Raises:
        UsageError: the path, the configuration or the standard is wrong, or nothing lies there.
    """
    project = project_of([Path(path)])
    standard = project.standard(profile)
    joint = tuple(policy for policy in standard.policies if policy.each == "estate")
    tree = WorkingTree(project.root, project.config.exclude)
    result = run(tree, [project.root], replace(standard, policies=joint))
    for crash in result.crashes:
        print(complaint(crash), file=sys.stderr)
    with speaking_as(format):
        graph = graph_of(result.estate, result.findings)
    if Path(path).resolve() != project.root.resolve():
        graph = graph.around(asked_for(project.root, result.estate.listed, [Path(path)]))
    if not graph.nodes:
        message = _("{path}: nothing lies there that a graph could show")
        raise UsageError(message.format(path=path))
    return FORMATS[format](graph), not result.crashes
