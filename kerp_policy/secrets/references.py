"""Is this a value, or does it only stand for one?

Two questions, asked of different things:

- `is_reference`: of a value that would be a secret. Anything that stands for a value kept
  elsewhere, or is plainly no secret (`changeme`, `true`, a mounted file), answers yes.
- `is_placeholder`: of any value. Only what a later step may fill in (`${VERSION}`) answers yes;
  the engine then says *unverified* instead of judging the text as it stands.
"""

from __future__ import annotations

import re

from kerp_policy.regex import regex

# How deep ${A:-${B:-…}} is followed.
_ROUNDS = 8
_BRACED = regex(r"\$\{([^${}]*+)\}")
_WITH_DEFAULT = regex(r"[A-Za-z_]\w*+:?[-=+](.*)", re.DOTALL)
# What stands for an expansion that has been looked at: without, and with, a literal default.
_OPEN, _LITERAL = "\x00", "\x01"
_UNMARKED = {ord(_OPEN): None, ord(_LITERAL): None}

_VARIABLE = regex(r"(?<![$\\])\$[A-Za-z_]\w*+", re.ASCII)
_COMMAND = regex(r"(?<![$\\])\$\([^()]*+\)|`[^`]++`")
_ESCAPED = regex(r"\$\$|\\\$")
_AT_NAME = regex(r"@[A-Z][A-Z0-9_]++@")
_NO_VALUE = "<no value>"

_WHOLE = regex(
    r"""
      %[A-Za-z_]\w*+% | __[A-Z][A-Z0-9_]*?__ | <[^<>]++> | \[[A-Za-z][\w .-]*+\] | \{[\w.-]++\}
    | (?:true|false|null|none|nil|yes|no|on|off|undefined|enabled|disabled|~)
    | ENC\[.*\] | \$ANSIBLE_VAULT;.* | -----BEGIN[ ]AGE[ ]ENCRYPTED[ ]FILE-----.*
    | (?:vault|secretref|keyvault|akv|azurekv|awssm|awsps|gcpsm|env):.*
    | (?:op|sm|file|ref\+[a-z0-9]+)://.*
    | arn:aws[\w-]*:(?:secretsmanager|ssm|kms):.* | projects/[^/]+/secrets/.*
    | @Microsoft\.KeyVault\(.*
    | Ag[A-D][A-Za-z0-9+/=]{600,}                      # Sealed Secrets: RSA-OAEP, then AES-GCM
    | ~?/(?:[\w.@-]+/)+[\w.@-]* | \.{1,2}/[\w./@-]+     # a file, mounted or to be
    | /(?:run|var|etc|mnt|vault|secrets?|home|opt|tmp|usr|app|data)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PLACEHOLDER_WORD = regex(
    r"(?<![a-z0-9])(?:(?:change|replace)[-_ ]?(?:me|this|it)0*+|goes[-_ ]here"
    r"|your|yours|example|placeholder|dummy|todo|tbd|fixme|redacted|masked|insert|sample|fake"
    r"|to[-_ ]be[-_ ]set|x{3,})(?![a-z0-9])",
    re.IGNORECASE,
)
_MASKED = regex(r"x{5}|X{5}|\*{3}|\.{3}|…|•{3}|EXAMPLE|[A-Z]_HERE$")
_ONE_CHARACTER = regex(r"(.)\1*+", re.DOTALL)
# A longer value is a document; a single word in it says nothing about the rest.
_LONGEST_WORDY = 512


def is_reference(value: str) -> bool:
    """Whether a value where a secret belongs is no secret itself.

    A reference (`${X}`, `$(cmd)`, `{{ … }}`, `vault:…`, `op://…`, `ENC[…]`, a sealed secret, a
    mounted file), a placeholder (`<your-password>`, `changeme`, `EXAMPLE`, `xxxxx`, one repeated
    character), or nothing at all. A text that holds a reference counts as one: what surrounds it
    (`Bearer ${TOKEN}`) is seldom the secret. A literal default is one: `${X:-s3cr3t}` is no
    reference.
    """
    rest = _expanded(value.translate(_UNMARKED).strip().strip("'\""))
    if _LITERAL in rest:
        return False
    return _OPEN in rest or _refers(rest) or _plainly_none(rest)


def is_placeholder(value: str) -> bool:
    r"""Whether a later step may put something else in the place of this value, or of a part of it.

    `${VERSION}`, `kerp/api:$TAG`, `{{ .Values.x }}`, `$(POD_IP)`, `@VAR@`, `<no value>`. What
    comes beside them must be one word: a variable in a sentence or a whole configuration file is
    that text's own matter. `$1`, `$`, `$$X` and `\$X` are none.
    """
    if value.strip() == _NO_VALUE:
        return True
    if "$" not in value and "{{" not in value and "@" not in value:
        return False
    rest, found = _without_templates(_ESCAPED.sub("", value.translate(_UNMARKED)))
    rest = _expanded(rest, _OPEN)
    for pattern in (_COMMAND, _VARIABLE, _AT_NAME):
        rest = pattern.sub(_OPEN, rest)
    found = found or _OPEN in rest
    literal = rest.replace(_OPEN, "").strip()
    return found and not any(char.isspace() for char in literal)


def _expanded(text: str, literal: str = _LITERAL) -> str:
    """The text with each `${…}` as a mark, innermost first."""

    def mark(found: re.Match[str]) -> str:
        default = _WITH_DEFAULT.fullmatch(found[1])
        if default is None or _OPEN in default[1]:
            return _OPEN
        return literal if _LITERAL in default[1] or not is_reference(default[1]) else _OPEN

    for _ in range(_ROUNDS):
        text, count = _BRACED.subn(mark, text)
        if not count or "${" not in text:
            break
    return text


def _without_templates(text: str) -> tuple[str, bool]:
    """The text without its `{{ … }}`, and whether there was one."""
    kept, at = list[str](), 0
    while (start := text.find("{{", at)) >= 0 and (end := text.find("}}", start + 2)) >= 0:
        kept.append(text[at:start])
        at = end + 2
    return "".join([*kept, text[at:]]), bool(kept)


def _refers(value: str) -> bool:
    templated = _without_templates(value)[1]
    return templated or any(pattern.search(value) for pattern in (_VARIABLE, _COMMAND, _AT_NAME))


def _plainly_none(value: str) -> bool:
    if not value or _WHOLE.fullmatch(value) or _ONE_CHARACTER.fullmatch(value):
        return True
    if len(value) > _LONGEST_WORDY:
        return False
    return bool(_MASKED.search(value) or _PLACEHOLDER_WORD.search(value))
