"""What `kerp-policy config` tells of one file: its kind, environments, and what judges it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kerp_policy.commands.project import Project
from kerp_policy.i18n import Told, noted
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.environments import evidence
from kerp_policy.policy.model import Profile
from kerp_policy.report.text import kind_in_words
from kerp_policy.run import run
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.views import View
from kerp_policy.visible import one_line


class About(Struct, frozen=True):
    """What there is to tell of a file.

    Attributes:
        path: relative to the project root.
        kind: empty for a file that is no artifact.
        left_out: why a run over the project does not look at it.
        not_judged: why nothing in it is judged.
        environments: each that something in it belongs to, with the sign; None for no environment.
        policies: the ids of those that judge something in it.
    """

    path: str
    kind: str
    left_out: str
    not_judged: Told | None
    environments: tuple[tuple[str | None, str], ...]
    policies: frozenset[str]

    def lines(self) -> Iterator[str]:
        """It, for people."""
        nothing = _("no artifact, so nothing judges it")
        yield f"{one_line(self.path)}: {kind_in_words(self.kind) if self.kind else nothing}"
        if self.left_out:
            yield f"  {_('left out of a run over the project')}: {_(self.left_out)}"
        if self.not_judged:
            yield f"  {_('not judged')}: {one_line(str(self.not_judged))}"
        known, unknown = _("environment {name}, by its {sign}"), _("no environment shows")
        for name, sign in self.environments:
            yield f"  {known.format(name=name, sign=_(sign)) if name else unknown}"

    def data(self) -> dict[str, Any]:
        """It, as JSON."""
        environments = [{"name": name, "sign": sign or None} for name, sign in self.environments]
        rest = {key: value for key, value in asdict(self).items() if key != "policies"}
        reason = self.not_judged.english if self.not_judged else ""
        return {**rest, "not_judged": reason, "environments": environments}


def about(path: Path, project: Project, profile: Profile) -> About:
    """Look at one file as `check` does.

    Raises:
        UsageError: a folder of the project cannot be read.
    """
    tree = WorkingTree(project.root, project.config.exclude)
    result = run(tree, [path], profile)
    name = (path.parent.resolve() / path.name).relative_to(project.root.resolve()).as_posix()
    source = result.sources.get(name)
    views = read_artifact(source, Context(profile)).views if source else []
    signs = dict.fromkeys(_sign(view, source, profile) for view in views if source)
    return About(
        name,
        next(iter(result.files), ""),
        _left_out(project, name),
        dict(result.not_judged).get(name),
        tuple(sorted(signs, key=str)),
        frozenset(id for id, count in result.counts.items() if count["judged"]),
    )


def _sign(view: View, source: Source, profile: Profile) -> tuple[str | None, str]:
    """The environment of a view and what tells it: of a job what the workflow says."""
    if view.environment is None:
        return None, ""
    signs = view.facts.get("signs")
    if signs is None:
        signs = list(evidence(profile.environments, path=source.path))
    return view.environment, signs[0].sign if signs else noted("job")


def _left_out(project: Project, name: str) -> str:
    if name in WorkingTree(project.root, project.config.exclude).files():
        return ""
    is_listed = name in WorkingTree(project.root).files()
    return noted("exclude names it") if is_listed else noted("git ignores it")
