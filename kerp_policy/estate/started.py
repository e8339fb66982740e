"""Scripts that are started in their own folder, and not at the top of the project.

No file says where somebody stands who starts a script. What it names tells: what lies beside it
and not at the top is meant there, and of what lies in both places nobody knows which is meant.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kerp_policy.estate.facts import Fact

if TYPE_CHECKING:
    from kerp_policy.estate.builds import Build
    from kerp_policy.estate.pipelines import Apply, Edit

_ACTIONS = (".yml", ".yaml")
"""What a composite action is written in, which runs in the folder of who uses it."""
_Seen = Callable[[str], str | None]
"""From a path seen from the top to the one that is meant; None where that is not known."""


def located(facts: Iterable[Fact], files: Iterable[str]) -> list[Fact]:
    """The facts, with what scripts name looked for where these are started.

    Args:
        facts: those of a project, whose paths are all seen from its top.
        files: every file that it has.
    """
    found: list[Any] = list(facts)
    started = [i for i, fact in enumerate(found) if _is_of_script(fact)]
    if not started:
        return found
    there = _with_folders(files)
    called = {fact.script for fact in found if type(fact).__name__ == "Call"}
    for i in started:
        fact = found[i]
        seen = partial(_seen, there, fact.file, fact.file in called)
        found[i] = _LOCATED[type(fact).__name__](fact, seen)
    return found


def _is_of_script(fact: Any) -> bool:
    """Whether it is of a script below the top; asked by name, so that nothing is loaded for it."""
    return (
        type(fact).__name__ in _LOCATED
        and fact.job == fact.file
        and "/" in fact.file
        and not fact.file.endswith(_ACTIONS)
    )


def _with_folders(files: Iterable[str]) -> set[str]:
    found = set[str]()
    for file in files:
        path = file
        while path and path not in found:
            found.add(path)
            path = posixpath.dirname(path)
    return found


def _seen(there: set[str], script: str, is_called: bool, path: str) -> str | None:
    """Which of two is meant; whoever calls a script mostly does so from the top."""
    own = posixpath.normpath(posixpath.join(posixpath.dirname(script), path))
    if own not in there or (is_called and path in there):
        return path
    return None if not path or path in there else own


def _apply(apply: Apply, seen: _Seen) -> Apply:
    found = map(seen, apply.paths)
    return replace(apply, paths=tuple(path for path in found if path is not None))


def _edit(edit: Edit, seen: _Seen) -> Edit:
    source = (seen(edit.source) or "") if edit.source else ""
    found = [seen(path) for path in edit.paths or ()]
    known = tuple(path for path in found if path is not None)
    is_known = edit.paths is not None and len(known) == len(found)
    return replace(edit, paths=known if is_known else None, source=source)


def _build(build: Build, seen: _Seen) -> Build:
    """A build, whose context is seen from where its Dockerfile is."""
    path = build.dockerfile.path
    meant = path if path is None else seen(path)
    if meant == path:
        return build
    context = build.context.path if meant else None
    if context is not None:
        context = posixpath.normpath(posixpath.join(posixpath.dirname(build.file), context))
    dockerfile = replace(build.dockerfile, path=meant)
    return replace(build, dockerfile=dockerfile, context=replace(build.context, path=context))


_LOCATED: dict[str, Callable[[Any, _Seen], Any]] = {
    "Apply": _apply,
    "Edit": _edit,
    "Build": _build,
}
