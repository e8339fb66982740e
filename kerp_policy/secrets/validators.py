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
_KEY_NOISE = regex(r"\\[nr]|[#\s]+")
_KEY_BYTES = 32
_KEY_START = 80  # characters of base64, a multiple of four
_FEWEST_CHARACTERS = 6
_SAMPLE_SUBJECT = "1234567890"
"""Of the token that jwt.io shows, and many tutorials after it."""


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


_NO_WORD = regex(r"[^AEIOUY]{5}|[JQXZ].*[JQXZ]")
_TOLD = regex(r"ABCD|ACCESS|KEY|YOUR|SECRET|TOKEN|TEST|HERE|REPLACE|SAMPLE|DUMMY|FAKE")


def access_key(match: re.Match[str]) -> bool:
    """It has a digit, or an order of letters that words do not have: one in thirty has no digit.

    `ASIAPACIFICSOUTHEAST` looks like one as well, and so does what a manual has in its place.
    """
    body = match["body"]
    if _TOLD.search(body) or not varied(match):
        return False
    return with_digit(match) or _NO_WORD.search(body) is not None


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
    """The header is JSON and names a signature algorithm (RFC 7515, 4.1.1); no manual's sample."""
    algorithm = _json_object(match["header"]).get("alg")
    signed = isinstance(algorithm, str) and algorithm.lower() != "none"
    return signed and _json_object(match["claims"]).get("sub") != _SAMPLE_SUBJECT


def _json_object(part: str) -> dict[str, object]:
    """The object that a part of a token stands for; empty if it stands for none."""
    from base64 import urlsafe_b64decode

    try:
        content = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def key_body(match: re.Match[str]) -> bool:
    """Behind the header stands base64 of at least a small key."""
    from base64 import b64decode

    body = _KEY_NOISE.sub("", match["body"]).partition("=")[0]
    # A private key in PGP armour ends with a checksum behind `=`, which is no part of it.
    try:
        return len(b64decode(body + "=" * (-len(body) % 4))) >= _KEY_BYTES
    except ValueError:
        return False


def encoded_key(match: re.Match[str]) -> bool:
    """It is base64 of a private key in PEM, not of a certificate."""
    from base64 import b64decode

    return b"PRIVATE KEY-----" in b64decode(match["body"][:_KEY_START])


def user_and_password(match: re.Match[str]) -> bool:
    """It is base64 of `user:password`, the password no reference (Docker's configuration file)."""
    return bool(_password_in(match["secret"]))


def credential(match: re.Match[str]) -> bool:
    """It has a digit, which tells it from words; a user and password are not those of the RFC."""
    if not with_digit(match):
        return False
    password = _password_in(match["secret"]) if match["scheme"].lower() == "basic" else None
    return password != "" and password not in _SAMPLE_PASSWORDS


def _password_in(encoded: str) -> str | None:
    """The password of `user:password` in base64; empty if it is a reference, None if it is none."""
    from base64 import b64decode

    try:
        text = b64decode(encoded, validate=True).decode()
    except ValueError:  # no base64, or no text
        return None
    user, colon, password = text.partition(":")
    if not (user and colon and text.isprintable()):
        return None
    return "" if is_reference(password) else password


_SAMPLE_USERS = frozenset(("user", "username", "userid", "myuser", "key"))
_SAMPLE_PASSWORDS = frozenset(
    ("pass", "password", "passwd", "pwd", "secret", "token", "mypassword", "open sesame")
)
"""Of manuals; the last is that of RFC 7617, 2."""


def no_sample(match: re.Match[str]) -> bool:
    """It is not the `user:password` of every manual, and no pattern for one."""
    user, secret = match["user"].lower(), match["secret"].lower()
    if (user, secret) == ("scott", "tiger") or not any(char.isalnum() for char in secret):
        return False
    return user not in _SAMPLE_USERS or secret not in _SAMPLE_PASSWORDS


def no_word(match: re.Match[str]) -> bool:
    """It is not the word for itself: `password=password` stands in manuals, and in code."""
    return match["secret"].lower() not in _SAMPLE_PASSWORDS
