"""Checks of image references: pinning and pulling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import Remark, unverified
from kerp_policy.kubernetes.images import ImageError, parse_image, pin_level
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View

LEVELS = ("none", "tag", "version", "digest")
"""How firmly a reference is pinned, from not at all to by content."""

_LACKS = {
    "none": "has no tag, or the tag latest",
    "tag": "has a tag that moves",
    "version": "is pinned by its version only",
}


def pinned(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The image is pinned at the level that the standard asks for."""
    image = view.data.get("image")
    if not isinstance(image, str) or not image:
        return
    try:
        level = pin_level(parse_image(image))
    except ImageError as error:
        yield _unpinned(image, str(error))
        return
    wanted = params["level"]
    if LEVELS.index(level) < LEVELS.index(wanted):
        expected = "a digest" if wanted == "digest" else f"a {wanted} or a digest"
        yield _unpinned(image, f"{_LACKS[level]}; expected {expected}")


def _unpinned(image: str, problem: str) -> Remark:
    """A placeholder may be filled with anything, a pinned reference among it."""
    if is_placeholder(image):
        return unverified(("image",), f"the image {image} is filled in elsewhere")
    return Remark(("image",), f"the image {image} {problem}", subject=image)


def pull_policy(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An image without a digest is pulled at every start.

    The default is `Always` for no tag or `latest`, else `IfNotPresent` (Kubernetes documentation,
    Images, "Default image pull policy").
    """
    image, policy = view.data.get("image"), view.data.get("imagePullPolicy")
    if not isinstance(image, str) or policy == "Always" or "@" in image:
        return
    path = ("imagePullPolicy",)
    if policy is None and _defaults_to_always(image):
        return
    if policy is not None:
        yield Remark(path, f"imagePullPolicy is {policy} for {image}; expected Always")
    elif is_placeholder(image):
        yield unverified(path, f"imagePullPolicy is not set and {image} is filled in elsewhere")
    else:
        message = f"imagePullPolicy is not set, so IfNotPresent for {image}; expected Always"
        yield Remark(path, message)


def _defaults_to_always(image: str) -> bool:
    try:
        return parse_image(image).tag in (None, "latest")
    except ImageError:
        return False
