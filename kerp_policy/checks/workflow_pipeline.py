"""Checks of a deployment pipeline: when it runs, in which order, into which environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell.arguments import is_command
from kerp_policy.artifacts.workflow import Job, Step, Workflow
from kerp_policy.artifacts.workflow.evaluate import any_may_run
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.triggers import choices, covers, possible_refs
from kerp_policy.checks.workflow_jobs import at
from kerp_policy.findings import NOT_APPLICABLE, Place, Remark, unverified
from kerp_policy.parameters import ENVIRONMENT, WORD, WORDS, some, takes
from kerp_policy.views import View, lookup
from kerp_policy.wording import listed

_CALLED = frozenset(("workflow_call", "workflow_run"))


@takes(branches=WORDS, environments=some(ENVIRONMENT))
def triggers(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A pipeline runs on pushes to the branches of the standard, and by hand with a choice."""
    workflow: Workflow = view.subject
    if not workflow.triggers.keys() - _CALLED:
        yield NOT_APPLICABLE
        return
    missing = [branch for branch in params["branches"] if not covers(workflow, branch)]
    if missing:
        path = ("on", "push", "branches") if "push" in workflow.triggers else ("on",)
        yield Remark(path, f"a push to {listed(missing, 'or')} does not start the deployment")
    if "workflow_dispatch" not in workflow.triggers:
        message = "there is no workflow_dispatch: nobody can start the deployment by hand"
        yield Remark(("on",), message)
    elif not choices(workflow, params["environments"]):
        wanted = listed(params["environments"])
        message = f"workflow_dispatch has no input that is a choice of {wanted}"
        yield Remark(("on", "workflow_dispatch"), message)


def inputs_read(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What one is asked for when starting a workflow by hand is read by some job."""
    workflow: Workflow = view.subject
    inputs = lookup(workflow.data, ("on", "workflow_dispatch", "inputs"), {})
    if not isinstance(inputs, dict) or _reads_all(workflow):
        return
    read = {name.rpartition(".")[2] for name in _input_references(workflow)}
    for name in inputs:
        if name.lower() not in read:
            message = f"the input {name} of workflow_dispatch is read by no job"
            yield Remark(("on", "workflow_dispatch", "inputs", name), message, subject=name)


def _input_references(workflow: Workflow) -> Iterator[str]:
    for _, expression in workflow.expressions:
        for node in expression.node.walk() if expression.node else ():
            if node.kind == "reference" and node.text.startswith(("inputs.", "github.event.input")):
                yield node.text.removeprefix("github.event.")


def _reads_all(workflow: Workflow) -> bool:
    """Whether something takes all inputs at once, or could."""
    whole = ("inputs", "inputs.*", "github.event", "github.event.inputs", "github.event.inputs.*")
    nodes = (n for _, e in workflow.expressions if e.node for n in e.node.walk())
    return any(n.kind == "reference" and n.text in (*whole, "github") for n in nodes) or any(
        "GITHUB_EVENT_PATH" in step.run or "payload" in str(step.inputs.get("script"))
        for step in workflow.steps
    )


@takes(protected=ENVIRONMENT)
def environment(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A deploying job names the environment that it changes; who must approve, no file shows."""
    job: Job = view.subject
    yield from _elsewhere(view)
    if job.data.get("environment") is None:
        change = job.changes[0]
        message = f"job {job.id} runs {change.what} and names no environment"
        yield Remark(("environment",), f"{message}; expected staging, production or its like")
    elif view.environment == params["protected"]:
        message = f"files do not show whether {job.environment} waits for an approval"
        asked = f"environment/{params['protected']}: protected"
        yield unverified(("environment",), message, settled_by=asked)


def _elsewhere(view: View) -> Iterator[Remark]:
    """Changes in a namespace of another environment, whose approval nobody is asked for."""
    job: Job = view.subject
    own = view.environment or job.environment
    if not job.environment or "${{" in own:
        return
    for change, environment in view.facts["reaches"]:
        if environment != own:
            what = f"{change.what} changes {change.namespace}, which is {environment}"
            where = f"in a job of the environment {job.environment}"
            place = Place(change.span, address(change.step))
            yield Remark(place, f"{what}, {where}; expected environment: {environment}")


@takes(first=ENVIRONMENT, last=ENVIRONMENT, branch=WORD)
def order(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What deploys production waits for staging, and runs for the main branch only."""
    workflow: Workflow = view.subject
    environments: Mapping[str, str | None] = view.facts["environments"]
    last, first = params["last"], params["first"]
    for job in workflow.jobs.values():
        if environments[job.id] == last and (job.changes or job.uses):
            yield from _after(job, environments, first)
            yield from _only_from(job, params["branch"])


def _after(job: Job, environments: Mapping[str, str | None], first: str) -> Iterator[Remark]:
    before = job.workflow.before(job)
    if any(environments[each.id] == first for each in before):
        return
    message = f"job {job.id} waits for no job that deploys {first}"
    if any(each.uses for each in before) or not job.workflow.triggers.keys() - _CALLED:
        yield unverified(at(job, "needs"), f"{message}, unless another workflow does")
    else:
        yield Remark(at(job, "needs"), message, subject="needs")


def _only_from(job: Job, branch: str) -> Iterator[Remark]:
    open_ = []
    for ref in possible_refs(job.workflow, branch):
        runs = any_may_run(job, _changing(job), ref.facts)
        if runs:
            message = f"job {job.id} also runs for {ref.described}; expected {branch} only"
            yield Remark(at(job, "if"), message, subject="if")
            return
        if runs is None:
            open_.append(ref.described)
    if open_:
        message = f"files do not show whether job {job.id} runs for {open_[0]}"
        yield unverified(at(job, "if"), f"{message}; expected {branch} only")


def _changing(job: Job) -> list[Step]:
    return [change.step for change in job.changes]


def pull_requests(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No job deploys for a pull request, before anything was reviewed and merged."""
    job: Job = view.subject
    for event in ("pull_request", "pull_request_target"):
        if event in job.workflow.triggers:
            facts = {"github.event_name": event, **_STATUS}
            runs = [c for c in job.changes if any_may_run(job, [c.step], facts)]
            if runs:
                message = f"job {job.id} runs {runs[0].what} for every {event}"
                yield Remark(at(job, "if"), f"{message}; expected it after the merge")
                return


_STATUS = {"success()": True, "always()": True, "failure()": False, "cancelled()": False}


@takes(branch=WORD)
def images_from_branches(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What can be deployed is pushed for the branches of the pipeline only."""
    workflow: Workflow = view.subject
    for job in workflow.jobs.values():
        steps = [step for step in job.steps if _pushes(step)]
        for ref in possible_refs(workflow, params["branch"]) if steps else ():
            if ref.is_any and any_may_run(job, steps, ref.facts):
                message = f"job {job.id} pushes images for {ref.described}"
                yield Remark(at(job, "if"), f"{message}; expected a condition on github.ref")
                break


def _pushes(step: Step) -> bool:
    if step.action == "docker/build-push-action":
        return step.inputs.get("push") is True
    commands = step.script.shell.commands if step.script else ()
    return any(is_command(each, ("docker", "push"), ("podman", "push")) for each in commands)
