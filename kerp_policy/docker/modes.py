"""Modes of files, after POSIX chmod: is it one, and may everybody write?"""

from __future__ import annotations

from kerp_policy.regex import regex

_OCTAL = regex(r"[0-7]{1,5}")
_CLAUSE = regex(r"([ugoa]*)((?:[-+=][rwxXstugo]*)+)")
_ACTION = regex(r"([-+=])([rwxXstugo]*)")


def is_mode(text: str) -> bool:
    """Whether a text is a mode, in octal or symbolic."""
    if text.isdecimal():
        return bool(_OCTAL.fullmatch(text)) and int(text, 8) <= 0o7777
    return all(map(_CLAUSE.fullmatch, text.split(",")))


def opens_to_all(mode: str) -> bool:
    """Whether a mode lets everybody write and has no sticky bit, which `/tmp` needs.

    A symbolic mode that says nothing of whom it means obeys the umask, which keeps others out.
    """
    if _OCTAL.fullmatch(mode):
        bits = int(mode, 8)
        return bool(bits & 0o002) and not bits & 0o1000
    writable = sticky = False
    for clause in mode.split(","):
        found = _CLAUSE.fullmatch(clause)
        if not found:
            return False
        for sign, permissions in _ACTION.findall(found[2]):
            sticky = (sticky or "t" in permissions) if sign != "-" else sticky
            if {"o", "a"} & set(found[1]) and (sign == "=" or "w" in permissions):
                writable = sign != "-" and "w" in permissions
    return writable and not sticky
