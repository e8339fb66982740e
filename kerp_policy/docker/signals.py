"""Signals as STOPSIGNAL names them.

Source: Dockerfile reference, "STOPSIGNAL"; signal(7), whose names Docker takes with and without
`SIG` and in any case.
"""

from __future__ import annotations

from kerp_policy.regex import regex
from kerp_policy.words import word_set

_NAMES = word_set(
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT"
    " STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ UNUSED RTMIN RTMAX"
)
_REAL_TIME = regex(r"RTMIN\+\d{1,2}|RTMAX-\d{1,2}")
_UNCAUGHT = {"KILL": "KILL", "STOP": "STOP", "9": "KILL", "19": "STOP"}
_LAST = 64


def is_signal(text: str) -> bool:
    """Whether Docker takes a text for a signal: a name, or any number above zero."""
    name = _name(text)
    if name.isdecimal():
        return int(name[:9]) > 0
    return name in _NAMES or _REAL_TIME.fullmatch(name) is not None


def never_handled(text: str) -> str:
    """Why no program can shut down at a signal; empty where it can."""
    name = _name(text)
    if name in _UNCAUGHT:
        ends = "ends it at once" if _UNCAUGHT[name] == "KILL" else "only halts it"
        return f"no program can handle SIG{_UNCAUGHT[name]}, which {ends}"
    if name.isdecimal() and int(name[:9]) > _LAST:
        return f"Linux has no signal {name[:9]}, so nothing is sent"
    return ""


def _name(text: str) -> str:
    return text.strip().upper().removeprefix("SIG")
