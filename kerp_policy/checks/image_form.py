"""Checks of the form in which an image's command is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, State
from kerp_policy.artifacts.dockerfile.words import json_array, json_start
from kerp_policy.findings import Remark
from kerp_policy.views import View


def exec_form(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """ENTRYPOINT and CMD in effect are JSON arrays.

    A CMD beside an ENTRYPOINT in shell form is never run (Dockerfile reference, "Understand how
    CMD and ENTRYPOINT interact"), so only the ENTRYPOINT is told. An array of other things than
    strings is none of this: Docker refuses it.
    """
    for instruction in _in_effect(view.subject.stage.state):
        text = instruction.value.text
        if instruction.exec_form is None and text and json_array(text) is None:
            yield Remark(view.subject.place(instruction), _message(instruction))


def _in_effect(state: State) -> Iterator[Instruction]:
    if state.entrypoint:
        yield state.entrypoint
    if state.cmd and not (state.entrypoint and state.entrypoint.exec_form is None):
        yield state.cmd


def _message(instruction: Instruction) -> str:
    keyword = instruction.keyword
    if json_start(instruction.value.text)[0] is not None:
        return f"{keyword} has more behind its JSON array, so a shell runs it as it stands"
    if instruction.value.text.startswith("["):
        return (
            f"{keyword} looks like the exec form but is no JSON array of strings in double "
            "quotes, so a shell runs it as it stands"
        )
    hands_over = instruction.value.text.split(maxsplit=1)[:1] == ["exec"]
    gain = "no shell has to be there" if hands_over else "signals reach the program"
    return f"{keyword} is in shell form; expected a JSON array, so that {gain}"
