"""Shell scripts and the shell text inside Dockerfiles and workflows, read into commands.

The reader is written by hand after the POSIX Shell Command Language (and what bash adds to it):
it works in linear time on hostile text, with nesting bounded, and it never executes anything.
"""

from kerp_policy.artifacts.shell.model import (
    Assignment,
    Branch,
    Case,
    Command,
    Heredoc,
    Part,
    Redirect,
    SetOption,
    Shell,
    Unread,
    Word,
)
from kerp_policy.artifacts.shell.reader import parse_shell

__all__ = [
    "Assignment",
    "Branch",
    "Case",
    "Command",
    "Heredoc",
    "Part",
    "Redirect",
    "SetOption",
    "Shell",
    "Unread",
    "Word",
    "parse_shell",
]
