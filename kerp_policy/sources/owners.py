"""Who owns which files, by the CODEOWNERS file of a repository.

Source: GitHub's documentation, "About code owners": where the file lies, its syntax, and how that
differs from the one of `.gitignore`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePosixPath

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import Tree, WorkingTree

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may lie; the first that is there counts."""

MAX_BYTES = 3 * 1024 * 1024
"""GitHub does not load a larger one."""

MAX_RULES = 5_000
"""More would take long to ask for each file; then nobody is told as an owner."""

_RULE = regex(r"[ \t]*+((?:\\.|[^\s\\#])(?:\\.|[^\s\\])*+)([^#\n]*+)")
_OWNER = regex(r"@[\w-]+(?:/[\w.-]+)?|[^\s@]+@[^\s@]+")
_CROSSES = "**"


def codeowners(tree: Tree, prefix: str) -> Source | None:
    """The CODEOWNERS file of a repository, if it has one.

    Args:
        tree: the files of the project.
        prefix: from the top of the repository to the project, as `Run.prefix` is. Where the
            project is a part, the file is taken from the folder as it lies there.
    """
    if prefix:
        tree = WorkingTree(tree.root.resolve().parents[prefix.count("/") - 1])
    found = (tree.read(path) for path in PLACES)
    source = next((one for one in found if isinstance(one, Source)), None)
    return source if source and len(source.data) <= MAX_BYTES else None


class Rule(Struct, frozen=True):
    """One line: the folders and the name that a path must have, and whom it then belongs to."""

    steps: tuple[str, ...]
    owners: tuple[str, ...]

    def fits(self, path: Sequence[str]) -> bool:
        """Whether a path, cut at its slashes, is meant."""
        return _fits(self.steps, path)


class Owners:
    """The rules of one file."""

    def __init__(self, text: str) -> None:
        """Read the rules; a line that is not valid is skipped, as GitHub does."""
        self._text = text

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in their order; none where there are too many."""
        rules = tuple(rule for line in self._text.splitlines() if (rule := _rule(line)))
        return rules if len(rules) <= MAX_RULES else ()

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file, by the last rule that fits; none where that names none.

        Args:
            path: from the top of the repository.
        """
        steps = PurePosixPath(path).parts
        return next((rule.owners for rule in reversed(self.rules) if rule.fits(steps)), ())


def _rule(line: str) -> Rule | None:
    found = _RULE.match(line)
    if found is None or found[1].startswith("!") or "[" in found[1]:
        return None
    owners = tuple(dict.fromkeys(found[2].split()))
    if not all(_OWNER.fullmatch(owner) for owner in owners):
        return None
    return Rule(_steps(re.sub(r"\\(.)", r"\1", found[1])), owners)


def _steps(pattern: str) -> tuple[str, ...]:
    """A pattern as names of folders; `**` stands for any number of them.

    A slash anywhere but at the end ties it to the top. What it names may be a folder, whose files
    are meant then, unless it ends with `/*`, which means the files right there.
    """
    is_tied = "/" in pattern.rstrip("/")
    steps = [step for step in pattern.split("/") if step]
    if not is_tied:
        steps = [_CROSSES, *steps]
    if pattern.endswith("/"):
        return (*steps, "*", _CROSSES)
    return tuple(steps) if steps[-1:] == ["*"] else (*steps, _CROSSES)


def _fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether parts fit a pattern in which `**` stands for any number of them, none included.

    Only the last `**` is ever tried again, so the time is bounded by the product of the lengths.
    """
    here, at, again, tried = 0, 0, -1, 0
    while at < len(parts):
        if here < len(pattern) and pattern[here] == _CROSSES:
            again, tried, here = here, at, here + 1
        elif here < len(pattern) and _is_named(pattern[here], parts[at]):
            here, at = here + 1, at + 1
        elif again >= 0:
            tried += 1
            here, at = again + 1, tried
        else:
            return False
    return all(step == _CROSSES for step in pattern[here:])


def _is_named(pattern: str, name: str) -> bool:
    """Whether a name fits; `*` stands for any characters and `?` for one."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == name
    signs = re.split(r"\*+", pattern)
    if len(signs) == 1:
        return _alike(pattern, name, 0, len(name))
    first, *middle, last = signs
    start, end = len(first), len(name) - len(last)
    if start > end or not _alike(first, name, 0, start) or not _alike(last, name, end, len(name)):
        return False
    for sign in middle:
        start = _found(sign, name, start, end)
        if start < 0:
            return False
    return True


def _found(sign: str, name: str, start: int, end: int) -> int:
    """Where a sign that stands in a name between two places ends, or -1."""
    places = range(start, end - len(sign) + 1)
    return next((at + len(sign) for at in places if _alike(sign, name, at, at + len(sign))), -1)


def _alike(sign: str, name: str, start: int, end: int) -> bool:
    return len(sign) == end - start and all(
        s in ("?", c) for s, c in zip(sign, name[start:end], strict=True)
    )
