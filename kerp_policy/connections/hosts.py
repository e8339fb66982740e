"""Where a host lies, as far as its name tells."""

from __future__ import annotations

import ipaddress
from enum import Enum

from kerp_policy.words import word_set


class Where(Enum):
    """From the same machine to the open network; UNKNOWN where a placeholder stands."""

    LOCAL = "local"
    INSIDE = "inside"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"


# The same machine, or the cloud's metadata service, which speaks nothing but plain HTTP. The first
# four are also what a server binds to.
_LOCAL = frozenset(("", "*", "0.0.0.0", "::", "localhost", "host.docker.internal"))  # noqa: S104
_METADATA = frozenset(("169.254.169.254", "metadata.google.internal"))
# RFC 6762 (appendix G), RFC 8375 and what ICANN keeps for private use.
_PRIVATE = word_set("local internal lan intranet corp home private localdomain")
_TOP_LEVEL = word_set(
    """
    com org net edu gov mil int info biz name pro aero coop museum mobi asia tel travel jobs cat
    post arpa xyz online site top club vip wiki page blog news live design agency digital solutions
    company
    """
)
# Top-level domains that are names of namespaces as well.
_EITHER = word_set(
    "dev app prod cloud tech tools systems services network security media email store shop"
)


def where(host: str) -> Where:
    """Where a host lies.

    A name without dots, `*.svc`, `name.namespace` and private addresses are inside the cluster or
    its network (Kubernetes, DNS for Services and Pods).
    """
    host = host.lower().strip("[]").rstrip(".")
    if host in _LOCAL or host in _METADATA or host.endswith(".localhost"):
        return Where.LOCAL
    if host.startswith("/") or host.startswith("%2f"):
        return Where.LOCAL  # a socket
    labels = host.split(".")
    if labels[-1] == "svc" or host.endswith((".svc.cluster.local", ".cluster.local")):
        return Where.INSIDE
    if any(sign in host for sign in "${}<>@%"):
        return Where.UNKNOWN
    return _address(host) or _name(labels)


def _address(host: str) -> Where | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.is_loopback or address.is_link_local:
        return Where.LOCAL
    return Where.INSIDE if address.is_private else Where.OUTSIDE


def _name(labels: list[str]) -> Where:
    last = labels[-1]
    if len(labels) == 1 or last in _PRIVATE:
        return Where.INSIDE
    if len(labels) > 2 or len(last) == 2 or last.startswith("xn--") or last in _TOP_LEVEL:
        return Where.OUTSIDE
    return Where.UNKNOWN if last in _EITHER else Where.INSIDE
