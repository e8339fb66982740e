"""Checks of what the RUN instructions of an image do to its layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, State
from kerp_policy.artifacts.dockerfile.history import word_value
from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.artifacts.shell.model import command_name
from kerp_policy.artifacts.shell.wrappers import steps_down
from kerp_policy.docker.modes import opens_to_all
from kerp_policy.docker.package_index import MANAGERS, fetched, is_mounted, removes
from kerp_policy.docker.walk import commands, effective, runs
from kerp_policy.findings import Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View
from kerp_policy.wording import clipped

_OPTION = regex(r"-[bcCdDpsTvZ]*m|--mode(?:=|$)")


def package_index(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No RUN leaves the index of a package manager in its layer.

    Removing it in a later RUN does not help: the layer above only hides the files.
    """
    assert view.subject.stage
    for instruction, shell in runs([view.subject.stage]):
        for name, command in _kept(shell.commands).items():
            if not _is_outside(instruction, name):
                message = f"{name} leaves its index in the layer"
                message += f"; expected {MANAGERS[name].remedy} in the same RUN"
                yield Remark(view.subject.place(instruction, command.span), message, subject=name)


def _kept(commands: Sequence[Command]) -> dict[str, Command]:
    """The managers whose index is still there at the end, with the command that fetched it.

    What a function removes counts wherever it stands, for it may be called later.
    """
    kept: dict[str, Command] = {}
    for command in commands:
        if name := fetched(command):
            kept.setdefault(name, command)
        _take_away(command, kept)
    for command in commands:
        if "function" in command.scopes:
            _take_away(command, kept)
    return kept


def _take_away(command: Command, kept: dict[str, Command]) -> None:
    for name in [each for each in kept if removes(command, each)]:
        del kept[name]


def _is_outside(instruction: Instruction, name: str) -> bool:
    """Whether the index lies in a mount, and so never in the layer."""
    targets = (
        text.text
        for mount in instruction.mounts
        if "type" in mount and mount["type"].text in ("cache", "tmpfs")
        for key, text in mount.items()
        if key in ("target", "dst", "destination")
    )
    return any(is_mounted(target, name) for target in targets)


def sudo(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No command goes through sudo to root."""
    assert view.subject.stage
    for instruction, command in commands([view.subject.stage]):
        words = command.words
        if command.name == "sudo" and not steps_down([word.text for word in words]):
            what = command.program or "a command"
            message = f"sudo runs {what} as root; expected a USER that may do it"
            place = view.subject.place(instruction, words[0].span)
            yield Remark(place, message, subject=what)


def world_writable(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing in the image may be written by everybody."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for written, state in subject.stage.steps():
        instruction = effective(written)
        flag = instruction.flag("chmod") if instruction.keyword in ("COPY", "ADD") else None
        mode = state.expand(flag.value).text if flag and flag.value else None
        if flag and mode and opens_to_all(mode):
            message = f"--chmod={mode} lets everybody write to what is copied"
            yield Remark(subject.place(instruction, flag.text.span), message)
        shells = subject.stage.shells.get(written, ()) if instruction.keyword == "RUN" else ()
        for shell in shells:
            yield from _opened(subject, instruction, shell, state)


def _opened(
    subject: DockerfileSubject, instruction: Instruction, shell: Shell, state: State
) -> Iterator[Remark]:
    own = {found.name for command in shell.commands for found in command.assignments}
    for command in shell.commands:
        words = command.unwrapped()
        texts = [word.text for word in words]
        if command.program == "find" and "chmod" in texts:  # find … -exec chmod 777 {} +
            words = words[texts.index("chmod") :]
        program = command_name(words) or ""
        word = _MODES.get(program, _no_word)(words)
        mode = word_value(word, state, own) if word else None
        mode = _OPTION.sub("", mode) if mode and program != "chmod" else mode
        if word and mode and opens_to_all(mode):
            message = f"{program} with mode {mode} lets everybody write"
            target = " ".join(word.raw for word in words[1:])
            yield Remark(
                subject.place(instruction, word.span), message, subject=clipped(target, 200)
            )


def _no_word(_: Sequence[Word]) -> None:
    return None


def _first_argument(words: Sequence[Word]) -> Word | None:
    return next((word for word in words[1:] if not (word.text or "").startswith("-")), None)


def _of_option(words: Sequence[Word]) -> Word | None:
    """The word that holds the mode of `-m 777`, `-pm777`, `--mode=777`."""
    for word, following in zip_longest(words[1:], words[2:]):
        found = _OPTION.match(word.text if word.text is not None else word.prefix)
        if found:
            return word if found.end() < len(word.raw) else following
    return None


_MODES: Mapping[str, Callable[[Sequence[Word]], Word | None]] = {
    "chmod": _first_argument,
    "install": _of_option,
    "mkdir": _of_option,
}
"""Programs that are given a mode, and the word in which."""
