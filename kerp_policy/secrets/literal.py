"""The one judgement on a name and a value: is a secret written down here?"""

from __future__ import annotations

import re

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.secrets.find import find_tokens
from kerp_policy.secrets.names import secret_name
from kerp_policy.secrets.references import is_reference

_PLAIN = regex(
    r"""
      [-+]?[0-9][0-9_.,]*+(?:[a-zA-Zµ%]{1,3})?                # a number, a size, a duration
    | (?:[0-9]+(?:ns|us|µs|ms|s|m|h|d|w|y))+
    | [A-Za-z][A-Za-z0-9+.-]*+://[^\s@]*+                     # a URL without user and password
    | (?:ssh-[a-z0-9]+|ecdsa-sha2-\S+)[ ].*                   # a public key
    | -----BEGIN[ ](?:[A-Z0-9]+[ ])*?(?:PUBLIC[ ]KEY|CERTIFICATE|CERTIFICATE[ ]REQUEST)-----.*
    | [A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)+                         # the name of a variable
    | SECRET|PASSWORD|TOKEN|KEY                               # what is to be put there
    | read|write                                              # a permission: `id-token: write`
    | (?:\\?\$)?(?:[\w@-]++[./])+                            # the name of a file
      (?:asc|cer|cert|conf|crt|csr|env|gpg|jks|json|key|keytab|ldif|p12|pem|pfx|pub|txt|ya?ml)
    | [{\[].*                                           # a structure: its leaves may be secrets
    """,
    re.VERBOSE | re.DOTALL,
)
_DEFAULT = regex(r"\$\{\w+:?[-=]([^${}]*)\}")
# `DB_SECRET=kerp-db-credentials` names a Secret, `kerp/db-credentials` one of a namespace.
_RESOURCE = regex(
    r"(?:[a-z0-9-]+/)?(?:[a-z0-9]+-)*(?:secrets?|credentials?|creds|tokens?|passwords?|tls)"
    r"(?:-[a-z0-9]+)*"
)
# `PRIVATE_KEY=kerp-bot:private_key` names an entry of a vault, by its path.
_ENTRY = regex(
    r"[a-z0-9]+(?:[-_./][a-z0-9]+)*:(?:[a-z0-9]+[-_])+(?:secret|credentials?|token|password|key)"
)
_SHORTEST = 3
# A number is seldom a token (`MAX_TOKENS=512`), but often a bad password.
_PASSWORD = regex(r"(?:password|passwd|passphrase|pass|pwd)$", re.IGNORECASE)
_NUMBER = regex(r"[0-9]{3,}")


class Literal(Struct, frozen=True):
    """A secret that is written down; nothing in it is taken from the value but a public prefix.

    Attributes:
        kind: the format's id (`github-token`), or `named` where only the name gives it away.
        title: what it is, in words, with an article.
        prefix: the public beginning that all tokens of the kind share; may be empty.
    """

    kind: str
    title: str
    prefix: str


BY_NAME = Literal("named", "a literal value, and its name says that it is a secret", "")


def literal_secret(name: str | None, value: str) -> Literal | None:
    """Judge a value by what it looks like and by the name it stands under.

    Args:
        name: the name of the variable or key; None where there is none.
        value: the value; the data of a Kubernetes Secret is to be decoded first.

    Returns:
        What kind of secret it is; None for references, placeholders and values that are none.
    """
    for token in find_tokens(value):
        return Literal(token.kind, token.title, token.prefix)
    if name is None or not secret_name(name) or is_reference(value):
        return None
    if _plain(value) and not (_PASSWORD.search(name) and _NUMBER.fullmatch(value.strip("'\""))):
        return None
    return BY_NAME


def _plain(value: str) -> bool:
    text = value.strip().strip("'\"")
    if default := _DEFAULT.fullmatch(text):
        return _plain(default[1])
    if len(text) < _SHORTEST or len(text.split(maxsplit=2)) > 2 or "\n" in text:
        return True
    if _PLAIN.fullmatch(text) or _ENTRY.fullmatch(text):
        return True
    return _RESOURCE.fullmatch(text) is not None and "-" in text
