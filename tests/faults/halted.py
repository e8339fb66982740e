"""Runs kerp-policy and halts it at its n-th change of the disk.

Run as `python halted.py N HOW -- ARGUMENT...`. HOW is `kill`, which is the end of the process as
by SIGKILL; `full`, which fails this change for want of room; or `count`, which halts nothing and
writes into the file that COUNT names how many changes there were.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

KILLED = 99
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.symlink", "os.link")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def halt_at(number: int, how: str) -> Callable[[], int]:
    """Halt before a change is made; gives what counts the changes until now."""
    changes = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal changes
        is_open = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if not is_open and event not in CHANGES:
            return
        changes += 1
        if changes == number and how == "kill":
            os._exit(KILLED)
        if changes == number and how == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sys.addaudithook(hook)
    return lambda: changes


if __name__ == "__main__":
    sys.argv, (number, how, *_) = ["kerp-policy", *sys.argv[4:]], sys.argv[1:]
    sys.dont_write_bytecode = True  # a module that is compiled is no change of the program's
    from kerp_policy.cli import main

    changes = halt_at(int(number), how)
    try:
        main()
    finally:
        if how == "count":
            Path(os.environ["COUNT"]).write_text(str(changes()))
