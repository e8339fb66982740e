"""Which base images are known to have no HEALTHCHECK.

Sources: the Dockerfiles of Docker's official images (whose FAQ says why they have none), of
GoogleContainerTools/distroless, Microsoft's .NET, Red Hat's UBI and nginx-unprivileged.
"""

from __future__ import annotations

from kerp_policy.docker.bases import find_base

_PUBLISHED = (
    "gcr.io/distroless/",
    "mcr.microsoft.com/dotnet/",
    "nginxinc/nginx-unprivileged",
    "ghcr.io/nginxinc/nginx-unprivileged",
    "registry.access.redhat.com/ubi",
)
_UNKNOWN = ("bitnami/", "docker.io/bitnami/", "cgr.dev/")


def base_has_none(image: str) -> bool:
    """Whether an image, by its reference, is known to have no HEALTHCHECK; its tag may be open."""
    if image.startswith(_PUBLISHED):
        return True
    return find_base(image) is not None and not image.startswith(_UNKNOWN)
