"""Where a host lies, as far as its name tells."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from enum import Enum

from kerp_policy.regex import regex
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


_SERVER = regex(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)?(?P<user>[^@/\s]*@)?(?P<host>\[[^\]\s]+\]|[^\s@:/?#\[\]*]+)"
    r"(?P<rest>[:/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)


def stays_here(words: Sequence[str | None], prefixes: Sequence[str]) -> bool:
    """Whether a command speaks to no other machine than its own, where nobody stands between.

    Args:
        words: the program and its arguments; None for a word that is not known.
        prefixes: how each word begins, as far as it is known.
    """
    hosts = []
    for word, prefix in zip(words[1:], prefixes[1:], strict=True):
        host = _server(prefix if word is None else word, is_whole=word is not None)
        if word is None and not host:
            return False
        hosts += [host] if host else []
    return bool(hosts) and all(where(host) is Where.LOCAL for host in hosts)


def _server(word: str, *, is_whole: bool) -> str:
    """The host that a word of a command names; empty where it is not known to name one."""
    found = None if word.startswith(("-", ".", "/", "~")) else _SERVER.fullmatch(word)
    if not found or not (is_whole or found["rest"]):
        return ""
    is_named = found["scheme"] or found["user"] or ("." in found["host"] and found["rest"])
    return found["host"] if is_named or where(found["host"]) is Where.LOCAL else ""


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
