"""The values of --mount, --chmod and --checksum that Docker refuses.

Sources: Dockerfile reference, "RUN --mount", "COPY --chown --chmod", "ADD --checksum", and what
BuildKit's frontend answers to each. It looks at a mount only once it runs it, so nothing but a
build tells. What holds a variable or a quote may become anything and is none of this, nor is
what buildah knows beside it (buildah-build, "RUN --mount").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.instructions import Instruction
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.artifacts.dockerfile.words import Flag
from kerp_policy.docker.modes import is_mode
from kerp_policy.regex import regex
from kerp_policy.wording import listed, nearest, shown

Found = Iterator[tuple[Text, str]]


class _Field(Struct, frozen=True):
    """A field of --mount; `value` is None where it is but a name."""

    name: str
    text: Text
    value: Text | None


_TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
_SWITCHES = frozenset({"readonly", "ro", "readwrite", "rw", "required"})
_ALIASES = {"src": "source", "dst": "target", "destination": "target"}
_OWNED = ("cache", "secret", "ssh")
_ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "gid": _OWNED,
    "mode": _OWNED,
    "required": ("secret", "ssh"),
    "sharing": ("cache",),
    "size": ("tmpfs",),
    "uid": _OWNED,
}
_NUMBER = (regex(r"\d{1,10}"), "a number")
_BOOLEAN = (regex(r"[01tTfF]|TRUE|[Tt]rue|FALSE|[Ff]alse"), "true or false")
_GRAMMAR: Mapping[str, tuple[re.Pattern[str], str]] = {
    **dict.fromkeys(_SWITCHES, _BOOLEAN),
    "gid": _NUMBER,
    "mode": (regex(r"[0-7]{1,11}"), "an octal number such as 0755"),
    "sharing": (regex("shared|private|locked", re.IGNORECASE), "shared, private or locked"),
    "size": (regex(r"[\d.]{1,20} ?[kKmMgGtTpP]?[iI]?[bB]?"), "a size such as 64m"),
    "type": (regex("|".join(_TYPES), re.IGNORECASE), listed(_TYPES, "or")),
    "uid": _NUMBER,
}
_OF_BUILDAH = frozenset({"bind-propagation", "relabel", "tmpcopyup", "u", "z"})
_NAMES = frozenset({*_GRAMMAR, *_ALIASES, "env", "from", "id", "source", "target"})

_UNREADY = regex(r"""[$'"\\`]""")
_ROOT = regex(r"/[/.]*")
_CHECKSUM = regex(
    r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}|[0-9a-f]{40}|[0-9a-f]{64}"
)
_FETCHED = regex(r"[a-z+]+://|git@|github\.com/|.*[$<]")


def refused_value(instruction: Instruction, flag: Flag) -> Found:
    """What Docker refuses in the value of a flag, with the place of each."""
    rule = _RULES.get(flag.name)
    if rule and flag.value is not None and not _UNREADY.search(flag.value.text):
        yield from rule(instruction, flag.value)


def _mount(_: Instruction, value: Text) -> Found:
    fields = {_ALIASES.get(field.name, field.name): field for field in _fields(value)}
    written = fields["type"].value if "type" in fields else None
    kind = written.text.lower() if written else "bind"
    for field in fields.values():
        message = _refused(field, kind)
        if message:
            yield field.text, message
    target = fields["target"].value if "target" in fields else None
    if kind in ("bind", "cache", "tmpfs") and target and _ROOT.fullmatch(target.text):
        yield target, f"target is {shown(target.text)}, where nothing can be mounted"
    if kind == "secret" and not fields.keys() & {"env", "id", "source", "target"}:
        yield value, "the secret has no id; expected id=…"


def _fields(value: Text) -> Iterator[_Field]:
    start = 0
    for field in value.text.split(","):
        name, equals, _ = field.partition("=")
        end = start + len(field)
        inside = value.part(start + len(name) + 1, end) if equals else None
        yield _Field(name.lower(), value.part(start, end), inside)
        start = end + 1


def _refused(field: _Field, kind: str) -> str:
    """Why Docker refuses a field in a mount of a type; empty where it takes it."""
    name = field.name
    if name in _OF_BUILDAH:
        return ""
    if name not in _NAMES:
        close = nearest(name[:20], sorted(_NAMES))
        message = f"--mount knows no field {shown(name)}" if name else "a comma ends --mount"
        return f"{message}; did you mean {close}?" if close else message
    if kind in _TYPES and kind not in _ONLY_FOR.get(name, _TYPES):
        return f"{name} is for a mount of type {listed(_ONLY_FOR[name], 'or')}, and this is {kind}"
    if field.value is None:
        return "" if name in _SWITCHES else f"{name} has no value; expected {name}=…"
    pattern, expected = _GRAMMAR.get(name, (None, ""))
    is_wrong = pattern is not None and not pattern.fullmatch(field.value.text)
    return f"{name} is {shown(field.value.text)}; expected {expected}" if is_wrong else ""


def _chmod(_: Instruction, value: Text) -> Found:
    if not is_mode(value.text):
        yield value, f"--chmod is {shown(value.text)}, which is no mode; expected one such as 755"


def _checksum(instruction: Instruction, value: Text) -> Found:
    sources = [text for _, text in instruction.copied]
    if not _CHECKSUM.fullmatch(value.text):
        yield value, f"--checksum is {shown(value.text)}; expected sha256: and 64 hex digits"
    elif len(sources) > 1:
        yield value, "--checksum is for one source, and this ADD has several"
    elif sources and not _FETCHED.match(sources[0]):
        yield value, "--checksum is for what is fetched, and this ADD takes files of the context"


_RULES: Mapping[str, Callable[[Instruction, Text], Found]] = {
    "checksum": _checksum,
    "chmod": _chmod,
    "mount": _mount,
}
