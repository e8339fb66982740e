"""From a source to an artifact: one reader a kind."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from kerp_policy.artifacts.kustomize import Kustomize
from kerp_policy.i18n import Told, noted, told
from kerp_policy.policy.model import Policy, Profile
from kerp_policy.scopes.artifact import UNRENDERED, Artifact
from kerp_policy.scopes.asking import Asking
from kerp_policy.sources.classify import kind_by_name, may_be_manifest, needs_first_line
from kerp_policy.sources.read import encoding_problem
from kerp_policy.sources.source import Source
from kerp_policy.views import View

if TYPE_CHECKING:
    from kerp_policy.artifacts.yaml import Stream


class Context:
    """What a file is judged with: the standard and what other files say about this one."""

    def __init__(
        self,
        profile: Profile,
        *,
        kustomize: Kustomize | None = None,
        charts: frozenset[str] = frozenset(),
        assumed: str | None = None,
    ) -> None:
        """Keep them.

        Args:
            profile: the standard.
            kustomize: what the project's kustomizations say.
            charts: the folders that hold a Helm chart.
            assumed: the environment of what shows none.
        """
        self.profile = profile
        self.kustomize = kustomize or Kustomize()
        self.charts = charts
        self.assumed = assumed

    @cached_property
    def by_id(self) -> Mapping[str, Policy]:
        """The policies by their names."""
        return {policy.id: policy for policy in self.profile.policies}

    @cached_property
    def asking(self) -> Asking:
        """The policies by what they are asked about."""
        return Asking(self.profile.policies)

    def about(self, path: str) -> tuple[object, ...]:
        """What other files say about one: the patch that it is, what overlays set in it."""
        kustomize = self.kustomize
        reason = _not_judged(path, self)
        return (reason, kustomize.overrides.get(path, ()))


def read_artifact(source: Source, context: Context, kind: str | None = None) -> Artifact:
    """Read a source as what it is.

    Args:
        source: the file.
        context: what other files say about it.
        kind: what it is, where its name does not tell.
    """
    kind = kind or kind_by_name(source.path)
    if not kind or not may_be_manifest(kind, source.data):
        return Artifact("")
    return READERS[kind](source, context)


def _template(source: Source, context: Context) -> Artifact:
    return Artifact("template", not_judged=UNRENDERED)


def _kustomization(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.kustomize import kustomization_views

    views = kustomization_views(source, context.profile, context.assumed)
    return Artifact("kustomization", views=list(views))


def _yaml(source: Source, context: Context) -> Artifact:
    if reason := _not_judged(source.path, context):
        kind = "patch" if source.path in context.kustomize.patches else "template"
        return Artifact(kind, not_judged=reason)
    if problem := encoding_problem(source):
        return Artifact("yaml", problems=[problem])
    return _manifest(source, context)


def _not_judged(path: str, context: Context) -> Told | None:
    if patch := context.kustomize.patches.get(path):
        return told("a patch that {patch} applies: judge what kustomize build prints", patch=patch)
    folder = posixpath.dirname(path) if "templates/" in path else ""
    while folder.strip("/"):
        folder, name = posixpath.split(folder)
        if name == "templates" and folder in context.charts:
            message = noted("a template of the chart {chart}: judge what helm template prints")
            return told(message, chart=folder or ".")
    return None


def _manifest(source: Source, context: Context) -> Artifact:
    from kerp_policy.artifacts.kubernetes import is_manifest, objects
    from kerp_policy.artifacts.yaml import read
    from kerp_policy.scopes.kubernetes import kubernetes_views

    stream = read(source.text)
    if stream.template:
        return Artifact("template", not_judged=UNRENDERED)
    documents = [document for document in stream.documents if is_manifest(document)]
    if not documents:
        other = _rules(source, context, stream) or _alertmanager(source, context, stream)
        return other if other.views else _nearly(source, context, stream, other)
    artifact = Artifact("kubernetes", problems=list(stream.problems))
    if len(documents) < len(stream.documents) or b"List" in source.data:
        from kerp_policy.artifacts.nearly_objects import beside_objects

        artifact.problems += [p for each in stream.documents for p in beside_objects(each)]
    for document in documents:
        artifact.problems += document.problems
    for thing in objects(documents, source.lines):
        if thing.source:
            artifact.rendered_from[thing.address] = thing.source
        views = list(kubernetes_views(thing, source.path, context.profile, context.assumed))
        artifact.views += views
        if thing.kind in ("ConfigMap", "PrometheusRule"):
            from kerp_policy.scopes.prometheus import embedded_rule_views

            artifact.views += embedded_rule_views(thing, views[0].facts)
        if thing.kind in ("ConfigMap", "Secret"):
            _add_embedded(artifact, views[0], context)
        elif (thing.group, thing.kind) == ("monitoring.coreos.com", "AlertmanagerConfig"):
            from kerp_policy.scopes.alertmanager import operator_views

            artifact.views += operator_views(views[0], context.profile)
    return artifact


def _nearly(source: Source, context: Context, stream: Stream, other: Artifact) -> Artifact:
    """What is nothing else may be meant as an object, of which one field is missing."""
    if b"metadata" not in source.data or not (b"kind" in source.data or b"api" in source.data):
        return other
    from kerp_policy.artifacts.nearly_objects import by_itself

    version = context.profile.versions.get("kubernetes", "")
    problems = [p for each in stream.documents for p in by_itself(each, version)]
    return Artifact("kubernetes", problems=[*other.problems, *problems]) if problems else other


def _alertmanager(source: Source, context: Context, stream: Stream) -> Artifact:
    """What is no manifest may be a configuration of Alertmanager, whatever its name."""
    artifact = Artifact("yaml" if stream.problems else "", problems=list(stream.problems))
    if b"route" not in source.data or b"receivers" not in source.data:
        return artifact
    from kerp_policy.scopes.alertmanager import configuration_views, configurations

    found = configurations(stream.documents)
    if found:
        artifact.kind = "alertmanager"
        artifact.problems += [problem for document in found for problem in document.problems]
        artifact.views += configuration_views(found, source, context.profile, context.assumed)
    return artifact


def _add_embedded(artifact: Artifact, view: View, context: Context) -> None:
    """A configuration of Alertmanager in a ConfigMap or Secret is judged there."""
    from kerp_policy.scopes.settings import object_settings

    values = (setting.value for setting in object_settings(view))
    if any("route" in value and "receivers" in value for value in values):
        from kerp_policy.scopes.alertmanager import embedded

        views, problems = embedded(view, context.profile)
        artifact.views += views
        artifact.problems += problems


def _rules(source: Source, context: Context, stream: Stream) -> Artifact | None:
    """A file without Kubernetes objects may hold rules of Prometheus, whatever its name."""
    if b"groups" not in source.data:
        return None
    from kerp_policy.artifacts.prometheus import is_rule_file
    from kerp_policy.scopes.prometheus import rule_file_views

    rules = [document for document in stream.documents if is_rule_file(document)]
    artifact = Artifact("prometheus", problems=list(stream.problems))
    for document in rules:
        artifact.problems += document.problems
        artifact.views += rule_file_views(document, source, context.profile, context.assumed)
    return artifact if rules else None


def _dockerfile(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.dockerfile import dockerfile_artifact

    return dockerfile_artifact(source, context.profile, context.assumed)


def _workflow(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.workflow import workflow_artifact

    return workflow_artifact(source, context.profile, context.assumed)


def _action(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.workflow import action_artifact

    if b"runs" not in source.data:  # another file of the name
        return _yaml(source, context)
    return action_artifact(source, context.profile, context.assumed)


def _script(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.script import script_artifact

    if needs_first_line(source.path) and not source.text.startswith("#!"):
        return Artifact("")
    return script_artifact(source, context.profile, context.assumed)


READERS: dict[str, Callable[[Source, Context], Artifact]] = {
    "template": _template,
    "kustomization": _kustomization,
    "yaml": _yaml,
    "json": _yaml,
    "dockerfile": _dockerfile,
    "script": _script,
    "workflow": _workflow,
    "action": _action,
}
