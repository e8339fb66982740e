"""Commands that run another command: where the inner one begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.words import word_set

_ASSIGNMENT = regex(r"[A-Za-z_]\w*=")


class Wrapper(Struct, frozen=True):
    """How a wrapper's own arguments look, after its manual.

    Attributes:
        valued: options whose value is the next word.
        positional: how many words of its own come before the command.
        assignments: whether `NAME=value` may come before the command.
        lookups: options with which it runs nothing (`command -v`).
    """

    valued: frozenset[str] = frozenset()
    positional: int = 0
    assignments: bool = False
    lookups: frozenset[str] = frozenset()


_SUDO = word_set(
    "-u -g -h -p -C -T -R -D -r -t -U --user --group --host --prompt --close-from"
    " --command-timeout --chroot --chdir --role --type --other-user"
)
_XARGS = word_set(
    "-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs --max-chars"
)

WRAPPERS = {
    "sudo": Wrapper(_SUDO, assignments=True),
    "doas": Wrapper(word_set("-u -C")),
    "env": Wrapper(word_set("-u -C --unset --chdir"), assignments=True),
    "exec": Wrapper(word_set("-a")),
    "command": Wrapper(lookups=word_set("-v -V")),
    "builtin": Wrapper(),
    "time": Wrapper(word_set("-f -o --format --output")),
    "nohup": Wrapper(),
    "setsid": Wrapper(),
    "nice": Wrapper(word_set("-n --adjustment")),
    "ionice": Wrapper(word_set("-c -n --class --classdata")),
    "stdbuf": Wrapper(word_set("-i -o -e --input --output --error")),
    "timeout": Wrapper(word_set("-k -s --kill-after --signal"), positional=1),
    "gosu": Wrapper(positional=1),
    "su-exec": Wrapper(positional=1),
    "xargs": Wrapper(_XARGS),
}


def inner_command(texts: Sequence[str | None], prefixes: Sequence[str]) -> int:
    """Where the innermost command begins.

    Args:
        texts: the words' literal values, None where an expansion decides.
        prefixes: the words' literal text before the first expansion.

    Returns:
        The index of its first word; the number of words if a wrapper is given no command.
    """
    start = 0
    while start < len(texts):
        wrapper = WRAPPERS.get((texts[start] or "").rpartition("/")[2])
        if wrapper is None or wrapper.lookups.intersection(texts[start + 1 : start + 2]):
            return start
        start = _after_arguments(texts, prefixes, start + 1, wrapper)
    return start


def _after_arguments(
    texts: Sequence[str | None], prefixes: Sequence[str], at: int, wrapper: Wrapper
) -> int:
    while at < len(texts):
        text = texts[at]
        if text == "--":
            at += 1
            break
        if wrapper.assignments and _ASSIGNMENT.match(prefixes[at]):
            at += 1
        elif len(prefixes[at]) > 1 and prefixes[at].startswith("-"):
            at += 2 if _takes_next(text, wrapper) else 1
        else:
            break
    return min(at + wrapper.positional, len(texts))


def _takes_next(option: str | None, wrapper: Wrapper) -> bool:
    if option is None or option.startswith("--"):
        return option in wrapper.valued
    return f"-{option[-1]}" in wrapper.valued


def steps_down(texts: Sequence[str | None]) -> bool:
    """Whether `sudo -u app …` runs its command as another user than root.

    Args:
        texts: the words of the command, `sudo` first; None for what is not known.
    """
    for word, following in zip_longest(texts[1:], texts[2:]):
        if word in ("-u", "--user"):
            return following not in ("root", "#0")
        if word is None or not word.startswith("-"):
            return False
        if word.startswith(("--user=", "-u")):
            return word not in ("--user=root", "-uroot")
    return False
