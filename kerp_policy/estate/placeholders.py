"""Placeholders in manifests: what somebody must fill in before an object is applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerp_policy.artifacts.kubernetes import POD_TEMPLATES, KubernetesObject
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View

_NAME = regex(r"\$\{\s*([A-Za-z_]\w*)|\$\(([A-Za-z_]\w*)\)|\$([A-Za-z_]\w*)|@([A-Z]\w*)@")
_CUSTOMARY = regex(r"[^\s{}]*(?:\$\{[A-Z][A-Z0-9_]*\}|@[A-Z][A-Z0-9_]*@)[^\s{}]*")
"""How those are written that a pipeline fills in; other programs write theirs otherwise."""
_EXPANDED_LATER = frozenset(("command", "args"))
"""What Kubernetes or a shell in the container expands."""
_SECRET = frozenset(("data", "stringData"))


class Unfilled(Kept, frozen=True):
    """A value with placeholders.

    Attributes:
        thing: the kind and name of the object.
        names: of the placeholders.
        is_image: whether it is the image of a container.
        sure: whether nothing that reads the object would fill it in by itself: Kubernetes takes
            names, labels, images, hosts and the values of Secrets as they stand.
    """

    file: str
    place: Place
    environment: str | None
    thing: str
    names: tuple[str, ...]
    is_image: bool
    sure: bool


def placeholders(view: View) -> Iterator[Unfilled]:
    """The placeholders of one object."""
    thing: KubernetesObject = view.subject
    for path, value in _marked(thing.data):
        sure = _is_literal(thing, path) and is_placeholder(value)
        if sure or (_CUSTOMARY.fullmatch(value) and not _EXPANDED_LATER.intersection(path)):
            names = tuple(dict.fromkeys(_names(value)))
            if names:
                told = f"{thing.kind} {thing.name}"
                place, is_image = thing.place(path), _is_image(path)
                environment = view.environment
                yield Unfilled(view.facts["file"], place, environment, told, names, is_image, sure)


def _names(value: str) -> Iterator[str]:
    for found in _NAME.finditer(value):
        yield next(filter(None, found.groups()))


def _marked(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every text with a sign of a placeholder, without recursion, in the order of the file."""
    left: list[tuple[Path, Any]] = [((), data)]
    while left:
        path, value = left.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            left += [((*path, str(k)), v) for k, v in reversed(value.items()) if _may_hold(v)]
        else:
            left += [((*path, i), v) for i, v in reversed(list(enumerate(value))) if _may_hold(v)]


def _may_hold(value: Any) -> bool:
    if isinstance(value, str):
        return "$" in value or "@" in value
    return isinstance(value, (dict, list))


def _is_literal(thing: KubernetesObject, path: Path) -> bool:
    if thing.kind == "Secret" and not thing.group:
        return len(path) == 2 and path[0] in _SECRET
    is_named = len(path) == 2 and path[0] == "metadata" and path[1] in ("name", "namespace")
    is_host = thing.kind == "Ingress" and path[:2] == ("spec", "rules") and path[-1] == "host"
    is_label = path[:2] == ("metadata", "labels")
    makes_pods = (thing.group, thing.kind) in POD_TEMPLATES
    return is_named or is_host or is_label or (makes_pods and _is_image(path))


def _is_image(path: Path) -> bool:
    return path[-1] == "image" and path[-3:-2] in (("containers",), ("initContainers",))
