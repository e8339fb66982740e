"""Which files and folders a project has."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping

from kerp_policy.estate.estate import Estate
from kerp_policy.regex import regex
from kerp_policy.sources.discover import less_excluded
from kerp_policy.wording import nearest

_LONGEST = 100
"""Characters of a name that are compared with others."""
_LATER = regex(r"[*?\[{<$:~]|(?:^|/)[\w-]+\.(?:com|dev|io|net|org)(?:/|$)")


def is_decided_later(path: str) -> bool:
    """Whether only a command that runs decides of a path, or a server has it."""
    return bool(_LATER.search(path))


def is_outside(path: str) -> bool:
    """Whether a path leads out of the project."""
    return path == ".." or path.startswith("../")


def has_file(estate: Estate, path: str) -> bool:
    """Whether there is such a file, or may be.

    Args:
        estate: that of the project.
        path: relative to the project's root.
    """
    return path in estate.files or _is_out_of_sight(estate, path)


def has_folder(estate: Estate, path: str) -> bool:
    """Whether there is such a folder; as for `has_file`."""
    return path in estate.made(_inside) or has_file(estate, path)


def nearest_path(estate: Estate, path: str) -> str:
    """What the project has in the place of a path that it has not; empty where nothing is near."""
    inside, above = estate.made(_inside), ""
    for name in path.split("/"):
        here = f"{above}/{name}" if above else name
        if here not in inside:
            near = nearest(name[:_LONGEST], inside.get(above, ()))
            return posixpath.join(above, near) if near else ""
        above = here
    return ""


def _inside(estate: Estate) -> Mapping[str, Collection[str]]:
    """By folder, the names of what lies there; that of the project itself is empty."""
    found: dict[str, dict[str, None]] = {"": {}}
    for file in estate.listed:
        above, _, name = file.rpartition("/")
        while name not in found.setdefault(above, {}):
            found[above][name] = None
            above, _, name = above.rpartition("/")
            if not name:
                break
    return found


def _is_out_of_sight(estate: Estate, path: str) -> bool:
    """Whether it would lie in a submodule, behind a link, or in what nobody is to look at."""
    above = path
    while above:
        above = posixpath.dirname(above)
        if above in estate.files:
            return True
    inside = [path, f"{path}/any"]  # a pattern with a slash at its end is for folders
    return len(less_excluded(inside, estate.exclude)) < len(inside)
