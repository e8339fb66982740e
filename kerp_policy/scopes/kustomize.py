"""What a kustomization sets, and what others refer to: the ConfigMaps and Secrets it makes."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.yaml import read
from kerp_policy.findings import Place
from kerp_policy.paths import Path, format_path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.sources.source import Source
from kerp_policy.views import View


def kustomization_views(source: Source, profile: Profile, assumed: str | None) -> Iterator[View]:
    """The view of a kustomization: one, for its policies and for the estate.

    Args:
        source: the file.
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
    """
    documents = read(source.text).documents
    if not documents:
        return
    document, data = documents[0], as_dict(documents[0].data())
    namespace = str(data["namespace"]) if data.get("namespace") else None
    environment = environment_of(profile, assumed, path=source.path, namespace=namespace)

    def locate(path: Path) -> Place:
        return Place(document.span(path), f"{source.path}#{format_path(path)}")

    facts = {"file": source.path, "namespace": namespace, "environment": environment}
    yield View("kustomization", data, facts, locate)
