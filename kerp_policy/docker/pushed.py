"""Names that images are pushed under, held to those that they were given by builds and tags."""

from __future__ import annotations

import re

from kerp_policy.regex import regex

_HOLE = regex(r"\$\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)|\$\w+", re.ASCII)
_EXPRESSION = regex(r"\$\{\{\s*([^{}]*?)\s*\}\}", re.ASCII)
_VARIABLE = regex(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_MARK = "\x00"
_OF_A_RUN = regex(r"github\.(?:sha|run_id|run_number)|GITHUB_(?:SHA|RUN_ID|RUN_NUMBER)")
"""What is no word, whatever is cut off it."""


def canonical(name: str) -> str:
    """A name with its variables written in one way, and with a tag: none means `latest`."""
    name = _EXPRESSION.sub(lambda found: _written(found[1]), name.strip())
    name = _VARIABLE.sub(lambda found: f"${{{found[1] or found[2]}}}", name)
    repository, tag = split(name)
    repository = repository.removeprefix("docker.io/").removeprefix("library/")
    return f"{repository}:{tag}"


def _written(expression: str) -> str:
    """`github.sha` and `env.TAG` as the variables that steps have for them."""
    root, _, name = expression.partition(".")
    if root == "env" and name:
        return f"${{{name}}}"
    if root == "github" and name in ("sha", "run_id", "run_number", "ref_name", "repository"):
        return f"${{GITHUB_{name.upper()}}}"
    return f"${{{{ {expression} }}}}"


def split(name: str) -> tuple[str, str]:
    """The repository and the tag of a name."""
    holes = [found[0] for found in _HOLE.finditer(name)]
    head, colon, tag = _HOLE.sub(_MARK, name).rpartition(":")
    if not colon or "/" in tag:
        return name, "latest"
    count = head.count(_MARK)
    return _filled(head, holes[:count]), _filled(tag, holes[count:])


def _filled(text: str, holes: list[str]) -> str:
    filled = iter(holes)
    return re.sub(_MARK, lambda _: next(filled), text)


def holes_of(name: str) -> list[str]:
    """What is filled in when a name is used: variables and expressions."""
    return _HOLE.findall(name)


def differ(one: str, other: str) -> bool | None:
    """Whether two canonical names are of different images; None where a variable decides it."""
    (repository, tag), (other_repository, other_tag) = split(one), split(other)
    if repository != other_repository:
        return _repositories_differ(repository, other_repository)
    return tag != other_tag and _tags_differ(tag, other_tag)


def _repositories_differ(one: str, other: str) -> bool | None:
    """A variable may hold slashes; what comes behind the last one that is written is known."""
    ends = [_HOLE.sub(_MARK, each).rpartition("/")[2] for each in (one, other)]
    if "$" not in one + other or (_MARK not in "".join(ends) and ends[0] != ends[1]):
        return True
    bare, open_ = sorted((one, other), key=lambda each: "$" in each)
    fewer = bare.count("/") < _HOLE.sub("", open_).count("/")
    return True if "$" not in bare and fewer else None


def _tags_differ(one: str, other: str) -> bool | None:
    if "$" not in one + other:
        return True
    if not all("$" not in tag or _OF_A_RUN.search(tag) for tag in (one, other)):
        return None
    cut = [tag for tag in (one, other) if "$" in tag and not _VARIABLE.fullmatch(tag)]
    return None if len(cut) == 2 else True
