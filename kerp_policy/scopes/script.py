"""Cutting a shell script into the things that policies are asked about: itself, its commands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.shell import Command, Shell, parse_shell
from kerp_policy.artifacts.shell.inner import SHELLS
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Environment, Profile
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.sources.read import encoding_problem
from kerp_policy.sources.source import START, Source, Span
from kerp_policy.views import View


class ScriptSubject(Struct, frozen=True):
    """What checks of scripts work with: the whole script, and one of its commands.

    Attributes:
        source: the file.
        shell: what it says.
        environments: those that the standard knows.
        command: the command in question where the scope is a command.
        index: its place among the commands of the script.
    """

    source: Source
    shell: Shell
    environments: tuple[Environment, ...]
    command: Command | None = None
    index: int = 0

    def place(self, span: Span, name: str = "") -> Place:
        """A place under the address of the script, or of something in it that has a name."""
        return Place(span, f"{self.source.path}#{name}" if name else self.source.path)

    def command_place(self, command: Command) -> Place:
        """The place of a command, under its own address.

        The address has a hash of the command's text, so this is for nothing that holds a secret.
        """
        return self.place(command.span, _address(command))


def _address(command: Command) -> str:
    if not command.words and command.assignments:
        return command.assignments[0].name
    text = " ".join(" ".join(word.raw.split()) for word in command.words)
    return f"{command.name or 'command'}({hashlib.sha256(text.encode()).hexdigest()[:8]})"


def script_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """Read a shell script and cut it; one of another language is no artifact.

    Args:
        source: the file.
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
    """
    if problem := encoding_problem(source):
        return Artifact("script", problems=[problem])
    shell = parse_shell(source.text)
    if shell.interpreter is not None and shell.interpreter not in SHELLS:
        return Artifact("")
    environment = environment_of(profile, assumed, path=source.path)
    facts: Mapping[str, Any] = {"file": source.path, "environment": environment}
    whole = ScriptSubject(source, shell, profile.environments)

    def locate(path: Path) -> Place:
        return whole.place(START)

    data = {"interpreter": shell.interpreter}
    view = View("script", data, facts, locate, whole)
    artifact = Artifact("script", problems=shell.problems, views=[view])
    artifact.views += [_command(whole, i, facts) for i in range(len(shell.commands))]
    return artifact


def _command(whole: ScriptSubject, index: int, facts: Mapping[str, Any]) -> View:
    command = whole.shell.commands[index]
    subject = ScriptSubject(whole.source, whole.shell, whole.environments, command, index)

    def locate(path: Path) -> Place:
        return whole.command_place(command)

    data = {"program": command.program, "words": [word.text for word in command.unwrapped()]}
    return View("command", data, {**facts, "program": command.program}, locate, subject)
