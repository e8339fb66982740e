"""Kubernetes manifests: objects and their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.yaml_nodes import Document, Node, Scalar, span_inside
from kerp_policy.artifacts.yaml_scalars import kubernetes as resolve
from kerp_policy.findings import Place
from kerp_policy.paths import Path, format_path
from kerp_policy.regex import regex
from kerp_policy.views import lookup

_TEMPLATE: Path = ("spec", "template")
POD_TEMPLATES: dict[tuple[str, str], Path] = {
    ("", "Pod"): (),
    ("", "ReplicationController"): _TEMPLATE,
    ("", "PodTemplate"): ("template",),
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("argoproj.io", "Rollout"): _TEMPLATE,
}
"""Where each kind, by API group, keeps the template of its pods."""

MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "ports": ("containerPort", "port"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "secrets": ("name",),
    "groups": ("name",),
    "rules": ("alert", "record"),
}
"""The keys that may name an item of a list (Kubernetes API, `x-kubernetes-patch-merge-key`)."""

_SOURCE = regex(r"# Source: (\S+)\s*$")


class KubernetesObject(Struct, frozen=True, dict=True):
    """One object of a manifest; of a `List`, one of its items.

    `base` leads from the document's root to the object. `second` counts earlier objects of the
    same kind, namespace and name in the file.
    """

    document: Document
    base: Path
    data: dict[str, Any]
    source: str | None = None
    second: int = 0
    lines: list[str] = []

    @cached_property
    def api_version(self) -> str:
        """`apiVersion`, for example `apps/v1`."""
        return str(self.data["apiVersion"])

    @cached_property
    def group(self) -> str:
        """The API group, empty for the core group."""
        group, slash, _ = self.api_version.rpartition("/")
        return group if slash else ""

    @cached_property
    def kind(self) -> str:
        """`kind`."""
        return str(self.data["kind"])

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """`metadata`, empty where it is missing or no mapping."""
        return as_dict(self.data.get("metadata"))

    @cached_property
    def name(self) -> str:
        """The name, `generateName` with a `*` where that stands instead, else empty."""
        if prefix := self.metadata.get("generateName"):
            return str(self.metadata.get("name") or f"{prefix}*")
        return str(self.metadata.get("name") or "")

    @cached_property
    def namespace(self) -> str | None:
        """The namespace that is written, or None."""
        namespace = self.metadata.get("namespace")
        return str(namespace) if namespace else None

    @cached_property
    def address(self) -> str:
        """`Kind[.group]/namespace/name`; `-` stands for no namespace, `%3A` for a colon.

        A path follows behind a colon, and a role may have one in its name, but no `%` ("Object
        Names and IDs", path segment names).
        """
        kind = f"{self.kind}.{self.group}" if self.group else self.kind
        name = self.name.replace(":", "%3A")
        again = f"~{self.second + 1}" if self.second else ""
        return f"{kind}/{self.namespace or '-'}/{name or '-'}{again}"

    def place(self, path: Path) -> Place:
        """Where a path from the object's root is written, and its address."""
        span = self.document.span((*self.base, *path))
        return Place(
            span, f"{self.address}:{_format_steps(steps_by_name(self.data, path))}".rstrip(":")
        )

    def beginning(self, path: Path) -> Place:
        """Where a path begins, for values of which not even the length may show."""
        return replace(self.place(path), span=self.document.beginning((*self.base, *path)))

    def place_inside(self, path: Path, start: int, end: int) -> Place:
        """Where the characters from `start` to `end` of a text value are written.

        Exact in a literal block and on a single line without escapes, else the whole value's
        place; the address is the value's own.
        """
        whole = self.place(path)
        node = self.document.node((*self.base, *path))
        span = span_inside(node, self.lines, start, end) if isinstance(node, Scalar) else None
        return whole if span is None else Place(span, whole.address)

    @cached_property
    def pod_path(self) -> Path | None:
        """The path of the pod template (of a Pod, the root), or None for other kinds."""
        return POD_TEMPLATES.get((self.group, self.kind))


def steps_by_name(data: Any, path: Path) -> Path:
    """A path with list positions replaced by `[name]` where the items have a merge key."""
    steps = list(path)
    for i, step in enumerate(path):
        if isinstance(step, int) and i:
            name = _merge_name(path[i - 1], lookup(data, path[: i + 1]))
            steps[i] = step if name is None else f"[{name}]"
    return tuple(steps)


def _merge_name(parent: str | int, item: Any) -> str | None:
    keys = MERGE_KEYS.get(parent, ()) if isinstance(parent, str) else ()
    names = (lookup(item, (key,)) for key in keys)
    return next((str(name) for name in names if isinstance(name, (str, int))), None)


def _format_steps(steps: Path) -> str:
    return "".join(map(_format_step, steps)).removeprefix(".")


@lru_cache(maxsize=4096)  # few words make up the addresses of all objects
def _format_step(step: str | int) -> str:
    named = isinstance(step, str) and step.startswith("[")
    formatted = str(step) if named else format_path((step,))
    return formatted if formatted.startswith("[") else f".{formatted}"


def as_dict(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def is_manifest(document: Document) -> bool:
    """Whether a document is a Kubernetes object: a mapping with `apiVersion` and `kind`.

    A kubeconfig looks like one and is a client's own file.
    """
    version, kind = (text_of(document.node((key,))) for key in ("apiVersion", "kind"))
    return bool(version and kind) and (version, kind) != ("v1", "Config")


def text_of(node: Node | None) -> str:
    """What a scalar says, if that is text to Kubernetes too; else nothing."""
    if not isinstance(node, Scalar):
        return ""
    value = resolve(node.text, not node.style, node.tag)
    return value if isinstance(value, str) else ""


def objects(documents: list[Document], lines: list[str]) -> list[KubernetesObject]:
    """The objects of a manifest, the items of lists among them, in the order of the file."""
    found: list[KubernetesObject] = []
    seen: dict[str, int] = {}
    for document in documents:
        source = _rendered_from(document, lines)
        for base, data in _unlisted(document.data(resolve), ()):
            thing = KubernetesObject(document, base, data, source, lines=lines)
            second = seen.get(thing.address, 0)
            seen[thing.address] = second + 1
            found.append(replace(thing, second=second) if second else thing)
    return found


def _unlisted(data: Any, base: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        return
    if data["kind"].endswith("List") and "items" in data:
        for i, item in enumerate(as_list(data["items"])):
            yield from _unlisted(_typed(item, data), (*base, "items", i))
    elif isinstance(data.get("apiVersion"), str):
        yield base, data


def _typed(item: Any, listing: dict[str, Any]) -> Any:
    """An item of a list; in a `PodList` one that names neither field is a Pod (API conventions)."""
    kind = listing["kind"].removesuffix("List")
    if not kind or not isinstance(as_dict(item).get("metadata"), dict):
        return item
    if any(item.get(key) is not None for key in ("apiVersion", "kind")):
        return item
    return {**item, "apiVersion": listing.get("apiVersion"), "kind": kind}


def _rendered_from(document: Document, lines: list[str]) -> str | None:
    """The template that Helm names in a comment above a rendered document."""
    for line in range(document.root.span.line - 2, -1, -1):
        text = lines[line] if line < len(lines) else ""
        if found := _SOURCE.match(text):
            return found[1]
        if text.strip() and not text.startswith("#"):
            return None
    return None
