"""Reading one file within bounds, and saying why when it cannot be."""

from __future__ import annotations

import os
import stat
from errno import EINVAL
from pathlib import Path

from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.source import START, Problem, Source, Span

MAX_BYTES = 10 * 1024 * 1024
"""More is not read: no deployment artifact is that large, and time and memory stay bounded."""

IRREGULAR = Problem("unreadable", START, "is no regular file")
NOWHERE = Problem("unreadable", START, "is a symbolic link that leads nowhere")
OUTSIDE = Problem("unreadable", START, "is a symbolic link out of the project; it is not followed")


def read_source(root: Path, path: str, inside: set[str] | None = None) -> Source | Problem | None:
    """Read a file.

    Args:
        root: the project root.
        path: the file, relative to it.
        inside: folders known to lie in the tree, whatever links lead to them; it grows.

    Returns:
        The source; a problem of the policy `unreadable`; or None for a link to a place within the
        tree, which is read there, unless only the link has the name of an artifact.
    """
    file = f"{root}/{path}"  # a Path takes longer than the reading
    try:
        state = os.lstat(file)
        known = inside if inside is not None else set()
        if stat.S_ISLNK(state.st_mode) or not _within(file, root, known):
            return _linked(path, root)
        if not stat.S_ISREG(state.st_mode):
            return IRREGULAR
        if problem := too_large(state.st_size):
            return problem
        data = _content(file, state.st_size)
        return too_large(len(data)) or Source(path, data)
    except (OSError, RuntimeError) as error:
        return Problem("unreadable", START, f"cannot be read: {_reason(error)}")


def too_large(size: int) -> Problem | None:
    """The problem of a file of so many bytes, if that is too many."""
    if size <= MAX_BYTES:
        return None
    limit = MAX_BYTES // 2**20
    message = f"has {size / 2**20:.0f} MiB; files over {limit} MiB are not read"
    return Problem("unreadable", START, message)


def _content(file: str, size: int) -> bytes:
    """All that a file holds, which had so many bytes when it was last asked."""
    # A stream of Python asks the system twice as often. A pipe or a link may have come meanwhile.
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        data = os.read(descriptor, size + 1)
        while len(data) != size and len(data) <= MAX_BYTES:  # it is another by now
            if not (more := os.read(descriptor, MAX_BYTES)):
                break
            data += more
        if len(data) != size and not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(EINVAL, "it is no regular file any more")
        return data
    finally:
        os.close(descriptor)


def _within(file: str, root: Path, inside: set[str]) -> bool:
    """Whether a file that is no link lies in the tree, as the folders above it do."""
    top, new, folder = str(root), list[str](), file.rpartition("/")[0]
    while folder not in inside and folder != top:
        above, name = os.path.split(folder)
        if name in ("", os.pardir) or os.path.islink(folder):  # noqa: PTH114
            return Path(file).resolve().is_relative_to(root.resolve())
        new.append(folder)
        folder = above
    inside.update(new)
    return True


def _linked(path: str, root: Path) -> Source | Problem | None:
    """A link is read at its target if that lies in the tree, else not at all."""
    home = root.resolve()
    try:
        target = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):
        return NOWHERE
    if not target.is_relative_to(home):
        return OUTSIDE
    there = target.relative_to(home).as_posix()
    if ".git" in there.split("/"):  # which is no part of the project, and may hold a password
        return OUTSIDE
    if is_read_at(there, path) or target.is_dir():
        return None
    read = read_source(home, there)
    return Source(path, read.data) if isinstance(read, Source) else read


def is_read_at(target: str, link: str) -> bool:
    """Whether what a link leads to is judged there as what the link would have it judged as."""
    return kind_by_name(target) == kind_by_name(link)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "the path leads in a circle"


def encoding_problem(source: Source) -> Problem | None:
    """Why the bytes are no text in UTF-8, at the first bad place."""
    if source.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem("unreadable", START, "is UTF-16, which is not read; expected UTF-8")
    if b"\0" in source.data[:8192]:
        return Problem("unreadable", START, "is binary, not text")
    try:
        source.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source.data[: error.start].decode("utf-8-sig", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        byte = source.data[error.start]
        message = f"is not UTF-8: the byte 0x{byte:02x} stands here"
        return Problem("unreadable", Span(line, column, line, column + 1), message)
    return None
