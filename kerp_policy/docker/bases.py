"""What is known of the users of common base images.

Only what their publishers state and what does not change from tag to tag stands here: an image
that is missing is unknown, which costs a finding less than a wrong number does. Sources: the
Dockerfiles of Docker's official images, of GoogleContainerTools/distroless, nginxinc,
Microsoft's .NET, Bitnami, Prometheus and Grafana, and the passwd files of Alpine and Debian.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from kerp_policy.regex import regex

Family = Literal["alpine", "debian", "scratch", ""]
Ids = tuple[int, int | None]

ROOT: Ids = (0, 0)
_MIRRORS = regex(
    r"(?:(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|mirror\.gcr\.io)/(?:library/)?"
    r"|public\.ecr\.aws/docker/library/|library/)(?=.)"
)


class Base(Struct, frozen=True):
    """A base image.

    Attributes:
        user: the UID and GID that it runs as.
        family: whose tools create users in it; empty where the tag does not tell.
        users: its accounts with their primary group.
        groups: its groups.
    """

    user: Ids
    family: Family
    users: Mapping[str, Ids]
    groups: Mapping[str, int]


_USERS: dict[Family, dict[str, Ids]] = {
    "alpine": {"root": ROOT, "bin": (1, 1), "daemon": (2, 2), "nobody": (65534, 65534)},
    "debian": {
        "root": ROOT,
        "daemon": (1, 1),
        "bin": (2, 2),
        "www-data": (33, 33),
        "nobody": (65534, 65534),
    },
    "scratch": {},
    "": {"root": ROOT},
}
_GROUPS: dict[Family, dict[str, int]] = {
    "alpine": {"root": 0, "users": 100, "www-data": 82, "nogroup": 65533, "nobody": 65534},
    "debian": {"root": 0, "users": 100, "www-data": 33, "nogroup": 65534, "staff": 50},
    "scratch": {},
    "": {"root": 0},
}
_OWN_USERS: dict[str, dict[str, Ids]] = {
    "node": {"node": (1000, 1000)},
    "nginx": {"nginx": (101, 101)},
    "gradle": {"gradle": (1000, 1000)},
    # Ubuntu has a user 1000 from 23.04 on: which of its releases is meant, the tag may not tell.
    "buildpack-deps": {"ubuntu": (1000, None)},
    "eclipse-temurin": {"ubuntu": (1000, None)},
    "maven": {"ubuntu": (1000, None)},
    "ubuntu": {"ubuntu": (1000, None)},
}
_DEBIAN_OR_ALPINE = frozenset(
    {"amazoncorretto", "bash", "buildpack-deps", "caddy", "composer", "docker", "eclipse-temurin"}
    | {"elixir", "erlang", "gcc", "golang", "gradle", "haskell", "httpd", "mariadb", "maven"}
    | {"mongo", "mysql", "nginx", "node", "openjdk", "perl", "php", "postgres", "python"}
    | {"rabbitmq", "redis", "ruby", "rust", "tomcat", "traefik"}
)
_PLAIN: dict[str, Family] = {
    "alpine": "alpine",
    "almalinux": "",
    "amazonlinux": "",
    "busybox": "",
    "centos": "",
    "debian": "debian",
    "fedora": "",
    "oraclelinux": "",
    "rockylinux": "",
    "scratch": "scratch",
    "ubuntu": "debian",
}
_BARE = frozenset({"alpine", "busybox", "debian", "scratch", "ubuntu"})
_RED_HAT = regex(
    r"(?:registry\.access\.redhat\.com|registry\.redhat\.io)"
    r"/ubi(?:8|9|10)(?:/ubi(?:8|9|10)?(?:-minimal|-micro|-init)?|-minimal|-micro)?"
)
_DOTNET = regex(r"mcr\.microsoft\.com/dotnet/(?:aspnet|runtime|runtime-deps|sdk)")
_SMALL_DOTNET = regex("chiseled|distroless|nanoserver|windows")
_ALWAYS: dict[str, Ids] = {
    "nginxinc/nginx-unprivileged": (101, 101),
    "ghcr.io/nginxinc/nginx-unprivileged": (101, 101),
    "quay.io/nginx/nginx-unprivileged": (101, 101),
    "prom/prometheus": (65534, 65534),
    "prom/alertmanager": (65534, 65534),
    "prom/node-exporter": (65534, 65534),
    "grafana/grafana": (472, 0),
    "cgr.dev/chainguard/static": (65532, 65532),
    "cgr.dev/chainguard/glibc-dynamic": (65532, 65532),
}


def sets_nothing(image: str) -> bool:
    """Whether an image, by its reference, sets no variable but PATH, and no working directory."""
    return _split(image)[0] in _BARE


def find_base(image: str) -> Base | None:
    """What is known of an image by its reference; None where nothing is."""
    repository, tag = _split(image)
    return _official(repository, tag) or _published(repository, tag)


def _official(repository: str, tag: str | None) -> Base | None:
    own = _OWN_USERS.get(repository, {})
    if repository in _PLAIN:
        return _base(ROOT, _PLAIN[repository], own)
    if repository in _DEBIAN_OR_ALPINE:
        return _base(ROOT, _family(repository, tag), own)
    return None


def _published(repository: str, tag: str | None) -> Base | None:
    if repository in _ALWAYS:
        return _always(repository, _ALWAYS[repository])
    if repository.startswith("gcr.io/distroless/") and tag is not None:
        return _distroless(tag)
    if repository.startswith("bitnami/") and repository != "bitnami/minideb":
        return Base((1001, 0), "", {"root": ROOT}, {"root": 0})
    if _DOTNET.fullmatch(repository) and tag is not None and not _SMALL_DOTNET.search(tag):
        return _base(ROOT, "", {"app": (1654, 1654), "ubuntu": (1000, None)})
    if _RED_HAT.fullmatch(repository):
        return _base(ROOT, "", {})
    return None


def _split(image: str) -> tuple[str, str | None]:
    """Repository and tag; of a tag that is unknown (`$TAG`) or only a digest, None."""
    name, _, digest = image.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        head, tag = name, ("" if not digest else "?")
    known = "$" not in tag and tag != "?"
    return _MIRRORS.sub("", head, count=1) if _MIRRORS.match(head) else head, tag if known else None


def _family(repository: str, tag: str | None) -> Family:
    if tag is None or repository in ("amazoncorretto", "eclipse-temurin", "maven", "openjdk"):
        return "alpine" if tag and "alpine" in tag else ""
    if repository in ("bash", "caddy", "composer", "docker", "traefik") or "alpine" in tag:
        return "alpine"
    return "" if "windows" in tag or "nanoserver" in tag or "oracle" in tag else "debian"


def _base(user: Ids, family: Family, own: Mapping[str, Ids]) -> Base:
    own_groups = {name: gid for name, (_, gid) in own.items() if gid is not None}
    return Base(user, family, {**_USERS[family], **own}, {**_GROUPS[family], **own_groups})


def _always(repository: str, user: Ids) -> Base:
    own = {"nginx": user} if repository.endswith("nginx-unprivileged") else {}
    return _base(user, "", own)


def _distroless(tag: str) -> Base:
    user = (65532, 65532) if "nonroot" in tag.split("-") else ROOT
    users = {"root": ROOT, "nobody": (65534, 65534), "nonroot": (65532, 65532)}
    return Base(user, "scratch", users, {"root": 0, "nobody": 65534, "nonroot": 65532})
