"""Build arguments that a build knows without any ARG.

Source: Dockerfile reference, "ARG" (predefined arguments), "Automatic platform ARGs in the global
scope"; BuildKit's own arguments: "BuildKit built-in build args".
"""

from __future__ import annotations

PLATFORM_ARGUMENTS = frozenset(
    f"{side}{part}"
    for side in ("TARGET", "BUILD")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
PROXY_ARGUMENTS = frozenset(name for proxy in _PROXIES for name in (proxy, proxy.lower()))
_AT_BUILD = ("BUILDKIT_", "SOURCE_DATE_EPOCH")


def is_predefined(name: str) -> bool:
    """Whether a build knows an argument without any ARG."""
    return name in PROXY_ARGUMENTS or name in PLATFORM_ARGUMENTS or name.startswith(_AT_BUILD)
