"""Checks of the connections that workflows open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Step, Workflow, address
from kerp_policy.artifacts.workflow.names import setter
from kerp_policy.connections import LIBPQ_MODE, Level, judge_settings, judge_text
from kerp_policy.findings import Place, Remark
from kerp_policy.parameters import SSL_MODES, takes
from kerp_policy.paths import Path
from kerp_policy.views import View


@takes(ssl_modes=SSL_MODES)
def encrypted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No variable and no word of a command names a connection in the clear.

    A variable that several steps inherit is told once. What only may be in the clear, as a host
    without a scheme, is left to the manifests: the services of a runner are reached like that.
    """
    workflow: Workflow = view.subject
    seen: set[Path] = set()
    for step in workflow.steps:
        values = {k: v.value for k, v in step.env.items() if isinstance(v.value, str)}
        for name, judgement in judge_settings(values, params["ssl_modes"]):
            path = step.env[name].path
            if judgement.level is Level.PLAIN and path not in seen:
                seen.add(path)
                place = Place(workflow.span(path), setter(step, path))
                yield Remark(place, judgement.message, subject=name)
        yield from _words(step, params["ssl_modes"], LIBPQ_MODE if LIBPQ_MODE in values else "")


def _words(step: Step, modes: list[str], mode_given: str) -> Iterator[Remark]:
    for command in step.script.shell.commands if step.script else ():
        if command.program in ("echo", "printf"):
            continue
        for word in command.words:
            for judgement in judge_text(word.text or "", modes, name="", mode_given=mode_given):
                if judgement.level is Level.PLAIN:
                    place = Place(word.span, address(step))
                    yield Remark(place, judgement.message, subject=command.program or "")
