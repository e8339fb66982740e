"""Image references and how firmly they are pinned.

Source: the grammar and the familiar names of the Distribution project's `reference` package
("Image references"), and the digest algorithms of the OCI image specification.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.wording import clipped, shown

PinLevel = Literal["none", "tag", "version", "digest"]

_HOST = regex(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
    r"|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
)
_COMPONENT = regex(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = regex(r"\w[\w.-]{0,127}", re.ASCII)
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_DIGEST = regex(r"@(?:sha[0-9]+:[^@/]*+)?$")
_MAX_NAME = 255

# The first number of a tag decides: `3.19`, `v1.2`, `2024.01`, `bookworm-20240101` name one
# release, while in `20-alpine3.19` the image itself is only said to be some 20.
_FIRST_NUMBER = regex(r"(?:^|[-_.])v?[0-9]+(?P<second>[._-][0-9]+)?")
_DATE = regex(r"v?(?:19|20)[0-9]{6}(?:[0-9]{4}(?:[0-9]{2})?)?")
# `git describe` writes a `g` before it.
_COMMIT = regex(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,40}|g[0-9a-f]{7,40}")


class ImageReference(Struct, frozen=True):
    """An image reference in full.

    Attributes:
        registry: the host, with its port if it has one; `docker.io` where none is written.
        repository: the path below it; `library/nginx` for `nginx`.
        tag: the tag as written, None where there is none (which pulls `latest`).
        digest: `sha256:…`, None where there is none; it outweighs the tag.
    """

    registry: str
    repository: str
    tag: str | None
    digest: str | None


class ImageError(ValueError):
    """A text that is no image reference; the message says why."""


def parse_image(text: str) -> ImageReference:
    """Read an image reference: `[registry/]repository[:tag][@digest]`.

    Raises:
        ImageError: it is none.
    """
    name, at, digest = text.partition("@")
    if at and "/" in digest:
        raise ImageError(f"the image {_clip(text)} has a user before its registry; expected none")
    if at:
        _expect_digest(digest)
    name, tag = _split_tag(name)
    if tag == "":
        raise ImageError(f"the image {_clip(text)} has nothing behind its colon; expected a tag")
    if tag is not None and not _TAG.fullmatch(tag):
        raise ImageError(f"{shown(_clip(tag))} is no tag; expected letters, digits, _, . and -")
    registry, repository = _split_registry(name)
    _expect_repository(registry, repository, text)
    return ImageReference(registry, repository, tag, digest or None)


def without_digest(text: str) -> str:
    """An image reference as it is shown, without the digest behind its `@`."""
    return _DIGEST.sub("", text)


def pin_level(reference: ImageReference) -> PinLevel:
    """How firmly a reference is pinned.

    Returns:
        `digest`: by content. `version`: a tag that names one release: its first number has a
        second part (`3.19`, `1.22-alpine`), or it holds a date (`20240116`) or a commit.
        `tag`: any other tag but `latest`. `none`: no tag, or `latest`.
    """
    if reference.digest:
        return "digest"
    if reference.tag in (None, "latest"):
        return "none"
    return "version" if _names_release(reference.tag or "") else "tag"


def _names_release(tag: str) -> bool:
    if any(_DATE.fullmatch(part) or _COMMIT.fullmatch(part) for part in re.split(r"[._-]", tag)):
        return True
    first = _FIRST_NUMBER.search(tag)
    return bool(first and first["second"])


def _split_tag(name: str) -> tuple[str, str | None]:
    """Cut the tag off; a colon before the last slash belongs to the registry's port."""
    path, colon, tag = name.rpartition(":")
    return (path, tag) if colon and "/" not in tag else (name, None)


def _split_registry(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_host = "." in first or ":" in first or first == "localhost" or first != first.lower()
    registry, repository = (first, rest) if slash and is_host else ("docker.io", name)
    if registry in ("docker.io", "index.docker.io"):
        return "docker.io", repository if "/" in repository else f"library/{repository}"
    return registry, repository


def _expect_repository(registry: str, repository: str, text: str) -> None:
    shown = _clip(text)
    if not _HOST.fullmatch(registry):
        raise ImageError(f"{_clip(registry)} in the image {shown} is no registry")
    if repository != repository.lower():
        raise ImageError(f"the image {shown} has upper-case letters in its repository")
    if not all(_COMPONENT.fullmatch(part) for part in repository.split("/")):
        named = f"the image {shown} is no reference" if text else "the image is empty"
        raise ImageError(f"{named}; expected registry/name:tag")
    if len(registry) + 1 + len(repository) > _MAX_NAME:
        raise ImageError(f"the image {shown} has a name of more than {_MAX_NAME} characters")


def _expect_digest(digest: str) -> None:
    algorithm, _, digits = digest.partition(":")
    if algorithm not in _DIGITS:
        raise ImageError(f"{_clip(digest)} is no digest; expected sha256: and 64 digits")
    if not re.fullmatch(r"[0-9a-f]+", digits) or len(digits) != _DIGITS[algorithm]:
        raise ImageError(
            f"{_clip(digest)} is no digest; expected {_DIGITS[algorithm]} hexadecimal digits in "
            f"lower case behind {algorithm}:, not {len(digits)} characters"
        )


def _clip(text: str) -> str:
    return clipped(text, 80)
