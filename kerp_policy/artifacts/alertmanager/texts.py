"""Texts that Alertmanager parses: durations, URLs, addresses. Each says what is wrong, or None.

No reason repeats the text: it may hold a secret.
"""

from __future__ import annotations

import re

from kerp_policy.kubernetes.durations import parse_duration as parse_go_duration
from kerp_policy.regex import regex

_UNITS = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_DURATION = regex("".join(rf"(?:([0-9]{{1,18}}){unit})?" for unit in _UNITS))
_MAX_MILLISECONDS = (2**63 - 1) // 10**6


def milliseconds(text: str) -> int | None:
    """Read a Prometheus duration (`1h30m`; `0` needs no unit); None when it is none.

    Source: Alertmanager's documentation, Configuration, `<duration>`.
    """
    if text == "0":
        return 0
    found = _DURATION.fullmatch(text)
    if not text or not found:
        return None
    total = sum(int(n) * unit for n, unit in zip(found.groups(), _UNITS.values(), strict=True) if n)
    return total if total <= _MAX_MILLISECONDS else None


def duration_problem(text: str) -> str | None:
    """Why a text is no duration."""
    if milliseconds(text) is not None:
        return None
    if re.fullmatch(r"[0-9]+", text):
        return f"has no unit; did you mean {text[:20]}s?"
    return "is no duration; whole numbers with y, w, d, h, m, s, ms, the largest first, are"


def go_duration_problem(text: str) -> str | None:
    """Why a text is no duration as Go writes them."""
    if parse_go_duration(text) is not None:
        return None
    return "is no duration; numbers with h, m, s, ms, such as 1m30s, are"


def url_problem(text: str) -> str | None:
    """Why a text is no URL of HTTP or HTTPS with a host, as Go's package net/url parses them."""
    if re.search(r"[\x00-\x1f\x7f]", text):
        return "holds a control character"
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() not in ("http", "https"):
        return "does not begin with http:// or https://"
    rest, _, fragment = rest.partition("#")
    if not rest.startswith("//"):
        return "has no // and no host"
    authority, _, path = rest.partition("?")[0][2:].partition("/")
    return _escape_problem(f"{path} {fragment}") or _authority_problem(authority)


def _escape_problem(text: str) -> str | None:
    if _BAD_ESCAPE.search(text):
        return "holds a % that two hexadecimal digits do not follow"
    return None


def any_url_problem(text: str) -> str | None:
    """Why a text is no URL; one without a scheme or a host is let be."""
    if re.match(r"https?://[^/?#]", text, re.IGNORECASE):
        return url_problem(text)
    if re.match(r"[^A-Za-z/?#][^/?#]*:|:", text):
        return "has a colon and no scheme before it"
    return _escape_problem(text.partition("?")[0])


_BAD_ESCAPE = regex(r"%(?![0-9a-fA-F]{2})")
_USER = regex(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_HOST = regex(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:\[\]<>\"\x80-\U0010ffff]|%[89a-fA-F][0-9a-fA-F])*")


def _authority_problem(authority: str) -> str | None:
    user, at, host = authority.rpartition("@")
    if at and (not _USER.fullmatch(user) or _BAD_ESCAPE.search(user)):
        return "has a user or password with characters that must be escaped"
    if not host:
        return "has no host"
    name, port = _split_port(host)
    if host.startswith("[") and "]" not in host:
        return "has a host whose [ is not closed"
    if not re.fullmatch(r"(:[0-9]*)?", port):
        return "has a port that is no number"
    return None if _HOST.fullmatch(name) else "has a character in its host that none may have"


def _split_port(host: str) -> tuple[str, str]:
    if host.startswith("["):
        end = host.rfind("]") + 1
        return host[:end], host[end:]
    name, colon, port = host.rpartition(":")
    return (name, colon + port) if colon else (host, "")


def host_port_problem(text: str) -> str | None:
    """Why a text is no `host:port`, as Go's `net.SplitHostPort` reads it; nothing is accepted."""
    if not text:
        return None
    name, port = _split_port(text)
    if not port:
        return "has no port; expected host:port"
    if port == ":":
        return "has an empty port; expected host:port"
    inside = name[1:-1] if name.startswith("[") else name
    if not port.startswith(":") or "[" in inside or "]" in inside:
        return "is no host:port"
    if ":" in inside and not name.startswith("["):
        return "has too many colons; an IPv6 address stands in brackets"
    return None
