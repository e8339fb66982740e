"""The words of `docker build` and its like: what is built, from where, with what.

Sources: the manuals of `docker buildx build`, `docker tag`, `podman build`, `buildah build` and
`nerdctl build`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.words import word_set

_PROGRAMS = frozenset({"docker", "podman", "buildah", "nerdctl"})
_SUBCOMMANDS = (("build",), ("buildx", "build"), ("buildx", "b"), ("image", "build"), ("bud",))
_VALUED = word_set(
    """
    -f --file -t --tag --build-arg --target --platform --cache-from --cache-to --label -l --secret
    --ssh -o --output --progress --network --build-context --builder --iidfile --metadata-file
    --no-cache-filter --shm-size --ulimit --add-host --allow --annotation --attest --cgroup-parent
    -m --memory --memory-swap -c --cpu-shares --cpuset-cpus --cpuset-mems --cpu-period --cpu-quota
    --isolation --security-opt --storage-opt --call --volume -v --layers --format --arch --os
    --userns --runtime --creds --authfile --iidfile --logfile --jobs --retry --ignorefile
    """
)
_SHORT_WITH_VALUE = regex(r"-([fto])=?(.+)", re.DOTALL)
_LONG = {"-f": "--file", "-t": "--tag", "-o": "--output"}
_ALONE = regex(r"\$\w+|\$\{[^{}]*\}|\$\{\{(?:[^}]|\}(?!\}))*\}\}|\$\(.*\)", re.DOTALL)


class Option(Struct, frozen=True):
    """An option with its value; `word` is the index of the word that holds the value."""

    name: str
    value: str
    word: int


class BuildCommand(Struct, frozen=True):
    """A build.

    Attributes:
        options: those with a value, by their long names, in order.
        context: the index of the word that names the context; None where that is not clear.
        is_open: whether a variable among the words may hold options that are not seen here.
    """

    options: tuple[Option, ...]
    context: int | None
    is_open: bool

    def all(self, name: str) -> list[Option]:
        """Every option of a name."""
        return [option for option in self.options if option.name == name]

    def last(self, name: str) -> Option | None:
        """The last option of a name, which is the one that counts."""
        return next(iter(self.all(name)[::-1]), None)


def read_build(words: Sequence[str]) -> BuildCommand | None:
    """Read the words of a command; None where it builds no image.

    Args:
        words: the program and its arguments, quotes removed, variables as they are written.
    """
    start = _arguments(words)
    if start is None:
        return None
    options, positional = list[Option](), list[int]()
    at = start
    while at < len(words):
        taken = _option(words, at)
        if taken:
            options.append(taken)
            at = taken.word
        elif words[at] == "-" or not words[at].startswith("-"):
            positional.append(at)
        at += 1
    plain = [i for i in positional if not _ALONE.fullmatch(words[i])]
    chosen = plain or positional
    context = chosen[0] if len(chosen) == 1 else None
    return BuildCommand(tuple(options), context, len(positional) > 1 or context is None)


def read_tag(words: Sequence[str]) -> tuple[str, str] | None:
    """The image and its further name that `docker tag` gives it; None for any other command."""
    if words[:1] and words[0] in _PROGRAMS:
        rest = list(words[2:] if words[1:2] == ["image"] else words[1:])
        if rest[:1] == ["tag"] and len(rest) == 3:
            return rest[1], rest[2]
    return None


def _arguments(words: Sequence[str]) -> int | None:
    """The index of the first word behind `docker build`, or `docker buildx build`."""
    if not words or words[0] not in _PROGRAMS:
        return None
    for form in _SUBCOMMANDS:
        if tuple(words[1 : 1 + len(form)]) == form:
            return 1 + len(form)
    return None


def _option(words: Sequence[str], at: int) -> Option | None:
    word = words[at]
    name, equals, value = word.partition("=")
    if name.startswith("--") and equals:
        return Option(name, value, at) if name in _VALUED else None
    if word in _VALUED and at + 1 < len(words):
        return Option(_LONG.get(word, word), words[at + 1], at + 1)
    attached = _SHORT_WITH_VALUE.fullmatch(word)
    return Option(_LONG[f"-{attached[1]}"], attached[2], at) if attached else None
