"""The script that a shell is given: behind `-c`, by its name, or as a here-document.

Source: the POSIX description of `sh`, with `-o` and `-O` of bash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kerp_policy.artifacts.shell.model import Part, Word
from kerp_policy.regex import regex

SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
"""The shells whose language the reader knows."""
FILE_RUNNERS = SHELLS | {"source", "."}
"""What runs a script by its name."""

_FLAG = regex(r"-[A-Za-z]+")
_VALUED_FLAG = regex(r"[-+][A-Za-z]*[oO]|--rcfile|--init-file")


def script_argument(arguments: Sequence[str | None]) -> int | None:
    """Which argument of a shell is the script that `-c` asks it to run."""
    at, letters = _options(arguments)
    return at if "c" in letters and at < len(arguments) else None


def script_file(words: Sequence[Word]) -> Word | None:
    """The word that names a script which a command runs, as in `./deploy` or `sh -e deploy.sh`."""
    texts = [word.text or word.prefix for word in words]
    name = texts[0] if texts else ""
    if name.rpartition("/")[2] in FILE_RUNNERS:
        at, letters = _options(texts[1:])
        given = words[1 + at :] if not {"c", "s"}.intersection(letters) else ()
        return given[0] if given else None
    return words[0] if name.endswith(".sh") or name.startswith(("./", "../")) else None


def reads_input(arguments: Sequence[str | None]) -> bool:
    """Whether a shell runs what it reads: it is given no script, or `-s`."""
    at, letters = _options(arguments)
    return "c" not in letters and ("s" in letters or at >= len(arguments))


def _options(arguments: Sequence[str | None]) -> tuple[int, str]:
    """Where the options end, and the letters among them."""
    at, letters = 0, ""
    while at < len(arguments) and (word := arguments[at] or "")[:1] in ("-", "+"):
        letters += word[1:] if _FLAG.fullmatch(word) else ""
        at += 2 if _VALUED_FLAG.fullmatch(word) else 1
    return at, letters


def script_of(parts: Iterable[Part]) -> tuple[str, list[int]]:
    """What a shell reads of a word or a here-document, and where each character comes from.

    What the shell around it puts in stays a variable: its value is not known.
    """
    text, origins = "", list[int]()
    for part in parts:
        if part.kind == "text":
            text += part.text
            origins += range(part.offset, part.offset + len(part.text))
        else:
            shown = f"${{{part.text}}}" if part.kind == "variable" else "$_"
            text += shown
            origins += [part.offset] * len(shown)
    return text, origins
