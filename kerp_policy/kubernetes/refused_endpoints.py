"""What the API server refuses of the addresses behind a Service.

Source: CVE-2021-25737 and the release notes of Kubernetes 1.21.1: an address of the node itself
leads to what only the node may reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.kubernetes.refused_parts import Refused
from kerp_policy.paths import Path
from kerp_policy.wording import shown


def refused_of_endpoints(data: Mapping[str, Any]) -> Iterator[Refused]:
    """Addresses of an EndpointSlice, or of Endpoints, that are none of a pod."""
    for path, value in _addresses(data):
        if isinstance(value, str) and (why := _of_node(value)):
            yield path, f"address {shown(value)} is {why}", "the address of a pod"


def _addresses(data: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    for i, endpoint in enumerate(map(as_dict, as_list(data.get("endpoints")))):
        for j, value in enumerate(as_list(endpoint.get("addresses"))):
            yield ("endpoints", i, "addresses", j), value
    for i, subset in enumerate(map(as_dict, as_list(data.get("subsets")))):
        for key in ("addresses", "notReadyAddresses"):
            for j, each in enumerate(map(as_dict, as_list(subset.get(key)))):
                yield ("subsets", i, key, j, "ip"), each.get("ip")


def _of_node(value: str) -> str:
    """What an address that is none of a pod is; empty for any other, and for a name."""
    from ipaddress import ip_address  # for which few manifests have a use

    try:
        address = ip_address(value)
    except ValueError:
        return ""
    if address.is_unspecified:
        return "no address"
    if address.is_loopback:
        return "the node itself"
    return "of the node's own link" if address.is_link_local else ""
