"""Checks of what the RUN instructions of an image do to its layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise, zip_longest
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction
from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.docker.modes import opens_to_all
from kerp_policy.docker.package_index import MANAGERS, fetched, is_mounted, removes
from kerp_policy.docker.walk import commands, runs, steps
from kerp_policy.findings import Remark
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View


def package_index(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No RUN leaves the index of a package manager in its layer.

    Removing it in a later RUN does not help: the layer above only hides the files.
    """
    assert view.subject.stage
    for instruction, shell in runs([view.subject.stage]):
        kept: dict[str, Command] = {}
        for command in shell.commands:
            kept.setdefault(fetched(command), command)
        for name, command in kept.items():
            if name and not _is_removed(shell.commands, instruction, name):
                message = f"{name} leaves its index in the layer"
                message += f"; expected {MANAGERS[name].remedy} in the same RUN"
                yield Remark(view.subject.place(instruction, command.span), message, subject=name)


def _is_removed(found: tuple[Command, ...], instruction: Instruction, name: str) -> bool:
    targets = [
        text.text
        for mount in instruction.mounts
        if "type" in mount and mount["type"].text in ("cache", "tmpfs")
        for key, text in mount.items()
        if key in ("target", "dst", "destination")
    ]
    return any(is_mounted(target, name) for target in targets) or any(
        removes(command, name) for command in found
    )


def sudo(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No command goes through sudo to root."""
    assert view.subject.stage
    for instruction, command in commands([view.subject.stage]):
        words = command.words
        if command.name == "sudo" and not _to_another(words):
            what = command.program or "a command"
            message = f"sudo runs {what} as root; expected a USER that may do it"
            place = view.subject.place(instruction, words[0].span)
            yield Remark(place, message, subject=what)


def _to_another(words: tuple[Word, ...]) -> bool:
    """`sudo -u app …` steps down."""
    for word, following in zip_longest(words[1:], words[2:]):
        if word.text in ("-u", "--user"):
            return following is None or following.text not in ("root", "#0")
        if word.text is None or not word.text.startswith("-"):
            return False
        if word.text.startswith(("--user=", "-u")):
            return word.text not in ("--user=root", "-uroot")
    return False


def world_writable(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing in the image may be written by everybody."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, _ in steps([subject.stage]):
        flag = instruction.flag("chmod") if instruction.keyword in ("COPY", "ADD") else None
        if flag and flag.value and opens_to_all(flag.value.text):
            message = f"--chmod={flag.value.text} lets everybody write to what is copied"
            yield Remark(subject.place(instruction, flag.text.span), message)
    for instruction, command in commands([subject.stage]):
        word = _mode(command)
        if word and word.text and opens_to_all(word.text):
            message = f"{command.program} with mode {word.text} lets everybody write"
            target = " ".join(word.raw for word in command.unwrapped()[1:])
            yield Remark(subject.place(instruction, word.span), message, subject=target[:200])


def _mode(command: Command) -> Word | None:
    """The mode that chmod, `mkdir -m` or `install -m` is given."""
    words = command.unwrapped()
    if command.program == "chmod":
        return next((w for w in words[1:] if not (w.text or "").startswith("-")), None)
    if command.program in ("mkdir", "install"):
        given = pairwise(words)
        return next((mode for option, mode in given if option.text in ("-m", "--mode")), None)
    return None
