"""Does a name say that its value is a secret?"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from kerp_policy.words import name_words, word_set

_SECRET_WORDS = word_set(
    """
    password passwd passphrase passcode secret token credential credentials
    apikey apitoken apisecret authtoken accesstoken accesskey secretkey privatekey clientsecret
    pgpassword dbpassword requirepass masterauth storepass keypass
    """
)
_KEYS = word_set("api private access secret encryption signing master session license")
# Words that are one only beside others: the shell's own PWD is a folder.
_SECRET_LAST = word_set("pwd pass")

# The last word says what is kept: not the secret, but something about it.
_ABOUT = word_set(
    """
    file path dir directory folder mount mountpath url uri endpoint host hostname domain port
    name names username id ids identifier arn ref reference keyref selector env var variable
    ttl expiry expires expired expire expiration lifetime age duration interval timeout seconds
    secs minutes hours days ms date rotation length len size min max count limit limits rounds
    policy rule rules type kind class mode method strategy version format encoding algorithm algo
    alg cost strength regex pattern prefix suffix header headers cookie field label issuer audience
    scope scopes claim claims subject enabled enable disabled disable required optional allowed
    validation check reset hint store provider backend engine source manager namespace group role
    region location bucket table column feature budget usage hash digest checksum fingerprint helper
    """
)
# A secret of one of these kinds is an object of Kubernetes, which is named.
_OBJECTS = word_set("kube k8s kubernetes tls pull")
# What a program calls so and does not keep to itself: etcd marks a cluster by it.
_NO_SECRET = (("initial", "cluster", "token"),)
# Names that programs read a password from, and that do not say so.
_PASSWORDS = frozenset({"REDISCLI_AUTH", "REDIS_AUTH"})
_NOT_SECRET = word_set("public publishable existing")
# `ENABLE_PASSWORD_AUTH`, `isTokenValid`: a question, not a secret.
_ASKING = word_set("enable disable use is has allow require skip no")


_SIGNS = ("pass", "secret", "token", "credential", "key", "pwd", "auth", "identified")
"""Of which every telling name has one in it, and SQL that names a password (`IDENTIFIED BY`)."""


def may_hold_secret_name(text: str) -> bool:
    """Whether anything in a text may tell of a secret by its name: soon said of most lines."""
    lower = text.lower()
    return any(sign in lower for sign in _SIGNS)


@lru_cache(maxsize=4096)  # the services of a project have much the same settings
def secret_name(name: str) -> bool:
    """Whether a variable's or key's name says that its value is a secret.

    Words are compared as wholes, however they are joined: `DB_PASSWORD`, `db-password` and
    `dbPassword` are the same, `TOKENIZER` holds no token. A name about a secret is none:
    `SECRET_NAME`, `TOKEN_URL`, `PASSWORD_MIN_LENGTH`, `AWS_ACCESS_KEY_ID`, `PUBLIC_KEY`,
    `image-pull-secret`.
    """
    words = name_words(name)
    while words and words[-1].isdigit():
        words.pop()
    if not words or _is_about(words) or words[0] in _ASKING or _NOT_SECRET.intersection(words):
        return False
    if name in _PASSWORDS or _SECRET_WORDS.intersection(words) or _names_a_key(words):
        return True
    return len(words) > 1 and words[-1] in _SECRET_LAST


def _is_about(words: list[str]) -> bool:
    """Whether a name is that of something about a secret, one or several: `credential_helpers`."""
    last = words[-1]
    if last in _ABOUT or last.removesuffix("s") in _ABOUT or tuple(words[-3:]) in _NO_SECRET:
        return True
    return last == "secret" and bool(_OBJECTS.intersection(words[-2:-1]))


def _names_a_key(words: list[str]) -> bool:
    return any(kind in _KEYS and key == "key" for kind, key in pairwise(words))
