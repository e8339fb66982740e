"""YAML and JSON files by what they hold: objects, rules, a configuration of Alertmanager."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.artifacts.kubernetes import KubernetesObject, is_manifest, objects
from kerp_policy.artifacts.yaml import Stream, read
from kerp_policy.artifacts.yaml_nodes import Document
from kerp_policy.scopes.artifact import UNRENDERED, Artifact
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.kubernetes import kubernetes_views
from kerp_policy.sources.classify import may_become_artifact
from kerp_policy.sources.source import Problem, Source
from kerp_policy.views import View


def manifest_artifact(source: Source, context: Context) -> Artifact:
    """Read a YAML file, and cut it by what it turns out to be.

    Args:
        source: the file.
        context: what other files say about it.
    """
    stream = read(source.text)
    if stream.template:
        told = may_become_artifact(source.data)
        return Artifact("template", not_judged=UNRENDERED) if told else Artifact("")
    documents = [document for document in stream.documents if is_manifest(document)]
    if not documents:
        other = _rules(source, context, stream) or _alertmanager(source, context, stream)
        return other if other.views else _nearly(source, context, stream, other)
    problems = [problem for document in documents for problem in document.problems]
    beside = _beside(source, stream, documents)
    artifact = Artifact("kubernetes", problems=[*stream.problems, *beside, *problems])
    for thing in objects(documents, source.lines):
        if thing.source:
            artifact.rendered_from[thing.address] = thing.source
        views = list(kubernetes_views(thing, source.path, context.profile, context.assumed))
        artifact.views += views
        _add_embedded(artifact, thing, views[0], context)
    return artifact


def _beside(source: Source, stream: Stream, documents: Sequence[Document]) -> Iterator[Problem]:
    """What lies beside objects, or in a list of them, and is none."""
    if len(documents) < len(stream.documents) or b"List" in source.data:
        from kerp_policy.artifacts.nearly_objects import beside_objects

        for document in stream.documents:
            yield from beside_objects(document)


def _add_embedded(
    artifact: Artifact, thing: KubernetesObject, view: View, context: Context
) -> None:
    """What an object holds that is of another kind is judged there."""
    if thing.kind in ("ConfigMap", "PrometheusRule"):
        from kerp_policy.scopes.prometheus import embedded_rule_views

        artifact.views += embedded_rule_views(thing, view.facts)
    if thing.kind in ("ConfigMap", "Secret"):
        _add_texts(artifact, view, context)
    elif (thing.group, thing.kind) == ("monitoring.coreos.com", "AlertmanagerConfig"):
        from kerp_policy.scopes.alertmanager import operator_views

        artifact.views += operator_views(view, context.profile)


def _add_texts(artifact: Artifact, view: View, context: Context) -> None:
    """A configuration of Alertmanager in a ConfigMap or Secret, and what nobody can read there."""
    from kerp_policy.scopes.broken_texts import broken_texts
    from kerp_policy.scopes.settings import object_settings

    settings = object_settings(view)
    artifact.problems += broken_texts(view, settings)
    if any("route" in setting.value and "receivers" in setting.value for setting in settings):
        from kerp_policy.scopes.alertmanager import embedded

        views, problems = embedded(view, context.profile)
        artifact.views += views
        artifact.problems += problems


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
