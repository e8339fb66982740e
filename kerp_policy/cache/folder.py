"""The user's cache folder: closed to others, its files whole, and thrown away when unused."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

from kerp_policy.files import is_own, make_own, write_whole

_UNUSED = 30 * 24 * 3600
"""Seconds after which a file that no run has asked for is thrown away."""


def cache_folder() -> Path | None:
    """The program's own folder there (XDG Base Directory Specification, `XDG_CACHE_HOME`).

    Returns:
        The folder, which may not exist yet; None where the user has no home.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    return None if home.startswith("~") else Path(home) / "kerp-policy"


def read(file: Path) -> bytes:
    """What was kept in a file, which counts as used now.

    Returns:
        The data; nothing where there is none, or perhaps not what this user's runs wrote.
    """
    try:
        if not is_own(file):
            return b""
        digest, _, data = file.read_bytes().partition(b"\n")
        os.utime(file)
    except OSError:
        return b""
    return data if digest == _digest(data) else b""


def write(file: Path, data: bytes) -> None:
    """Keep data for a later run, which does without if that fails, and throw away what is old."""
    with suppress(OSError):
        make_own(file.parent)
        write_whole(file, _digest(data) + b"\n" + data)
        for old in file.parent.iterdir():
            if time.time() - old.stat().st_mtime > _UNUSED:
                old.unlink()


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
