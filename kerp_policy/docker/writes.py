"""What the programs of common images write, as their publishers' configuration has it.

Sources: the Dockerfiles and default configurations of the official nginx and httpd images, and of
nginxinc/nginx-unprivileged.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from kerp_policy.kubernetes.images import ImageError, parse_image


class Writes(Struct, frozen=True):
    """What an image writes when it starts.

    Attributes:
        program: what it starts, under one of these names.
        settings: the file that could tell it to write elsewhere.
        paths: what it writes, each as a folder that may be known under several names.
    """

    program: frozenset[str]
    settings: str
    paths: tuple[tuple[str, ...], ...]


_NGINX = frozenset({"", "nginx", "docker-entrypoint.sh"})
_WRITES: dict[str, Writes] = {
    "library/nginx": Writes(
        _NGINX, "/etc/nginx/nginx.conf", (("/var/cache/nginx",), ("/run", "/var/run"))
    ),
    "nginxinc/nginx-unprivileged": Writes(_NGINX, "/etc/nginx/nginx.conf", (("/tmp",),)),  # noqa: S108
    "library/httpd": Writes(
        frozenset({"", "httpd-foreground"}),
        "/usr/local/apache2/conf/httpd.conf",
        (("/usr/local/apache2/logs",),),
    ),
}


@lru_cache(maxsize=1024)  # many images start from the same ones
def writes_of(image: str) -> Writes | None:
    """What an image writes, by its reference; None where that is not known."""
    try:
        reference = parse_image(image)
    except ImageError:
        return None
    return _WRITES.get(reference.repository) if reference.registry == "docker.io" else None


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder, or lies below it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
