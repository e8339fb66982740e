"""Follows the users and groups of every stage through its RUN and COPY instructions."""

from __future__ import annotations

import posixpath

from kerp_policy.artifacts.dockerfile.accounts import Accounts
from kerp_policy.artifacts.dockerfile.expansion import Missing, expand
from kerp_policy.artifacts.dockerfile.instructions import Instruction
from kerp_policy.artifacts.dockerfile.options import Words
from kerp_policy.artifacts.dockerfile.shadow import apply_command
from kerp_policy.artifacts.dockerfile.stages import MAX_STAGES, Stage, StageGraph
from kerp_policy.artifacts.dockerfile.state import State
from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.artifacts.shell.inner import FILE_RUNNERS
from kerp_policy.docker.bases import find_base

_FILES = ("/etc/passwd", "/etc/group")
_READERS = frozenset(
    {"awk", "cat", "chgrp", "chmod", "chown", "cut", "getent", "grep", "ls", "test"}
)
_RUNS_FILES = FILE_RUNNERS | {"eval"}
_PLAIN_FOLDERS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/")
_WHOLE_TREES = frozenset({"", ".", "..", "*", "etc", "fs", "overlay", "root", "rootfs"})


def follow_accounts(graph: StageGraph) -> tuple[Accounts, ...]:
    """The accounts at the end of each stage, by the stage's number."""
    found: list[Accounts] = []
    for stage in graph.stages:
        if stage.index >= MAX_STAGES:
            found.append(Accounts())
            continue
        accounts = found[stage.parent.index].copy() if stage.parent else _start(stage)
        for instruction, state in stage.steps():
            if instruction.keyword == "RUN":
                for shell in stage.shells.get(instruction, ()):
                    _run(shell, state, accounts)
            elif instruction.keyword in ("COPY", "ADD"):
                _copy(instruction, state, accounts, graph, found)
        found.append(accounts)
    return tuple(found)


def base_reference(stage: Stage) -> str:
    """The image that a stage starts from; of one with an unknown tag the part that is known."""
    return stage.base.text if stage.base.text is not None else stage.base_text.text


def _start(stage: Stage) -> Accounts:
    return Accounts.of(find_base(base_reference(stage)))


def _run(shell: Shell, state: State, accounts: Accounts) -> None:
    own = {found.name for command in shell.commands for found in command.assignments}
    if shell.errors:
        accounts.complete = False
    for command in shell.commands:
        words = [word_value(word, state, own) for word in command.unwrapped()]
        _command(command, words, accounts)


def word_value(word: Word, state: State, own: set[str]) -> str | None:
    """What a word of a RUN comes to, with the ARG and ENV in effect.

    Args:
        word: the word.
        state: what is in effect before the RUN.
        own: the variables that the RUN itself sets; they are not known here.
    """
    if word.text is not None:
        return word.text
    if any(part.kind in ("command", "arithmetic") for part in word.parts):
        return None
    if any(part.text in own for part in word.variables):
        return None
    text = expand(word.raw, lambda name: Missing.UNKNOWN if name in own else state.lookup(name))
    return None if text.text is None or not text.text or " " in text.text else text.text


def _command(command: Command, words: Words, accounts: Accounts) -> None:
    if not words:
        return
    program = posixpath.basename(words[0]) if words[0] else None
    if _writes_files(command, words, program):
        accounts.add_entries("\n".join(word or "" for word in words[1:]), command.span)
        return
    if program is None:
        accounts.complete = False
    elif not apply_command(program, words[1:], command.span, accounts):
        accounts.complete = accounts.complete and not _runs_a_script(words, program)


def _writes_files(command: Command, words: Words, program: str | None) -> bool:
    if any(">" in found.operator and found.target.text in _FILES for found in command.redirects):
        return True
    named = any(word is not None and word.endswith(_FILES) for word in words[1:])
    return named and program not in _READERS


def _runs_a_script(words: Words, program: str) -> bool:
    """Whether a command runs what this file does not show, which may create users."""
    if program in _RUNS_FILES:
        return "-c" not in words
    name = words[0] or ""
    return "/" in name and not name.startswith(_PLAIN_FOLDERS)


def _copy(
    instruction: Instruction,
    state: State,
    accounts: Accounts,
    graph: StageGraph,
    found: list[Accounts],
) -> None:
    sources, target = copy_words(instruction, state)
    if target is None:
        accounts.complete = False
    elif target in _FILES or target == "/etc":
        _replace_files(instruction, sources, accounts, graph, found)
    elif target == "/" and any(_is_tree(source) for source in sources):
        accounts.forget()


def copy_words(instruction: Instruction, state: State) -> tuple[list[str | None], str | None]:
    """Sources and destination of COPY or ADD, expanded, the destination absolute."""
    texts = [expand(text, state.lookup, state.escape).text for text in instruction.word_texts]
    if len(texts) < 2:
        return [], None
    return texts[:-1], state.absolute(texts[-1]) if texts[-1] else None


def _replace_files(
    instruction: Instruction,
    sources: list[str | None],
    accounts: Accounts,
    graph: StageGraph,
    found: list[Accounts],
) -> None:
    """`COPY --from=builder /etc/passwd /etc/` brings the builder's users."""
    if None not in sources and not any(_may_be_file(source or "") for source in sources):
        return
    flag = instruction.flag("from")
    origin = graph.stage(flag.value.text) if flag and flag.value else None
    accounts.forget()
    if origin and origin.index < len(found) and set(sources) <= set(_FILES):
        other = found[origin.index].copy()
        accounts.users, accounts.groups, accounts.complete = (
            other.users,
            other.groups,
            other.complete,
        )


def _may_be_file(source: str) -> bool:
    name = posixpath.basename(source.rstrip("/"))
    return name in ("passwd", "group") or "*" in source or "?" in source or name in _WHOLE_TREES


def _is_tree(source: str | None) -> bool:
    if source is None or source.endswith("/"):
        return True
    return posixpath.basename(source) in _WHOLE_TREES
