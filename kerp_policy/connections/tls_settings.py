"""Settings that turn the verification of certificates off: of the environment, and in files.

As with `tls_switches`, one judgement for whatever sets them. Each entry is from the manual of the
program that it names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kerp_policy.connections.tls_switches import NO_CERTIFICATE, OFF
from kerp_policy.regex import regex

_ON = frozenset(("true", "1", "yes", "on", "y", "t"))

_LINES = (
    (regex(r"sslverify\s*=\s*(?:0|false|no|off)", re.IGNORECASE), "git", NO_CERTIFICATE),
    (regex(r"strict-ssl\s*=\s*false"), "npm", NO_CERTIFICATE),
    (regex(r"check_certificate\s*=\s*off", re.IGNORECASE), "wget", NO_CERTIFICATE),
    (regex(r"StrictHostKeyChecking[\s=]+no", re.IGNORECASE), "ssh", "accepts any host key"),
)
_CURL_LINE = regex(r"(?:-k|(?:--)?insecure)(?:\s*[=:]\s*true)?")


def insecure_line(line: str, files: Sequence[str]) -> str:
    """What a line turns off in the settings of a program, in words; empty if it turns nothing off.

    Args:
        line: the line, with what quotes it.
        files: the files that it is written to; the settings of curl are known by their name.
    """
    text = line.replace("\\n", " ").replace("\\t", " ").strip("\"' \t")
    if _CURL_LINE.fullmatch(text) and any(name.endswith("curlrc") for name in files):
        return "curl verifies no certificate (insecure)"
    for pattern, program, what in _LINES:
        found = pattern.search(text)
        if found and text.endswith(found[0]) and not text.startswith(("#", ";")):
            return f"{program} {what} ({found[0]})"
    return ""


_TLS_WORDS = r"(?:TLS|SSL|HTTPS|CERT|CERTS|CERTIFICATE|CERTIFICATES)"
_SKIPS = regex(
    rf"(?:.*_)?(?:INSECURE_SKIP_(?:{_TLS_WORDS}_)?VERIFY|SKIP_{_TLS_WORDS}_(?:VERIFY|VERIFICATION)"
    rf"|{_TLS_WORDS}_(?:INSECURE_)?(?:SKIP|NO)_VERIFY|SKIP_SSL_VALIDATION)"
    r"|(?:VAULT|NOMAD|CONSUL)_SKIP_VERIFY"
)
_VERIFIES = regex(
    rf"(?!DOCKER_TLS_VERIFY)(?:.*_)?(?:{_TLS_WORDS}_(?:VERIFY|VERIFICATION)|VERIFY_{_TLS_WORDS}"
    r"|STRICT_SSL|REJECT_UNAUTHORIZED)"
)
# What counts is that they are set, whatever to.
_SET = {
    "GIT_SSL_NO_VERIFY": "git verifies no certificate",
    "PIP_TRUSTED_HOST": "pip verifies no certificate of that host",
    "UV_INSECURE_HOST": "uv verifies no certificate of that host",
    "GOINSECURE": "go fetches these modules without verification",
}
_ZERO = {"PYTHONHTTPSVERIFY": "Python", "NODE_TLS_REJECT_UNAUTHORIZED": "Node.js"}


def insecure_variable(name: str, value: str) -> str:
    """What an environment variable turns off, in words; empty if it turns nothing off."""
    upper, lower = name.upper(), value.strip().lower()
    if upper in _SET:
        return f"{_SET[upper]} ({name})" if lower else ""
    if upper in _ZERO:
        return f"{_ZERO[upper]} verifies no certificate ({name})" if lower == "0" else ""
    pattern = _SKIPS if lower in _ON else _VERIFIES if lower in OFF else None
    return f"no certificate is verified ({name})" if pattern and pattern.fullmatch(upper) else ""
