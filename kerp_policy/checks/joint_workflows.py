"""Joint checks of workflows among themselves: what comes before a deployment, what it reaches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.gates import GATES, PERHAPS_REVIEW, REVIEW
from kerp_policy.estate.pipelines import Apply, Call, Job, Reach, Secret, SetImage, Workflow
from kerp_policy.findings import Judged, Place, Related, Remark, Verdict, unverified
from kerp_policy.parameters import ENVIRONMENT, any_of, takes
from kerp_policy.regex import regex
from kerp_policy.wording import comparable, counted_few, listed, nearest, shown

_CALLED = frozenset(("workflow_call", "workflow_run"))
_REQUEST = frozenset(("pull_request", "pull_request_target", "merge_group"))
_UNSEEN = "?"
"""Stands among what has passed for what the project does not show."""
_SHOWN = 5


class _Jobs:
    """The jobs of all workflows, and what has passed before each of them."""

    def __init__(self, estate: Estate) -> None:
        self.workflows = {each.file: each for each in estate.all(Workflow)}
        self.deploying = _deploying(estate)
        self._by_name: dict[str, list[Workflow]] = {}
        for workflow in self.workflows.values():
            self._by_name.setdefault(workflow.name, []).append(workflow)
        self._in: dict[str, dict[str, Job]] = {}
        self._callers: dict[str, list[Job]] = {}
        self._led: dict[str, set[str]] = {}
        for job in estate.all(Job):
            self._in.setdefault(job.file, {})[job.id] = job
            if job.calls:
                self._callers.setdefault(job.calls, []).append(job)

    def before(self, job: Job) -> list[Job]:
        """The jobs of the same workflow that a job waits for, directly or not."""
        siblings = self._in.get(job.file, {})
        return [siblings[id] for id in job.before if id in siblings]

    def passed(self, job: Job) -> set[str]:
        """What has passed when a job runs, in its own workflow and in those that lead to it.

        Where several lead to it, what has passed in all of them.
        """
        if job.file not in self._led:
            self._led[job.file] = self._leading(self.workflows[job.file])
        return self._signs([*self.before(job), job]) | self._led[job.file]

    def of_pull_requests(self) -> set[str]:
        """What is done for every pull request."""
        files = {each.file for each in self.workflows.values() if _REQUEST & {*each.triggers}}
        return self._signs([job for file in files for job in self._in.get(file, {}).values()])

    def _leading(self, workflow: Workflow) -> set[str]:
        """What has passed when a workflow starts, whatever starts it."""
        ways = [set[str]()] if set(workflow.triggers) - _CALLED else []
        if "workflow_call" in workflow.triggers:
            callers = self._callers.get(workflow.file, [])
            ways += [self._signs(self.before(caller)) for caller in callers] or [{_UNSEEN}]
        if "workflow_run" in workflow.triggers:
            ways += [self._of_workflow(name) for name in workflow.follows] or [{_UNSEEN}]
        unseen = any(_UNSEEN in way for way in ways)
        return {_UNSEEN} if unseen else set.intersection(*ways) if ways else set()

    def _of_workflow(self, name: str) -> set[str]:
        found = self._by_name.get(name, ())
        jobs = [job for workflow in found for job in self._in.get(workflow.file, {}).values()]
        return self._signs(jobs) if found else {_UNSEEN}

    def _signs(self, jobs: Sequence[Job]) -> set[str]:
        """What jobs do, those of the workflows that they call included, one level deep."""
        found = {sign for job in jobs for sign in job.signs}
        for job in jobs:
            if job.calls in self._in:
                inner = self._in[job.calls].values()
                found |= {sign for each in inner for sign in each.signs}
                found |= {_UNSEEN for each in inner if each.calls}
            elif job.calls:
                found.add(_UNSEEN)
        return found


def _deploying(estate: Estate) -> set[str]:
    """The addresses of the jobs that change what runs, themselves or by a script."""
    scripts = {apply.job for apply in estate.all(Apply)}
    scripts |= {change.job for change in estate.all(SetImage)}
    scripts |= {reach.job for reach in estate.all(Reach)}
    by_script = {call.job for call in estate.all(Call) if call.script in scripts}
    return by_script | {job.job for job in estate.all(Job) if job.deploys}


def gates(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Each first deploying job waits for a test, a linter and a security scan.

    Names and commands tell what a job is. Workflows of the project that call a deployment, that it
    calls, or whose end starts it, count; others may do anything.
    """
    jobs = estate.made(_Jobs)
    for job in estate.all(Job):
        if job.job not in jobs.deploying or job.file not in jobs.workflows:
            continue
        before = jobs.before(job)
        if not any(each.job in jobs.deploying for each in before):
            yield Judged(job, tuple(_missing(job, jobs.passed(job))))


def _missing(job: Job, passed: set[str]) -> Iterator[Remark]:
    missing = [name for name in GATES if name not in passed]
    if not missing:
        return
    message = f"job {job.id} deploys and waits for neither {' nor '.join(missing)}"
    if len(missing) == 1:
        message = f"job {job.id} deploys and does not wait for {listed(missing)}"
    if _UNSEEN in passed:
        said = f"{message} in this project; files do not show what runs before"
        yield unverified(job.place, said, settled_by=f"gates/{job.file}: passed")
    else:
        yield Remark(job.place, message)


