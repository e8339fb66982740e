"""A file as it was read, and places in it."""

from __future__ import annotations

import hashlib
from functools import cached_property

from msgspec import Struct

from kerp_policy.records import Kept


class Span(Kept, frozen=True, order=True):
    """A stretch of text: lines and columns count from 1, columns in characters, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def start(self) -> tuple[int, int]:
        """The line and column of its first character."""
        return self.line, self.column

    @property
    def end(self) -> tuple[int, int]:
        """The line and column after its last character."""
        return self.end_line, self.end_column


START = Span(1, 1, 1, 1)


class Problem(Struct, frozen=True, order=True):
    """What a reader could not accept.

    `policy` is the id of the policy that owns this kind of problem (`unreadable`,
    `duplicate-key`, …); `message` and `help` are for the user.
    """

    policy: str
    span: Span
    message: str
    help: str = ""


class Source(Struct, frozen=True, dict=True):
    """One artifact: where it lies, relative to the project root, and what it says."""

    path: str
    data: bytes

    @cached_property
    def blob(self) -> str:
        """The name by which git holds such a content, if it names contents by SHA-1."""
        content = b"blob %d\0%b" % (len(self.data), self.data)
        return hashlib.sha1(content, usedforsecurity=False).hexdigest()

    @cached_property
    def text(self) -> str:
        """The text: UTF-8 without its byte order mark, other bytes as U+FFFD, one a byte."""
        return self.data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends, as an editor numbers them."""
        return self.text.split("\n")
