"""Ports of images: what EXPOSE names, what common base images expose, what a check of health asks.

Sources: Dockerfile reference, "EXPOSE"; the Dockerfiles of Docker's official images and of
nginxinc, Prometheus and Grafana.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from kerp_policy.kubernetes.images import ImageError, parse_image
from kerp_policy.records import Kept
from kerp_policy.regex import regex

_EXPOSE = regex(r"(?:[^\s/]*:)?(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp)?)?", re.IGNORECASE)
_LOCAL = regex(
    r"(?:(?P<scheme>https?)://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])"
    r"(?::(?P<port>\d{1,5}))?(?P<path>/[^?#\s]*)?(?:[?#].*)?"
)
_IN_CODE = regex(
    r"""https?://(?:localhost|127\.0\.0\.1|\[::1\]):(?P<port>\d{1,5})(?P<path>/[^?#\s'"`\\$)]*)?['"`?#]"""
)
_INTERPRETERS = regex(r"(?:python[\d.]*|node|deno|bun|ruby|php|perl)")
_FETCHING = frozenset({"curl", "wget"})
_BASES: dict[str, frozenset[int]] = {
    "library/caddy": frozenset({80, 443, 2019}),
    "library/httpd": frozenset({80}),
    "library/mariadb": frozenset({3306}),
    "library/mongo": frozenset({27017}),
    "library/mysql": frozenset({3306, 33060}),
    "library/nginx": frozenset({80}),
    "library/postgres": frozenset({5432}),
    "library/redis": frozenset({6379}),
    "library/tomcat": frozenset({8080}),
    "nginxinc/nginx-unprivileged": frozenset({8080}),
    "grafana/grafana": frozenset({3000}),
    "prom/alertmanager": frozenset({9093}),
    "prom/node-exporter": frozenset({9100}),
    "prom/prometheus": frozenset({9090}),
}
_NONE = frozenset(
    f"library/{name}"
    for name in (
        "alpine", "almalinux", "amazoncorretto", "amazonlinux", "bash", "buildpack-deps",
        "busybox", "centos", "debian", "eclipse-temurin", "fedora", "gcc", "golang", "gradle",
        "maven", "node", "openjdk", "oraclelinux", "perl", "python", "rockylinux", "ruby", "rust",
        "ubuntu",
    )
)  # fmt: skip


class Ports(Kept, frozen=True):
    """The ports from `first` to `last`, of a protocol (`TCP`)."""

    first: int
    last: int
    protocol: str

    def __str__(self) -> str:
        """As EXPOSE writes them; TCP goes without saying."""
        numbers = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return numbers if self.protocol == "TCP" else f"{numbers}/{self.protocol.lower()}"


class Request(Struct, frozen=True):
    """What a command asks of its own container: a port, and a path where it speaks HTTP."""

    port: int
    path: str | None


def exposed(text: str) -> Ports | None:
    """What one word of EXPOSE names, of `host:port` the container's; None where it is no port."""
    found = _EXPOSE.fullmatch(text)
    if not found:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    return Ports(first, last, (found[3] or "tcp").upper()) if first <= last <= 65535 else None


def base_ports(image: str) -> frozenset[int] | None:
    """The TCP ports that a base image exposes, by its reference; None where that is not known."""
    if image == "scratch" or image.startswith("gcr.io/distroless/"):
        return frozenset()
    try:
        reference = parse_image(image)
    except ImageError:
        return None
    if reference.registry not in ("docker.io", "public.ecr.aws", "quay.io", "ghcr.io"):
        return None
    repository = reference.repository.removeprefix("docker/")
    from kerp_policy.docker.bases import find_base

    if repository in _NONE and find_base(image):
        return frozenset()
    return _BASES.get(repository)


def request(words: Sequence[str]) -> Request | None:
    """What `curl http://localhost:8080/health` and its like ask; None for anything else.

    Of a line of Python and its like that is the one URL of this machine with a port in it.
    """
    program = words[0].rpartition("/")[2] if words else ""
    if program in ("nc", "ncat") and len(words) > 2 and words[-1].isdecimal():
        local = words[-2] in ("localhost", "127.0.0.1")
        return Request(int(words[-1]), None) if local and len(words[-1]) < 6 else None
    if _INTERPRETERS.fullmatch(program):
        return _asked_in(" ".join(words[1:]))
    if program not in _FETCHING:
        return None
    found = [match for word in words[1:] if (match := _LOCAL.fullmatch(word))]
    if len(found) != 1:
        return None
    [match] = found
    default = 443 if match["scheme"] == "https" else 80
    return Request(int(match["port"] or default), match["path"] or "/")


def _asked_in(code: str) -> Request | None:
    found = {(match["port"], match["path"]) for match in _IN_CODE.finditer(code)}
    if len(found) != 1:
        return None
    [(port, path)] = found
    return Request(int(port), path or "/")
