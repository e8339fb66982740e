"""Asking one process of git for many contents, one after another."""

from __future__ import annotations

import os
import select
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE

from kerp_policy.sources import plumbing


class Batch:
    """`git cat-file`, which answers until it is ended.

    Args:
        how: the option that says what it tells of each content.
        folder: a folder of the work tree.
        environment: of that folder.

    Raises:
        OSError: there is no git.
    """

    def __init__(self, how: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        words = ("cat-file", how)
        self._git = plumbing.start(words, folder, environment, stdin=PIPE)
        assert self._git.stdin and self._git.stdout
        self._stdin, self._stdout = self._git.stdin.fileno(), self._git.stdout.fileno()
        self._held = bytearray()

    def ask(self, oid: str) -> list[bytes]:
        """The words of the line that begins an answer; none where git has ended.

        Raises:
            UsageError: git gives no answer.
        """
        with suppress(BrokenPipeError):  # the answer is empty, then
            os.write(self._stdin, f"{oid}\n".encode())
        while b"\n" not in self._held and self._more():
            pass
        return self._taken(self._held.find(b"\n") + 1).split()

    def take(self, size: int) -> bytes:
        """So many bytes of the answer; fewer where git has ended.

        Raises:
            UsageError: git goes no further.
        """
        while len(self._held) < size and self._more():
            pass
        return self._taken(size)

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def end(self) -> None:
        """End the process."""
        plumbing.end(self._git)

    def _more(self) -> bool:
        """Wait for what comes next; false where nothing does any more."""
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        if not poll.poll(plumbing.PATIENCE * 1000):
            raise plumbing.no_answer("cat-file", self._folder)
        data = os.read(self._stdout, 1 << 20)
        self._held += data
        return bool(data)
