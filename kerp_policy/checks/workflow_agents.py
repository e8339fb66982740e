"""Checks of steps that let a language model act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Step
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.artifacts.workflow.foreign import runs_for_a_stranger
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.untrusted import by_anybody
from kerp_policy.findings import Place, Remark
from kerp_policy.parameters import TEXT, by_name, some, takes
from kerp_policy.regex import regex
from kerp_policy.views import View

_WITHOUT_SECRETS = frozenset(("pull_request", "pull_request_review", "pull_request_review_comment"))
"""Events of which a stranger's run has none, so that no agent starts."""
_ASKS_WHO = regex(
    r"needs\.|steps\.|vars\.|inputs\.|github\.(?:triggering_)?actor|github\.event\.sender"
    r"|github\.event\..*(?:login|association)"
)


@takes(agents=by_name(some(TEXT), least=1))
def prompts(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No stranger's words are part of what an agent is told to do.

    Whom a condition lets through by name, by a permission or by what a job has found out, nobody
    can tell. Source: the security notes of the actions named, "Prompt injection".
    """
    step: Step = view.subject
    inputs = params["agents"].get(step.action, ())
    told = {name: held for name in inputs if (held := by_anybody(step.inputs.get(name)))}
    if not told or step.job is None or _is_guarded(step.job, step):
        return
    events = step.file.triggers.keys() - _WITHOUT_SECRETS
    if any(runs_for_a_stranger(step, event, unasked=True) for event in sorted(events)):
        for name, held in told.items():
            message = f"{held} is part of {name}, and the agent may do what it says"
            place = Place(step.file.span(step.input_path(name)), address(step))
            yield Remark(place, message, subject=name)


def _is_guarded(job: Job, step: Step) -> bool:
    """Whether a condition of the step, of its job or of one before asks who caused the run."""
    conditions = [step.condition, job.condition, *(j.condition for j in job.workflow.before(job))]
    return any(
        _ASKS_WHO.match(node.text) for each in conditions if each for node in references(each)
    )
