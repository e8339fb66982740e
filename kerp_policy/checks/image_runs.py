"""Checks of what the shell makes of a RUN.

Sources: Docker, "Building best practices", RUN; Dockerfile reference, "RUN" and "SHELL"; POSIX,
`set`; the manuals of the programs named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, State, scripts
from kerp_policy.artifacts.dockerfile.history import base_reference
from kerp_policy.artifacts.shell import Command, Shell
from kerp_policy.artifacts.shell.order import as_run
from kerp_policy.artifacts.shell.pipes import behind, hidden_by_pipes, last_of_pipe
from kerp_policy.checks.script_errors import errexit_switches, is_risk
from kerp_policy.docker.bases import find_base
from kerp_policy.docker.run_commands import (
    BASH,
    pointless_reason,
    seldom_fails,
    setting,
)
from kerp_policy.docker.walk import effective
from kerp_policy.findings import Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View
from kerp_policy.words import word_set

_BRANCHES = frozenset(("if", "case"))
_INSIDE = _BRANCHES | {"loop", "group"}
_AHEAD = 200
"""How many commands are looked at for one that surely runs after another."""
_SEARCHING = word_set("grep egrep fgrep")
"""What fails where it finds nothing, as in what a download that failed has left."""
_COMMENT = regex(r"(?<=[\s;&|()])#")

Run = tuple[Instruction, Shell, State]


def _runs(subject: DockerfileSubject) -> Iterator[Run]:
    """Each RUN of the stage with its commands and with what is in effect there."""
    assert subject.stage
    for written, state in subject.stage.steps():
        instruction = effective(written)
        if instruction.keyword == "RUN":
            for shell in subject.stage.shells.get(written, ()):
                yield instruction, shell, state


def pipelines(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A pipeline fails when its first command does; one finding a stage, at the first."""
    subject: DockerfileSubject = view.subject
    for instruction, shell, state in _runs(subject):
        if "pipefail" in state.shell:
            continue
        for command in hidden_by_pipes(shell):
            last = last_of_pipe(command, shell)
            if last.program in _SEARCHING or _is_shared(command, shell):
                continue
            reader = last.program or "the next command"
            name = command.program or "the first command"
            message = f"a failure of {name} is hidden by the pipe into {reader}"
            place = subject.place(instruction, command.span)
            yield Remark(place, f"{message}; expected {_remedy(subject, shell, state)}")
            return


def _is_shared(command: Command, shell: Shell) -> bool:
    """Whether a group reads it, of which files do not show which command does."""
    pipe = [command, *behind(command, shell)]
    return any(len(b.scopes) > len(a.scopes) for a, b in pairwise(pipe))


def _remedy(subject: DockerfileSubject, shell: Shell, state: State) -> str:
    """How this RUN can have pipefail, which dash does not know."""
    assert subject.stage
    name = shell.interpreter or (state.shell[0] if state.shell else "")
    base = find_base(base_reference(subject.stage.root))
    alpine = base is not None and base.family == "alpine"
    if alpine or name.rpartition("/")[2] in BASH:
        return "set -o pipefail before it"
    return 'SHELL ["/bin/bash", "-o", "pipefail", "-c"] above it'