@takes(last=ENVIRONMENT)
def review(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a deployment to the last environment brings is looked at before it.

    By `kerp-policy review` in a job before it, or for every pull request. Whatever else is called
    a review, or a template of pull requests, may ask for it, too.
    """
    jobs = estate.made(_Jobs)
    asked = jobs.of_pull_requests()
    if any(_TEMPLATE.search(file) for file in estate.files if "template" in file.lower()):
        asked.add(PERHAPS_REVIEW)
    told = set()
    for job in estate.all(Job):
        deploys = job.job in jobs.deploying or job.calls
        if deploys and job.environment == params["last"] and job.file not in told:
            told.add(job.file)
            passed = asked | jobs.passed(job)
            yield Judged(job, tuple(_unreviewed(job, passed, params["last"])))


_TEMPLATE = regex(r"(?:^|/)pull_request_template(?:\.\w+$|/)", re.IGNORECASE)


def _unreviewed(job: Job, passed: set[str], environment: str) -> Iterator[Remark]:
    if REVIEW in passed:
        return
    message = f"nothing shows before job {job.id} what it brings to {environment}"
    remark = Remark(job.place, message, settled_by=f"review/{environment}: done")
    if passed & {PERHAPS_REVIEW, _UNSEEN}:
        message = f"files do not show whether anybody sees before job {job.id} what it brings"
        remark = replace(remark, message=message, verdict=Verdict.UNVERIFIED)
    yield remark


def followed(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A workflow whose end starts another is there, by the name that it calls itself.

    GitHub has some of its own, such as `pages-build-deployment`, which no file shows.
    """
    names = {workflow.name for workflow in estate.all(Workflow)}
    for workflow in estate.all(Workflow):
        if workflow.follows:
            found = zip(workflow.follows, workflow.follows_at, strict=True)
            unknown = [(name, place) for name, place in found if name not in names]
            near = comparable([name for name, _ in unknown], names)
            yield Judged(workflow, tuple(_unnamed(name, place, near) for name, place in unknown))


def _unnamed(name: str, place: Place, names: Collection[str]) -> Remark:
    message = f"no workflow of the project is called {shown(name)}, whose end would start this one"
    if near := nearest(name[:100], names, 0.7):
        return Remark(place, f"{message}; did you mean {near}?", subject=name)
    return replace(unverified(place, message, settled_by=f"workflow/{name}"), subject=name)


@takes(environments=any_of(ENVIRONMENT), last=ENVIRONMENT)
def environments(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The environments that deploy by themselves are deployed by some job of the project.

    A workflow that deploys the last environment shows that the project deploys at all.
    """
    jobs = estate.made(_Jobs)
    deployed: dict[str | None, list[Job]] = {}
    for job in estate.all(Job):
        if job.job in jobs.deploying or job.calls:
            deployed.setdefault(job.environment, []).append(job)
    missing = [name for name in params["environments"] if name not in deployed]
    for file in dict.fromkeys(job.file for job in deployed.get(params["last"], ())):
        workflow = jobs.workflows[file]
        yield Judged(workflow, tuple(_nowhere(workflow, name) for name in missing))


def _nowhere(workflow: Workflow, name: str) -> Remark:
    message = f"no job of the project deploys {name}"
    remark = unverified(workflow.place, message, settled_by=f"environment/{name}: deployed")
    return replace(remark, subject=name)


@takes(protected=ENVIRONMENT)
def credentials(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A protected environment's credentials are not those of jobs that nobody approves.

    A job without an environment has the secrets of the repository, and an approval keeps nobody
    from what such a job can reach. Environments may each have a secret of one name, which no file
    shows (GitHub documentation, "Using secrets in GitHub Actions").
    """
    by_name: dict[str, list[Secret]] = {}
    for secret in estate.all(Secret):
        by_name.setdefault(secret.secret, []).append(secret)
    for secrets in by_name.values():
        inside = [each for each in secrets if each.environment == params["protected"]]
        others = {each.job: each for each in secrets if each.environment != params["protected"]}
        for each in inside:
            yield Judged(each, (_shared(each, list(others.values())),) if others else ())


def _shared(secret: Secret, others: Sequence[Secret]) -> Remark:
    jobs = counted_few("job", [_id(each) for each in others])
    message = f"secrets.{secret.secret} is also used by {jobs}, outside of {secret.environment}"
    related = (Related(e.file, e.place, f"job {_id(e)} uses it") for e in others[:_SHOWN])
    sure = any(each.is_repository_wide for each in others)
    return Remark(
        secret.place,
        f"{message}; expected a credential of its own",
        Verdict.FAIL if sure else Verdict.UNVERIFIED,
        subject=secret.secret,
        related=tuple(related),
        settled_by="" if sure else f"secret/{secret.secret}: one for each environment",
    )


def _id(secret: Secret) -> str:
    return secret.job.rpartition("#")[2]
