"""Is every outcome of a deployment notified?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Step, Workflow
from kerp_policy.artifacts.workflow.conditions import runs_after
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.checks.workflow_jobs import at
from kerp_policy.findings import Place, Remark, unverified
from kerp_policy.regex import regex
from kerp_policy.views import View
from kerp_policy.wording import counted_few

_ACTION = regex(r"slack|teams|discord|telegram|notif|send-mail|webhook|google-chat", re.I)
_SENDS = regex(
    r"hooks\.slack\.com|slack_webhook|webhook_url|slack\.com/api|webhook\.office\.com"
    r"|discord\.com/api/webhooks|api\.telegram\.org|chat\.googleapis\.com",
    re.I,
)
_WANTED = frozenset(("success", "failure"))


def outcomes(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Whatever becomes of a job on the way to a deployment, somebody is told.

    A step tells of its own job; in a job that runs whatever its needs came to, of these as well.
    """
    workflow: Workflow = view.subject
    watched = _on_the_way(workflow)
    told: dict[str, set[str]] = {job.id: set() for job in watched}
    steps = [step for step in workflow.steps if step.job and _notifies(step)]
    for step in steps:
        for id, result in _covers(step):
            told.get(id, set()).update(result)
    silent = [job for job in watched if not told[job.id] >= _WANTED]
    if silent:
        yield _remark(workflow, silent, steps, told)


def _on_the_way(workflow: Workflow) -> list[Job]:
    """The deploying jobs and those that they wait for, in the order of the file."""
    wanted = set()
    for job in workflow.jobs.values():
        if job.changes:
            wanted |= {job.id, *(each.id for each in workflow.before(job))}
    return [job for job in workflow.jobs.values() if job.id in wanted]


def _notifies(step: Step) -> bool:
    if step.uses:
        return bool(_ACTION.search(step.action))
    script = step.script
    sends = script and any(c.program in ("curl", "wget", "mail") for c in script.shell.commands)
    return bool(sends and _SENDS.search(step.run + " ".join(str(v) for v in step.env)))


def _covers(step: Step) -> Iterator[tuple[str, frozenset[str]]]:
    """The jobs, and the outcomes of each, after which a step runs."""
    job = step.job
    assert job
    own, reached = runs_after(step.condition), runs_after(job.condition)
    yield job.id, own
    # What failed before is no failure of a step of this job: there all is well so far.
    results = reached if "success" in own else frozenset[str]()
    for each in job.workflow.before(job):
        yield each.id, results


def _remark(
    workflow: Workflow, silent: list[Job], steps: list[Step], told: Mapping[str, set[str]]
) -> Remark:
    names = counted_few("job", [job.id for job in silent])
    if not steps:
        message = f"nobody is told what becomes of {names}; expected a step with if: always()"
        callers = any(job.uses for job in workflow.jobs.values())
        place = at(silent[-1])
        return unverified(place, message) if callers else Remark(place, message)
    step = steps[-1]
    place = Place(workflow.span(step.path), address(step))
    outcome = "a failure" if all("success" in told[job.id] for job in silent) else "an outcome"
    where = step.job.id if step.job else ""
    message = f"{outcome} of {names} is told to nobody"
    if where not in {job.id for job in silent}:
        message += f": this step is in job {where}, which does not run then"
    return Remark(place, f"{message}; expected a job that needs them all, with if: always()")


def slack_type(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Version 1 of Slack's action is told that the webhook is an incoming one.

    Source: its description: without SLACK_WEBHOOK_TYPE the webhook counts as a workflow's trigger,
    whose payload is flat, so that `blocks` are lost.
    """
    step: Step = view.subject
    is_first = re.fullmatch(r"slackapi/slack-github-action@v?1(?:\..*)?", step.uses, re.I)
    payload = str(step.inputs.get("payload", ""))
    has_url, has_type = (f"SLACK_WEBHOOK_{name}" in step.env for name in ("URL", "TYPE"))
    if is_first and has_url and not has_type and '"blocks"' in payload:
        message = "SLACK_WEBHOOK_TYPE is not set, so the blocks of the payload are lost"
        yield Remark(("env",), f"{message}; expected INCOMING_WEBHOOK")
