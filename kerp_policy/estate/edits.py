"""What writes files before they are applied, and what fills in their placeholders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.artifacts.shell.arguments import positional
from kerp_policy.estate.pipelines import Edit, Fill
from kerp_policy.estate.surroundings import Surroundings
from kerp_policy.estate.writes import ONTO, changes_no_text, is_elsewhere
from kerp_policy.regex import regex
from kerp_policy.words import word_set

_ANY = word_set("yq gomplate j2 jinja2 ytt perl consul-template esh mo jsonnet cue dhall-to-yaml")
"""Programs that put values into a text, whichever they are told."""
_AS_IT_IS = word_set("cat tee sponge echo printf kubectl kustomize mv cp grep head tail")
"""Programs that hand the lines of a text on as they are."""
_NAMES = regex(r"\$\\?\{?([A-Za-z_]\w*)|@([A-Z][A-Z0-9_]*)@|__([A-Z][A-Z0-9_]*?)__")


class Piped(Struct, frozen=True):
    """What a command reads from a pipe: the files that it comes from, and what is done to them."""

    paths: tuple[str, ...]
    kustomize: bool
    fills: tuple[Fill, ...]


def piped(run: Surroundings, index: int) -> Piped:
    """What `kubectl apply -f -` is given."""
    paths, fills, kustomize = list[str](), list[Fill](), False
    for at in (index, *_chain(run, index)):
        command = run.shell.commands[at]
        paths += _read(run, at)
        if at != index:
            built = _built(run, at)
            paths, kustomize = (paths + built, True) if built else (paths, kustomize)
            fills += _fills(command)
    return Piped(tuple(paths), kustomize, tuple(fills))


def _chain(run: Surroundings, index: int) -> Iterator[int]:
    """The commands of a pipe that a command reads from, from the nearest to the first."""
    before = run.shell.commands[index].piped_from
    while before is not None and before < index:
        yield before
        index, before = before, run.shell.commands[before].piped_from


def _read(run: Surroundings, index: int) -> list[str]:
    """The files of the project that a command reads: by `<`, or as `cat`, `sed` and `yq` do."""
    command = run.shell.commands[index]
    words = [redirect.target for redirect in command.redirects if redirect.operator == "<"]
    if command.program in ("cat", "sed", "yq"):
        words += [word for word in command.unwrapped()[1:] if not word.prefix.startswith("-")]
    return [path for word in words if (path := run.path(index, word)) and "." in path]


def _built(run: Surroundings, index: int) -> list[str]:
    """The folder of the kustomization that a command builds."""
    command = run.shell.commands[index]
    words = command.unwrapped()
    given = [word for word in words[1:] if not word.prefix.startswith("-")]
    verb = "build" if command.program == "kustomize" else "kustomize"
    if command.program not in ("kustomize", "kubectl") or not given or given[0].text != verb:
        return []
    path = run.path(index, given[1]) if len(given) > 1 else run.folders[index]
    return [] if path is None else [path]


def _fills(command: Command) -> Iterator[Fill]:
    """What a command puts into the text that it is given."""
    name = command.program or "a program"
    words = command.unwrapped()
    if name == "envsubst":
        listed = _names(words[1:])
        yield Fill(name, listed or None)
    elif name == "sed":
        yield from _by_sed(words)
    elif name in _ANY or (name == "kubectl" and positional(words[1:3]) == ["set", "image"]):
        yield Fill(name)
    elif name not in _AS_IT_IS:
        yield Fill(name, None, sure=False)


def _by_sed(words: Sequence[Word]) -> Iterator[Fill]:
    """The names that its expressions mention; one that mentions none may replace anything."""
    names = _names(words[1:])
    text = " ".join(_literal(word) for word in words)
    if names:
        yield Fill("sed", names)
    if not names or "image" in text or "-f" in text.split():
        yield Fill("sed", None, sure=False)


def _names(words: Sequence[Word]) -> frozenset[str]:
    found = (_NAMES.finditer(_literal(word)) for word in words)
    return frozenset(next(filter(None, match.groups())) for each in found for match in each)


def _literal(word: Word) -> str:
    """The text of a word without what the shell expands."""
    return "".join(part.text if part.kind == "text" else "\0" for part in word.parts)


def edits_of(run: Surroundings, index: int) -> Iterator[Edit]:
    """The files of the project that a command writes, or may."""
    command = run.shell.commands[index]
    for redirect in command.redirects:
        if redirect.operator in ONTO:
            yield from _written(run, index, [redirect.target], _poured(run, index))
    if command.program in _WRITERS:
        yield from _WRITERS[command.program](run, index, command.unwrapped())
    elif not changes_no_text(command) and not run.script(index):
        fill = Fill(command.program or "a program", None, sure=False)
        yield Edit(*run.head(index), None, fill)


def _poured(run: Surroundings, index: int) -> list[Fill]:
    """What was put into the text that a command passes on, all along the pipe."""
    commands = (run.shell.commands[at] for at in (index, *_chain(run, index)))
    return [fill for command in commands for fill in _fills(command)]


def _copied(run: Surroundings, index: int, words: Sequence[Word]) -> Iterator[Edit]:
    given = [word for word in words[1:] if not word.prefix.startswith("-")]
    if len(given) < 2 or is_elsewhere(given[-1]):
        return
    source, target = run.path(index, given[0]), run.path(index, given[-1])
    by = Fill(run.shell.commands[index].program or "", None, sure=False)
    paths = None if target is None else (target, f"{target}/{(source or '').rpartition('/')[2]}")
    yield Edit(*run.head(index), paths, by, source=source or "")


def _caught(run: Surroundings, index: int, words: Sequence[Word]) -> Iterator[Edit]:
    yield from _written(run, index, words[1:], _poured(run, index))


def _rewritten(run: Surroundings, index: int, words: Sequence[Word]) -> Iterator[Edit]:
    if not _is_in_place(words):
        return
    files, fills = _operands(words), list(_fills(run.shell.commands[index]))
    if files:
        yield from _written(run, index, files, fills)
    else:
        yield from (Edit(*run.head(index), None, fill) for fill in fills)


def _kustomized(run: Surroundings, index: int, words: Sequence[Word]) -> Iterator[Edit]:
    if positional(words[1:])[:1] == ["edit"]:
        folder = run.folders[index]
        paths = None if folder is None else (folder,)
        yield Edit(*run.head(index), paths, Fill("kustomize"), images_only=True)


_Writer = Callable[[Surroundings, int, Sequence[Word]], Iterator[Edit]]
_WRITERS: Mapping[str | None, _Writer] = {
    "cp": _copied,
    "mv": _copied,
    "tee": _caught,
    "sponge": _caught,
    "sed": _rewritten,
    "yq": _rewritten,
    "perl": _rewritten,
    "kustomize": _kustomized,
}


def _is_in_place(words: Sequence[Word]) -> bool:
    texts = [word.text or word.prefix for word in words[1:]]
    return any(
        flag.startswith(("--in-place", "--inplace")) or (flag[1:2] != "-" and "i" in flag[1:4])
        for flag in texts
        if flag.startswith("-")
    )


def _operands(words: Sequence[Word]) -> list[Word]:
    """The files that `sed`, `yq` or `perl` are given, behind their expression."""
    files, is_next_expression, given = list[Word](), False, False
    for word in words[1:]:
        text = word.text or word.prefix
        if is_next_expression:
            is_next_expression = False
        elif text.startswith("-"):
            is_next_expression = text in ("-e", "--expression", "-f", "-pe", "-pie")
            given = given or is_next_expression
        else:
            files.append(word)
    if files and files[0].text in ("e", "eval", "w"):
        files = files[1:]
    return files if given else files[1:]


def _written(
    run: Surroundings, index: int, words: Sequence[Word], fills: Sequence[Fill]
) -> Iterator[Edit]:
    words = [word for word in words if not is_elsewhere(word)]
    paths = [run.path(index, word) for word in words]
    if not paths:
        return
    known = None if None in paths else tuple(path for path in paths if path is not None)
    for fill in fills or [Fill(run.shell.commands[index].program or "a program", None, sure=False)]:
        yield Edit(*run.head(index), known, fill)
