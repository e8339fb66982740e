"""Checks of image references: pinning and pulling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import Remark, unverified
from kerp_policy.kubernetes.images import ImageError, parse_image, pin_level
from kerp_policy.parameters import TEXT, WORD, any_of, one_of, some, takes
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View
from kerp_policy.wording import filled_in, listed, shown

LEVELS = ("none", "tag", "version", "digest")
"""How firmly a reference is pinned, from not at all to by content."""

_MOVES = {"tag": "has a tag that moves", "version": "is pinned by its version only"}

_VARIABLE = regex(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|\$\([^()]*\)|\$\w+|@[A-Z][A-Z0-9_]+@")
_FILLED_IN = regex(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
"""A tag such as `IMAGE_TAG`, in whose place a script puts the version."""
_OPEN = "\0"


@takes(level=one_of(*LEVELS[1:]))
def pinned(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The image is pinned at the level that the standard asks for."""
    image = view.data.get("image")
    if not image and view.scope == "container":
        yield _not_set(view)
    if not isinstance(image, str) or not image:
        return
    yield from unpinned(image, ("image",), params)


def unpinned(image: str, path: Path, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What keeps a reference from the level that the standard asks for.

    Args:
        image: the reference, as it will be pulled.
        path: where it is written, or the part of it that decides.
        params: `level`, the least that is enough.
    """
    reference = _decided(image)
    if reference is None:
        yield unverified(path, filled_in("image", image))
        return
    try:
        parsed = parse_image(reference)
    except ImageError as error:
        message = str(error) if image in str(error) else f"the image {image}: {error}"
        yield Remark(path, message, subject=image)
        return
    level, wanted = pin_level(parsed), params["level"]
    if LEVELS.index(level) < LEVELS.index(wanted):
        expected = "a digest" if wanted == "digest" else f"a {wanted} or a digest"
        untagged = "has the tag latest" if parsed.tag else "has no tag, which means latest"
        message = f"the image {image} {_MOVES.get(level, untagged)}; expected {expected}"
        yield Remark(path, message, subject=image)


def _not_set(view: View) -> Remark:
    """What somebody patches an object with need not have an image, and lies among patches."""
    message = "image is not set, which the API server refuses"
    if "image" not in view.data and "patch" in view.facts["file"].lower():
        return unverified(("image",), f"{message}, unless the file is applied as a patch")
    return Remark(("image",), message)


def _decided(image: str) -> str | None:
    """The reference as far as it says how it is pinned, or None where a variable decides that.

    `${REGISTRY}/api:1.2` and `${IMAGE}:latest` are as good as with a name in place of the
    variable; `api:${TAG}` and `${IMAGE}` are not.
    """
    if _FILLED_IN.fullmatch(image.rpartition(":")[2]):
        return None
    if not is_placeholder(image):
        return image
    name = _VARIABLE.sub(_OPEN, image).rpartition("/")[2]
    cut = min((name.find(mark) for mark in ":@" if mark in name), default=len(name))
    pin = name[cut:]
    if _OPEN in pin or (not pin and _OPEN in name):
        return None
    return f"app{pin}"


@takes(registries=any_of(WORD), retired=any_of(WORD))
def registry(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The image comes from a registry that the standard names, if it names any, and none retired.

    A registry may be told with the first part of the path, as `ghcr.io/acme`.
    """
    image, path = view.data.get("image"), ("image",)
    name = _full_name(image) if isinstance(image, str) else None
    if name is None:
        return
    if old := _within(name, params["retired"]):
        message = f"the image {image} comes from {old}, which is retired"
        yield Remark(path, f"{message}; expected another registry", subject=str(image))
    elif params["registries"] and not _within(name, params["registries"]):
        expected = listed(params["registries"], "or")
        if _OPEN in name:
            yield unverified(path, filled_in("image", image, f"one from {expected}"))
        else:
            where = name.partition("/")[0]
            message = f"the image {image} comes from {where}; expected {expected}"
            yield Remark(path, message, subject=str(image))


@takes(images=some(TEXT), known_as=TEXT)
def unwanted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The image is none of these, wherever it comes from: each is told by the end of its path."""
    image = view.data.get("image")
    if not isinstance(image, str):
        return
    name, known_as = f"/{_path_of(image)}", params["known_as"]
    if any(name.endswith(f"/{each}") for each in params["images"]):
        yield Remark(("image",), f"image is {shown(image)}, {known_as}")
    elif is_placeholder(name.rpartition("/")[2]):
        yield unverified(("image",), filled_in("image", image, f"not {known_as}"))


def _path_of(image: str) -> str:
    """An image without its tag and digest; what is filled in is blotted out first."""
    name = _VARIABLE.sub("$X", image).partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def _full_name(image: str) -> str | None:
    """The registry and path of an image, as far as a placeholder if it has one."""
    if is_placeholder(image):
        return _VARIABLE.sub(_OPEN, image) if _VARIABLE.search(image) else _OPEN
    try:
        parsed = parse_image(image)
    except ImageError:
        return None  # `pinned` tells
    return f"{parsed.registry}/{parsed.repository}"


def _within(name: str, registries: list[str]) -> str:
    """The first of the registries that a name lies in; empty for none."""
    return next((each for each in registries if f"{name}/".startswith(f"{each}/")), "")


def pull_policy(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An image without a digest is pulled at every start.

    The default is `Always` for no tag or `latest`, else `IfNotPresent` (Kubernetes documentation,
    Images, "Default image pull policy").
    """
    image, policy = view.data.get("image"), view.data.get("imagePullPolicy")
    if not isinstance(image, str) or not image or policy == "Always" or "@" in image:
        return
    path, reference = ("imagePullPolicy",), _decided(image)
    if is_placeholder(str(policy)):
        yield unverified(path, filled_in("imagePullPolicy", policy, "Always"))
    elif reference is None:
        stated = "not set" if policy is None else policy
        message = f"imagePullPolicy is {stated}, and {image} is filled in elsewhere"
        yield unverified(path, message)
    elif policy is not None:
        yield Remark(path, f"imagePullPolicy is {policy} for {image}; expected Always")
    elif not _defaults_to_always(reference):
        message = f"imagePullPolicy is not set, which means IfNotPresent for {image}"
        yield Remark(path, f"{message}; expected Always")


def _defaults_to_always(image: str) -> bool:
    """No tag and `latest` do; what is no image at all is never pulled (`pinned` tells)."""
    try:
        return parse_image(image).tag in (None, "latest")
    except ImageError:
        return True
