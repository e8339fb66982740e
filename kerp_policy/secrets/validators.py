"""What a real token of a format satisfies beyond its looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from kerp_policy.regex import regex
from kerp_policy.secrets.references import is_reference

Accepts = Callable[[re.Match[str]], bool]

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = 6
_NAME_PART = regex(r"[A-Za-z0-9_-]")
_KEY_NOISE = regex(r"\\[nr]|\s+")
_KEY_BYTES = 32
_FEWEST_CHARACTERS = 6


def anything(_match: re.Match[str]) -> bool:
    """The looks are proof enough."""
    return True


def varied(match: re.Match[str]) -> bool:
    """A random token has several different characters behind its prefix."""
    secret = match.groupdict().get("secret") or match[0]
    prefix = match.groupdict().get("prefix") or ""
    return len(set(secret.removeprefix(prefix))) >= _FEWEST_CHARACTERS


def mixed(match: re.Match[str]) -> bool:
    """It has small and capital letters and a digit, which no hexadecimal checksum has."""
    secret = match.groupdict().get("secret") or match[0]
    return all(
        any(test(char) for char in secret) for test in (str.islower, str.isupper, str.isdigit)
    )


def with_digit(match: re.Match[str]) -> bool:
    """A digit tells it from words."""
    return any(char.isdigit() for char in match.groupdict().get("secret") or match[0])


def both_cases(match: re.Match[str]) -> bool:
    """Small and capital letters tell it from a word."""
    body = match["body"]
    return not body.islower() and not body.isupper() and varied(match)


def alone(match: re.Match[str]) -> bool:
    """No name goes on before or behind it: `cache-key-` and a checksum is no secret."""
    start, end = match.span()
    beside = match.string[max(0, start - 1) : start] + match.string[end : end + 1]
    return varied(match) and not _NAME_PART.search(beside)


def crc32(match: re.Match[str]) -> bool:
    """The last six characters are the CRC-32 of those before, in base 62.

    Source: GitHub's engineering blog of April 2021 on its token formats; npm followed.
    """
    body = match["body"]
    return body[-_CHECKSUM:] == base62_crc32(body[:-_CHECKSUM])


def base62_crc32(text: str) -> str:
    """The CRC-32 of a text as six digits of base 62."""
    import zlib

    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


def jwt(match: re.Match[str]) -> bool:
    """The header is JSON and names a signature algorithm (RFC 7515, 4.1.1)."""
    from base64 import urlsafe_b64decode

    header = match["header"]
    try:
        content = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (ValueError, RecursionError):
        return False
    algorithm = content.get("alg") if isinstance(content, dict) else None
    return isinstance(algorithm, str) and algorithm.lower() != "none"


def key_body(match: re.Match[str]) -> bool:
    """Behind the header stands base64 of at least a small key."""
    from base64 import b64decode

    body = _KEY_NOISE.sub("", match["body"]).partition("=")[0]
    # A private key in PGP armour ends with a checksum behind `=`, which is no part of it.
    try:
        return len(b64decode(body + "=" * (-len(body) % 4))) >= _KEY_BYTES
    except ValueError:
        return False


def user_and_password(match: re.Match[str]) -> bool:
    """It is base64 of `user:password`, the password no reference (Docker's configuration file)."""
    from base64 import b64decode

    try:
        text = b64decode(match["secret"], validate=True).decode()
    except ValueError:  # no base64, or no text
        return False
    user, colon, password = text.partition(":")
    return bool(user and colon and text.isprintable()) and not is_reference(password)


_SAMPLE_USERS = frozenset(("user", "username", "USER", "USERNAME"))
_SAMPLE_PASSWORDS = frozenset(("pass", "password", "passwd", "pwd", "secret", "token"))


def no_sample(match: re.Match[str]) -> bool:
    """It is not the `user:password` of every manual."""
    return match["user"] not in _SAMPLE_USERS or match["secret"].lower() not in _SAMPLE_PASSWORDS
