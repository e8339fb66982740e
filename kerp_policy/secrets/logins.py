"""A user and a password before a host that has no scheme: `user:password@registry.example.com/x`.

Docker, git, curl and many drivers take it. Much else looks like it: an address of mail with what
it is for (`mailto:ops@example.com`), an image with its digest (`api:1.2@sha256:…`), a package with
its version (`npm:left-pad@latest`). So it is found (`HEAD`, `HOST`) only where a port or a path
follows the host, and is blotted out where it is likely: a blot too many costs less than a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerp_policy.regex import regex
from kerp_policy.secrets.references import is_reference

_SCHEMES = "mailto|acct|sips?|xmpp|im|pres|npm|jsr|pkg|node|jdbc|urn|arn|did"
"""What comes before an address that has no password (RFC 3986, 3: a scheme and its path)."""
_OF_MAIL = regex(
    "users?|group|serviceaccount|domain|principal|deleted|e?-?mail|from|to|b?cc|reply-to|owner|author"
    "|maintainers?|contact|by|team",
    re.IGNORECASE,
)
"""What somebody's address is said to be, in the policies of Google Cloud among others."""
_SAMPLE = r"(?i:(?:user|username|login):(?:password|pass|passwd|pwd|secret|token)\Z)"
_NAME = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_DOMAIN = rf"(?:(?:{_NAME}\.){{1,8}}[A-Za-z]{{2,24}}|localhost|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})"
_NO_DIGEST = r"(?!sha[0-9]+:)"
_PORT = r":[0-9]{2,5}(?![0-9A-Za-z])"
_LOGIN = (
    rf"(?<![\w.%+@:$~-])(?!(?:{_SCHEMES}):)(?P<user>[A-Za-z_][\w.%+-]{{0,63}}+):"
    r"(?P<secret>[^\s/\"'`<>\\,;|{}]{1,128})"
)

HEAD = regex(rf"(?<!/)(?!{_SAMPLE}){_LOGIN}\Z")
"""User and password, right before the `@`."""
REACH = 194
HOST = regex(rf"@{_NO_DIGEST}(?:{_DOMAIN}(?=/|{_PORT})|{_NAME}(?={_PORT}))")
_LIKELY = regex(
    rf"{_LOGIN}@{_NO_DIGEST}(?:(?P<alone>{_DOMAIN})(?![\w/:-]|\.\w)|{_NAME}[\w.-]*[:/])"
)

_UNENCODED = regex(
    r"://[^\s/:@?#\"'<>]{0,128}:(?![0-9]{1,5}(?:[/?#]|$))"
    rf"(?P<secret>[^\s\"'<>@/?#]{{0,64}}[/?#][^\s\"'<>]{{0,128}})@{_NO_DIGEST}(?:{_DOMAIN}|{_NAME}[:/])"
)
"""A password of a URL with what ends the host there, which drivers differ about."""


def likely_passwords(line: str) -> Iterator[tuple[int, int]]:
    """From where to where what is likely to be the password of a login stands in a line."""
    if "@" not in line:
        return
    for found in _LIKELY.finditer(line):
        is_mail = found["alone"] and _OF_MAIL.fullmatch(found["user"])
        if not is_mail and not is_reference(found["secret"]):
            yield found.span("secret")
    for found in _UNENCODED.finditer(line):
        if not is_reference(found["secret"]):
            yield found.span("secret")
