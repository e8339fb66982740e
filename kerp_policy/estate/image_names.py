"""Names of images as builds, deployments and manifests write them, so that they can be compared.

A name is compared without its tag and digest, which differ from build to build. Where a variable
stands for the registry (`$ECR_REGISTRY/kerp-api`), only what comes behind it is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from kerp_policy.kubernetes.images import ImageError, parse_image
from kerp_policy.regex import regex

MAX_LENGTH = 1_000
"""Characters of a name, after variables were filled in; no registry takes a longer one."""
_ROUNDS = 5

_VARIABLE = regex(r"\$\{\{\s*(?P<expression>[^{}]*?)\s*\}\}|\$\{(?P<braced>[A-Za-z_]\w*)\}"
                       r"|\$(?P<plain>[A-Za-z_]\w*)", re.ASCII)  # fmt: skip
_HOLE = regex(r"\$\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)|\$\w+|\{\{[^{}]*\}\}", re.ASCII)
_MARK = "\x00"
_NAME = regex(r"[A-Za-z0-9._/:\x00-]*", re.ASCII)
_CONSTANT = ("github.repository",)
"""What is one for all workflows of a repository; `github.repository_owner` is, too."""


def filled_in(text: str, variables: Mapping[str, str]) -> str:
    """A text with the variables that are known put in, `${{ env.X }}` among them.

    Args:
        text: as written in a script or a workflow.
        variables: from name to value, in which variables may stand again; those of a matrix are
            called `matrix.X`.
    """
    for _ in range(_ROUNDS if len(text) <= MAX_LENGTH else 0):
        text, before = _VARIABLE.sub(lambda found: _value(found, variables), text), text
        if text == before or len(text) > MAX_LENGTH:
            break
    return text


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name = found["braced"] or found["plain"]
    expression = found["expression"] or ""
    written = f"${{{name}}}" if name else f"${{{{ {expression} }}}}"
    value = variables.get(name or expression.removeprefix("env."), written)
    return value if len(value) <= MAX_LENGTH else written


def repository(text: str) -> str:
    """The repository of an image by its name, without tag and digest.

    Returns:
        `kerp/api` of `docker.io/kerp/api:1.2`; `${ECR_REGISTRY}/kerp-api` of
        `${ECR_REGISTRY}/kerp-api:${TAG}`; empty where nothing of the last part is known, or where
        it is no image reference.
    """
    text = text.strip()
    if len(text) > MAX_LENGTH:
        return ""
    holes = [found[0] for found in _HOLE.finditer(text)]
    if not holes:
        return _literal(text)
    name = _HOLE.sub(_MARK, text).partition("@")[0]
    head, colon, tag = name.rpartition(":")
    name = head if colon and "/" not in tag else name
    if _MARK not in name:
        return _literal(name)
    last = name.rpartition("/")[2]
    kept = holes[: name.count(_MARK)]
    known = last.strip(_MARK) or (kept and any(word in kept[-1] for word in _CONSTANT))
    if not known or name != name.strip("/:") or not _NAME.fullmatch(name):
        return ""
    filled = iter(kept)
    return re.sub(_MARK, lambda _: next(filled), name)


@lru_cache(maxsize=4096)  # one image has many containers, and many policies ask about each
def deployed_repository(text: str) -> str:
    """The repository of an image as a manifest or a deployment writes it: no variable is known."""
    return repository(filled_in(text, {}))


def _literal(text: str) -> str:
    try:
        image = parse_image(text)
    except ImageError:
        return ""
    if image.registry == "docker.io":
        return image.repository.removeprefix("library/")
    return f"{image.registry}/{image.repository}"


def tail(name: str) -> str:
    """What a repository is called within its registry: `kerp-api` of `${REGISTRY}/kerp-api`.

    Empty where more than the registry is a variable.
    """
    first, slash, rest = name.partition("/") if not name.startswith("${{") else _after_hole(name)
    is_registry = "." in first or ":" in first or "$" in first or first == "localhost"
    return rest if slash and is_registry and "$" not in rest else ""


def _after_hole(name: str) -> tuple[str, str, str]:
    end = name.find("}}") + 2
    first, slash, rest = name[end:].partition("/")
    return name[:end] + first, slash, rest


def has_open_registry(name: str) -> bool:
    """Whether a variable stands for the registry, or for a part of it."""
    return "$" in name.removesuffix(tail(name))


def is_same(one: str, other: str) -> bool | None:
    """Whether two repositories are one; None where a variable for a registry decides it."""
    if one == other:
        return bool(one)
    if tail(one) and tail(one) == tail(other):
        return None if has_open_registry(one) or has_open_registry(other) else False
    return False
