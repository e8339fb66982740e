"""Writing files so that nobody ever reads half of one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


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
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
