"""Builds that a skaffold configuration lists.

Source: the reference of skaffold.yaml, `build.artifacts`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.estate.builds import Argument, Build, File, argument, file_at, names, target
from kerp_policy.findings import Place
from kerp_policy.views import View, lookup

_ARTIFACTS = ("build", "artifacts")
_OTHER_BUILDERS = ("bazel", "buildpacks", "custom", "jib", "kaniko", "ko")


def skaffold_builds(view: View) -> Iterator[Build]:
    """The builds of one configuration; what a profile puts in their place is not known."""
    thing: KubernetesObject = view.subject
    if thing.group != "skaffold" or thing.kind != "Config":
        return
    replaced = set(_replaced(thing.data))
    for index, artifact in enumerate(as_list(lookup(thing.data, _ARTIFACTS))):
        if isinstance(artifact, dict) and artifact.get("image"):
            build = _build(view, thing, index, artifact)
            yield build
            if "" in replaced or str(index) in replaced:
                yield replace(build, dockerfile=File(build.dockerfile.place, None))


def _replaced(data: dict[str, Any]) -> Iterator[str]:
    """The numbers of the artifacts that profiles change; an empty one for all."""
    for profile in map(as_dict, as_list(data.get("profiles"))):
        if lookup(profile, _ARTIFACTS):
            yield ""
        for patch in map(as_dict, as_list(profile.get("patches"))):
            steps = str(patch.get("path", "")).split("/")
            if steps[1:3] == list(_ARTIFACTS):
                yield steps[3] if len(steps) > 3 else ""


def _build(view: View, thing: KubernetesObject, index: int, artifact: dict[str, Any]) -> Build:
    file, at = view.facts["file"], (*_ARTIFACTS, index)
    docker = as_dict(artifact.get("docker"))

    def place(*path: str) -> Place:
        return thing.place((*at, *path))

    written = str(artifact.get("context") or ".")
    context = file_at(place("context"), written, posixpath.dirname(file))
    named = str(docker.get("dockerfile") or "Dockerfile")
    dockerfile = file_at(place("docker", "dockerfile"), named, context.path)
    if any(builder in artifact for builder in _OTHER_BUILDERS) or "{{" in f"{written}{named}":
        dockerfile = replace(dockerfile, path=None)
    return Build(
        file,
        place("image"),
        view.environment,
        file,
        dockerfile,
        context,
        target(str(docker.get("target") or ""), {}),
        names([str(artifact["image"])], {}),
        tuple(_arguments(thing, index, docker)),
        is_open=False,
        is_untouched=True,
    )


def _arguments(thing: KubernetesObject, index: int, docker: dict[str, Any]) -> Iterator[Argument]:
    for name, value in as_dict(docker.get("buildArgs")).items():
        place = thing.place((*_ARTIFACTS, index, "docker", "buildArgs", str(name)))
        yield argument(f"{name}={value if value is not None else ''}", place)
