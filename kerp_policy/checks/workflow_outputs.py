"""Are the outputs of steps set that are read?

Source: GitHub documentation, "Workflow commands": a line `name=value` in the file $GITHUB_OUTPUT
sets an output; one that nothing sets is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.workflow import Step, Workflow, address
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.estate.writes import writes_nothing
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import View
from kerp_policy.wording import listed, nearest
from kerp_policy.words import word_set

_FILE = regex(r"[\"']?\$\{?GITHUB_OUTPUT\}?[\"']?")
_NAME = regex(r"(?:^|\n|\\n)[\"']?([A-Za-z_][\w-]*)(?:=|<<)")
_SHOWN = 5
_MOST = 50
"""Outputs of a step that a name is compared with."""
_LIKE, _ALIKE = 0.6, 0.88
"""How near a name is that is meant; where a program may set others, one that is hardly another."""
_SETS_NOTHING = word_set(
    "awk basename cat chmod cp cut curl dirname docker find git grep head jq kubectl ls mkdir mv"
    " printenv read rm sed seq sleep sort tail tar tr uniq unzip wc wget yq zip"
)
"""Programs that know nothing of the runner's files."""


class _Outputs(Struct, frozen=True):
    """The outputs that a script sets by itself, and whether what it runs may set others."""

    names: frozenset[str]
    is_all: bool


def present(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What is read of a step's outputs is set by it, as far as its script shows.

    A program that it runs may set more: then only a name is told that is near one that it sets.
    """
    workflow: Workflow = view.subject
    known: dict[Path, _Outputs | None] = {}
    for path, expression in workflow.expressions:
        for node in references(expression):
            parts = node.text.split(".")
            if parts[:1] != ["steps"] or len(parts) != 4 or parts[2] != "outputs":
                continue
            step = _step(workflow, path, parts[1])
            if step is None or not step.run:
                continue
            if step.path not in known:
                known[step.path] = _outputs(step)
            outputs = known[step.path]
            if outputs and (message := _missing(parts[1], parts[3], outputs)):
                place = Place(workflow.span(path, node.start, node.end), _where(workflow, path))
                yield Remark(place, message, subject=node.text)


def _step(workflow: Workflow, path: Path, id: str) -> Step | None:
    job = workflow.jobs.get(str(path[1])) if path[:1] == ("jobs",) and len(path) > 1 else None
    at = job.step_ids.get(id) if job else None
    return job.steps[at] if job and at is not None else None


def _where(workflow: Workflow, path: Path) -> str:
    return address(workflow.step_at(path) or workflow.jobs[str(path[1])])


def _missing(id: str, name: str, outputs: _Outputs) -> str:
    if name == "*" or name in outputs.names or len(outputs.names) > _MOST:
        return ""
    near = nearest(name[:60], outputs.names, _LIKE if outputs.is_all else _ALIKE)
    if not outputs.is_all and not near:
        return ""
    told = f'the step {id} sets no output "{name[:60]}", so this is empty'
    if near:
        return f"{told}; did you mean {near}?"
    own = listed(sorted(outputs.names)[:_SHOWN])
    return f"{told}; it sets {own}" if own else f"the step {id} sets no output, so this is empty"


def _outputs(step: Step) -> _Outputs | None:
    """None where a script writes to the file in a way that is not read here."""
    if step.script is None or "set-output" in step.run:
        return None
    names, written, is_all = set[str](), 0, True
    for command in step.script.shell.commands:
        if _writes(command):
            found = _names(command)
            if not found:
                return None
            written += 1
            names |= found
        is_all = is_all and (command.program in _SETS_NOTHING or writes_nothing(command))
    if written != step.run.count("GITHUB_OUTPUT") or step.script.shell.problems:
        return None
    return _Outputs(frozenset(names), is_all)


def _writes(command: Command) -> bool:
    return any(
        redirect.operator in (">", ">>") and _FILE.fullmatch(redirect.target.raw)
        for redirect in command.redirects
    )


def _names(command: Command) -> set[str]:
    """The names at the beginning of each line that `echo` or `printf` writes; none if unknown."""
    if command.program not in ("echo", "printf"):
        return set()
    lines = "\n".join(word.raw for word in command.words[1:])
    return {found[1].lower() for found in _NAME.finditer(lines)}


_FILES = word_set("GITHUB_OUTPUT GITHUB_ENV GITHUB_PATH GITHUB_STATE GITHUB_STEP_SUMMARY")


def named(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What is meant for a file of the runner is written there, not into one of that name."""
    step: Step = view.subject
    for command in step.script.shell.commands if step.script else ():
        for redirect in command.redirects:
            text = redirect.target.text or ""
            if redirect.operator in (">", ">>") and text.removeprefix("$") in _FILES:
                name = text.removeprefix("$")
                message = (
                    f"{redirect.target.raw} is a file of that name, which the runner never reads"
                )
                place = Place(redirect.target.span, address(step))
                yield Remark(place, f'{message}; expected "${name}"', subject=name)
