"""Secrets in text: what is one, what only refers to one, and what may be shown of one.

Of a secret nothing leaves this package but the public prefix of its kind (`ghp_`).
"""

from kerp_policy.secrets.find import Token, find_tokens
from kerp_policy.secrets.literal import BY_NAME, Literal, literal_secret
from kerp_policy.secrets.names import secret_name
from kerp_policy.secrets.redact import BLOT, may_hold_tokens, on_lines, redact, without_tokens
from kerp_policy.secrets.references import is_placeholder, is_reference

__all__ = [
    "BLOT",
    "BY_NAME",
    "Literal",
    "Token",
    "find_tokens",
    "is_placeholder",
    "is_reference",
    "literal_secret",
    "may_hold_tokens",
    "on_lines",
    "redact",
    "secret_name",
    "without_tokens",
]
