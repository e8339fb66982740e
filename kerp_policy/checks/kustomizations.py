"""Checks of what a kustomization sets itself: images, replicas, and literals.

Source: the kustomization reference, `images`, `replicas`, `configMapGenerator`, `secretGenerator`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.checks.availability import too_few
from kerp_policy.checks.images import LEVELS, unpinned
from kerp_policy.checks.secrets import described
from kerp_policy.findings import NOT_APPLICABLE, Place, Remark
from kerp_policy.parameters import COUNT, WORKLOADS, one_of, takes
from kerp_policy.paths import Path
from kerp_policy.secrets import is_reference, literal_secret
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup

_GENERATORS = (("secretGenerator", "Secret"), ("configMapGenerator", "ConfigMap"))


@takes(level=one_of(*LEVELS[1:]))
def pinned_images(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The tags and digests that `images` puts in the place of a base's are pinned.

    Where an entry sets neither, the image keeps its own, which is judged where it stands.
    """
    images = [as_dict(each) for each in as_list(view.data.get("images"))]
    if not images:
        yield NOT_APPLICABLE
    for i, image in enumerate(images):
        name = image.get("newName") or image.get("name")
        for key, mark in (("digest", "@"), ("newTag", ":")):
            if image.get(key):
                yield from unpinned(f"{name}{mark}{image[key]}", ("images", i, key), params)
                break  # the digest decides where both are set


@takes(min=COUNT, kinds=WORKLOADS)
def replicas(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The numbers of `replicas`, which take the place of the manifests' own, are at least `min`."""
    settings = [as_dict(each) for each in as_list(view.data.get("replicas"))]
    if not settings:
        yield NOT_APPLICABLE
    for i, setting in enumerate(settings):
        field = f"the count of {setting.get('name')}"
        yield from too_few(("replicas", i, "count"), field, setting.get("count"), params["min"])


def secret_literals(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No generator is given a secret as a literal; a Secret's values are all references."""
    literals = list(_literals(view.data))
    if not literals:
        yield NOT_APPLICABLE
    for path, kind, made, (name, value) in literals:
        found = literal_secret(name, value)
        if found or (kind == "Secret" and not is_reference(value)):
            what = described(found) if found else "a literal value"
            message = f"{name} of {kind} {made} holds {what}; expected a reference"
            yield Remark(_beginning(view.locate(path)), message, subject=name)


def _literals(data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str, tuple[str, str]]]:
    """Where each literal stands, what is made of it, its name and its value without quotes."""
    for part, kind in _GENERATORS:
        for i, generator in enumerate(as_list(data.get(part))):
            made = str(lookup(generator, ("name",), ""))
            for j, literal in enumerate(as_list(lookup(generator, ("literals",)))):
                name, equals, value = str(literal).partition("=")
                if equals and value:
                    yield (part, i, "literals", j), kind, made, (name, value.strip("'\""))


def _beginning(place: Place) -> Place:
    """Where it begins, so that not even its length shows."""
    line, column = place.span.start
    return replace(place, span=Span(line, column, line, column))
