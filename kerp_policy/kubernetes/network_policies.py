"""What a NetworkPolicy restricts, and what its rules let through.

Source: "Network Policies" in the Kubernetes documentation, and NetworkPolicySpec in the API
reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list

INGRESS, EGRESS = "Ingress", "Egress"
RULES = {INGRESS: ("ingress", "from"), EGRESS: ("egress", "to")}
"""By direction, the field of its rules, and that of the peers of a rule."""

_MOST_PORT = 65535


def directions(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The directions that a policy restricts.

    Where `policyTypes` does not say, that is what comes in, and what goes out only if there is a
    rule for it: an empty list is none.
    """
    if types := as_list(spec.get("policyTypes")):
        return tuple(each for each in RULES if each in types)
    return (INGRESS, EGRESS) if as_list(spec.get("egress")) else (INGRESS,)


def limits_ports(rule: Mapping[str, Any]) -> bool:
    """Whether a rule is for some ports only."""
    ports = list(map(as_dict, as_list(rule.get("ports"))))
    return bool(ports) and not any(map(_is_every, ports))


def _is_every(port: Mapping[str, Any]) -> bool:
    first = port.get("port")
    return first is None or (first in (0, 1) and port.get("endPort") == _MOST_PORT)


def everyone(peers: list[Any]) -> str:
    """What of a rule's peers is everybody, in words; empty where they are some.

    Addresses count together, so that two halves are the whole.
    """
    if not peers:
        return "everything"
    if any(_is_every_pod(as_dict(peer)) for peer in peers):
        return "every pod of every namespace"
    return "every address" if _whole(list(_blocks(peers))) else ""


def _is_every_pod(peer: Mapping[str, Any]) -> bool:
    namespaces = peer.get("namespaceSelector")
    return isinstance(namespaces, dict) and not any(
        any(as_dict(selector).values()) for selector in (namespaces, peer.get("podSelector"))
    )


def _blocks(peers: list[Any]) -> Iterator[str]:
    for peer in map(as_dict, peers):
        block = as_dict(peer.get("ipBlock"))
        if not block.get("except"):
            yield str(block.get("cidr"))


def _whole(blocks: list[str]) -> bool:
    if not blocks:
        return False
    from ipaddress import ip_network

    networks: dict[int, list[Any]] = {}
    for block in blocks:
        try:
            network = ip_network(block, strict=False)
        except ValueError:
            continue
        networks.setdefault(network.version, []).append(network)
    return any(_is_whole(each) for each in networks.values())


def _is_whole(networks: list[Any]) -> bool:
    from ipaddress import collapse_addresses

    return any(network.prefixlen == 0 for network in collapse_addresses(networks))
