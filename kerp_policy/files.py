"""Writing files so that nobody ever reads half of one, and only where somebody asked for it."""

from __future__ import annotations

import os
from pathlib import Path

_PERMISSIONS = 0o7777


def write_whole(file: Path, data: bytes) -> None:
    """Write a file by way of a second one that then takes its place, and keep its permissions.

    A device or a pipe, as `/dev/stdout`, is written to as it is; a link is followed.

    Raises:
        OSError: it cannot be written; what was there before is still there, whole.
    """
    target = file.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    # A name that nobody can foresee, and put a link there to have another file written.
    draft = target.with_name(f".kerp-policy-{os.urandom(8).hex()}.draft")
    try:
        _create(draft, data, target.stat().st_mode & 0o777 if target.exists() else 0o666)
        if target.exists():
            draft.chmod(target.stat().st_mode & _PERMISSIONS)
        draft.replace(target)
    except BaseException:  # an interruption leaves no draft either
        draft.unlink(missing_ok=True)
        raise


def _create(file: Path, data: bytes, mode: int) -> None:
    """Write a file that is not there yet, for no more eyes than it will have at the end."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def make_own(folder: Path) -> None:
    """Make a folder that is closed to others, or close one.

    Raises:
        OSError: it cannot be made, or is somebody else's.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def is_own(file: Path) -> bool:
    """Whether nobody else can have written a file: it lies in a closed folder, both of the user's.

    Raises:
        OSError: there is no such file.
    """
    folder = file.parent.stat()
    is_closed = not folder.st_mode & 0o077
    return is_closed and file.stat().st_uid == folder.st_uid == os.geteuid()


def goes_through_link(root: Path, file: Path) -> bool:
    """Whether a path that lies in a folder goes through a symbolic link of that folder.

    Whoever wrote the folder chose where such a link leads; a path outside of it is the user's own.
    """
    home, file = root.resolve(), Path(os.path.abspath(file))  # noqa: PTH100  (follows no link)
    for above in file.parents:
        if above.resolve() == home:
            place = home / file.relative_to(above)
            return place.resolve() != place
    return False