def stops(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A RUN of several commands stops at the first that fails; one finding a RUN."""
    subject: DockerfileSubject = view.subject
    for instruction, shell, state in _runs(subject):
        if shell.errors or any(map(_stops, state.shell[1:])):
            continue
        run = as_run(shell)
        if any(switch.enabled for _, switch in errexit_switches(shell, run)):
            continue
        command = next((c for i, c in enumerate(run) if _goes_on(shell, run, i)), None)
        if command is not None:
            message = f"the RUN goes on after a failure of {command.program or 'a command'}"
            place = subject.place(instruction, command.span)
            yield Remark(place, f"{message}; expected set -e, or && behind it")


def _stops(word: str) -> bool:
    """Whether a word of SHELL has the shell stop at errors: `-e`, `-euo`, `errexit`."""
    return word == "errexit" or (word[:1] == "-" and word[1:].isalpha() and "e" in word)


def _goes_on(shell: Shell, run: list[Command], index: int) -> bool:
    """Whether a command surely runs after this one, whose failure then goes unseen."""
    command = run[index]
    if not is_risk(shell, command) or not _INSIDE.issuperset(command.scopes):
        return False
    if command.piped_into is not None or command.parent is not None or seldom_fails(command):
        return False
    if command.program in ("exec", "exit"):
        return False
    for later in run[index + 1 : index + _AHEAD]:
        if _runs_after(command, later):
            return not _asks_status(later) and not _is_content(later)
    return "loop" in command.scopes and not _BRANCHES.intersection(command.scopes)


def _runs_after(command: Command, later: Command) -> bool:
    """Whether a command runs after another one whatever becomes of that.

    Of a branch, that is only what stands behind all branches.
    """
    if later.parent is not None or later.dependent:
        return False
    scopes = command.scopes
    branch = next((i for i, scope in enumerate(scopes) if scope in _BRANCHES), None)
    if branch is not None:
        return later.scopes == scopes[:branch]
    return later.scopes[: len(scopes)] == scopes


def _asks_status(command: Command) -> bool:
    words = (*command.words, *(value for _, value in command.assignments))
    return any(part.text == "?" for word in words for part in word.variables)


def _is_content(command: Command) -> bool:
    """Whether a RUN ends with `exit 0`: it says itself that failures do not matter."""
    return [word.text for word in command.words] == ["exit", "0"]


def lost_settings(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A RUN does more than set something for its own shell, which ends with it."""
    subject: DockerfileSubject = view.subject
    for instruction, shell, _ in _runs(subject):
        told = [setting(command) for command in shell.commands]
        first = told[0] if told and not shell.errors and not shell.heredocs else None
        if first and None not in told:
            name, expected = first
            message = f"{name} ends with the shell of this RUN, so nothing comes of it"
            place = subject.place(instruction, shell.commands[0].span)
            yield Remark(place, f"{message}; expected {expected}", subject=name)


def swallowed(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No comment stands behind a command whose line goes on: it takes the rest with it."""
    subject: DockerfileSubject = view.subject
    for instruction, shell, state in _runs(subject):
        if "#" not in instruction.value.text or instruction.heredocs or not shell.commands:
            continue
        found = _swallowing(instruction, shell, state)
        if found:
            span, line = found
            message = (
                "to the shell the RUN is one line, so this comment goes on to its end and"
                f" line {line} is never run; expected the comment on a line of its own"
            )
            yield Remark(subject.place(instruction, span), message)


def _swallowing(instruction: Instruction, shell: Shell, state: State) -> tuple[Span, int] | None:
    """The comment behind the last command, and the first line that it takes with it."""
    if instruction.exec_form is not None:
        return None
    end = max(command.span.end for command in shell.commands)
    for script in scripts(instruction, state.shell):
        text = script.text
        places = ((f.end(), *script.locate(f.start())) for f in _COMMENT.finditer(text))
        start, line, column = next((p for p in places if p[1:] >= end), (0, 0, 0))
        rest = (script.locate(i)[0] for i in range(start, len(text)) if text[i] > " ")
        below = next((other for other in rest if other > line), 0)
        if start and below:
            return Span(line, column, line, len(instruction.lines[line - 1]) + 1), below
    return None


def pointless(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No RUN starts a program that makes no sense where nobody sits and nothing keeps running."""
    subject: DockerfileSubject = view.subject
    for instruction, shell, _ in _runs(subject):
        for index, command in enumerate(shell.commands):
            reason = pointless_reason(command, last=index == len(shell.commands) - 1)
            if reason and command.parent is None:
                place = subject.place(instruction, command.span)
                yield Remark(place, reason, subject=command.program or "")
