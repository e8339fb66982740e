"""What may be shown of a value."""

from __future__ import annotations

from typing import Any

from kerp_policy.i18n import gettext as _
from kerp_policy.regex import regex
from kerp_policy.secrets import BLOT, is_reference, literal_secret, redact, secret_name

MAX_VALUE = 120
"""Characters of a value that are shown; a longer one is a document."""
_LOGIN = regex(r"://[^\s/@]*@")


def shown(name: str, value: Any) -> str:
    """A value as a report may show it: on one line, bounded, no secret in it.

    Args:
        name: what it stands under, since a name may say that its value is a secret.
        value: a scalar.
    """
    text = _text(value)
    if "\n" in text.strip() or len(text) > MAX_VALUE:
        return _("a longer text")
    if is_secret(name, text):
        return BLOT
    return _LOGIN.sub(f"://{BLOT}@", redact(text)).strip()


def is_secret(name: str, text: str) -> bool:
    """Whether a value is a secret, by its look or by the name it stands under."""
    if literal_secret(name, text):
        return "://" not in text
    return secret_name(name) and not is_reference(text) and not text.isdigit()


def _text(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
