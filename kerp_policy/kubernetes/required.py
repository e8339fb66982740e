"""What the API server asks of an object beyond its published schema.

Source: the API reference of Kubernetes, ObjectMeta (`name`) and PodSpec (`containers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.kubernetes.refused import refused_of_pod
from kerp_policy.kubernetes.refused_endpoints import refused_of_endpoints
from kerp_policy.kubernetes.refused_ingress import refused_of_ingress
from kerp_policy.kubernetes.refused_metadata import refused_metadata
from kerp_policy.kubernetes.refused_parts import Refused
from kerp_policy.kubernetes.refused_rbac import GROUP, refused_of_rbac
from kerp_policy.kubernetes.refused_services import refused_of_service
from kerp_policy.kubernetes.refused_work import refused_of_work
from kerp_policy.paths import Path, format_path
from kerp_policy.views import lookup

_NAMELESS = ("Review", "Options", "Status", "Eviction", "Binding", "List")
"""How the kinds end that are asked of the API server and not kept by it."""


def unmet(data: Mapping[str, Any], pod: Path | None) -> Iterator[Refused]:
    """What an object lacks or has too much of, so that the API server refuses it.

    Args:
        data: an object of a kind that Kubernetes brings.
        pod: where the template of its pods stands; None for kinds that make none.
    """
    if not str(data["kind"]).endswith(_NAMELESS):
        yield from _name(data)
        yield from refused_metadata(data, pod)
    if str(data["apiVersion"]).startswith(f"{GROUP}/"):
        yield from refused_of_rbac(data)
    if pod is not None:
        yield from _containers(data, pod)
        yield from refused_of_pod(data, (*pod, "spec"))
        yield from refused_of_work(data, pod)
    if (data["apiVersion"], data["kind"]) == ("v1", "Service"):
        yield from refused_of_service(data)
    if (data["apiVersion"], data["kind"]) == ("networking.k8s.io/v1", "Ingress"):
        yield from refused_of_ingress(data)
    if data["kind"] in ("EndpointSlice", "Endpoints"):
        yield from refused_of_endpoints(data)


def _name(data: Mapping[str, Any]) -> Iterator[Refused]:
    metadata = data.get("metadata")
    given = [lookup(metadata, (key,)) for key in ("name", "generateName")]
    if isinstance(metadata, (dict, type(None))) and not any(given):
        yield ("metadata", "name"), "metadata.name is not set", ""


def _containers(data: Mapping[str, Any], pod: Path) -> Iterator[Refused]:
    """A template without a spec, which the schema lets pass, and a spec without containers."""
    path = (*pod, "spec")
    lengths = range(1, len(path) + 1)
    missing = next((n for n in lengths if lookup(data, path[:n]) is None), 0)
    if missing and path[missing - 1] == "spec":
        yield path[:missing], f"{format_path(path[:missing])} is not set", ""
    elif lookup(data, (*path, "containers")) == []:
        yield (*path, "containers"), "containers is empty", "at least one container"
