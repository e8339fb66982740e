"""On what a job runs, and in which shell: labels that no runner has, shells that there are not.

Sources: GitHub documentation, "GitHub-hosted runners" and "Workflow syntax", `defaults.run.shell`;
the announcements of retired images in actions/runner-images.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kerp_policy.artifacts.workflow.evaluate import Facts, holds
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import lookup
from kerp_policy.wording import listed, meant, nearest

if TYPE_CHECKING:
    from kerp_policy.artifacts.workflow.model import Job, Workflow
    from kerp_policy.artifacts.workflow.steps import Step

Found = Iterator[tuple[Path, str]]

_IMAGES = {
    "ubuntu": ("22.04", "24.04", "26.04"),
    "windows": ("2022", "2025"),
    "macos": ("14", "15", "26"),
}
"""By system, the images that are there; one with a higher number may have come since."""
_LABEL = regex(r"(ubuntu|windows|macos)-([0-9]+(?:\.[0-9]+)?)")
_SYSTEMS = {"windows": "Windows", "ubuntu": "Linux", "macos": "macOS"}
"""By what its label speaks of, the system of a runner, as `runner.os` calls it."""
_LABEL_OF = regex(r"(?:ubuntu|windows|macos)-(?:latest|[0-9])")
NEWEST = {f"{system}-latest": f"{system}-{images[-1]}" for system, images in _IMAGES.items()}
"""Labels of whatever image GitHub takes for the newest stable one, with one by its number."""
_OF_LETTERS = regex(r"[a-z]{5,8}-[a-z]{5,7}")
_ONE_LETTER = 0.92
"""How alike two such labels are of which one has a letter more, or two in another order."""
_FROM_MATRIX = regex(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_SHELLS = ("bash", "sh", "pwsh", "python", "powershell", "cmd")
_OF_WINDOWS = ("powershell", "cmd")


def runner_problems(job: Job) -> Found:
    """Labels of GitHub's own runners that none has: the job waits for a day, then fails.

    Beside `self-hosted`, or in a group, a label is whatever somebody has called a runner.
    """
    yield from _of_two_systems(job)
    for path, label in labels(job):
        found = _LABEL.fullmatch(label)
        images = _IMAGES[found[1]] if found else ()
        if found and found[2] not in images and _number(found[2]) < _number(images[-1]):
            there = listed([f"{found[1]}-{image}" for image in images], "or")
            yield path, f"GitHub has no runner {label}, so the job never starts; expected {there}"
        elif near := _misspelt(label.lower()):
            message = f"GitHub has no runner {label}, so the job never starts"
            yield path, f"{message}; did you mean {near}?"


def _of_two_systems(job: Job) -> Found:
    """Labels that one runner would have to have together (`runs-on` as a list)."""
    is_list = isinstance(job.data.get("runs-on"), list)
    found = [(path, label) for path, label in labels(job) if is_list and _LABEL_OF.match(label)]
    for path, label in found[1:]:
        if label.partition("-")[0] != found[0][1].partition("-")[0]:
            message = f"no runner is {found[0][1]} and {label} at once, so the job never starts"
            yield path, f"{message}; expected one of them, or a matrix"


def _misspelt(label: str) -> str:
    """Which of the newest images a misspelt label surely means; empty where it may be its own."""
    if label in NEWEST or not _OF_LETTERS.fullmatch(label):
        return ""
    return nearest(label, NEWEST, _ONE_LETTER)


def is_hosted(job: Job) -> bool:
    """Whether all labels of a job are of runners that only github.com has."""
    systems = {label.lower().partition("-")[0] for _, label in labels(job)}
    return bool(systems) and _IMAGES.keys() >= systems


def on_windows(job: Job, step: Step) -> bool:
    """Whether a step runs on Windows alone, as far as labels and its condition say."""
    may_run = [facts for facts in _machines(job) if holds(step, facts) is not False]
    return bool(may_run) and all(facts["runner.os"] == "Windows" for facts in may_run)


def _machines(job: Job) -> Iterator[Facts]:
    """What holds on each of the runners that a job may have; any system, where no label says it."""
    given, matrix = job.data.get("runs-on"), lookup(job.data, ("strategy", "matrix"))
    chosen = _FROM_MATRIX.fullmatch(given.strip()) if isinstance(given, str) else None
    key = chosen[1] if chosen else "label"
    combinations = [{key: given}]
    if chosen:
        combinations = [{key: label} for label in _list(matrix, key)] + _list(matrix, "include")
    for each in combinations or [{}]:
        facts = {f"matrix.{name.lower()}": v for name, v in each.items() if isinstance(v, str)}
        text = str(lookup(each, (key,))).lower()
        systems = [name for system, name in _SYSTEMS.items() if system in text]
        for name in systems or _SYSTEMS.values():
            yield {**facts, "runner.os": name}


def labels(job: Job) -> Iterator[tuple[Path, str]]:
    """The labels by which GitHub chooses a runner, with their paths; none beside self-hosted."""
    given, path = job.data.get("runs-on"), (*job.path, "runs-on")
    if isinstance(given, str):
        chosen = _FROM_MATRIX.fullmatch(given.strip())
        yield from _of_matrix(job, chosen[1]) if chosen else [(path, given)]
    elif isinstance(given, list) and "self-hosted" not in given:
        yield from (((*path, i), label) for i, label in enumerate(given) if isinstance(label, str))


def _of_matrix(job: Job, key: str) -> Iterator[tuple[Path, str]]:
    matrix, path = lookup(job.data, ("strategy", "matrix")), (*job.path, "strategy", "matrix")
    for i, value in enumerate(_list(matrix, key)):
        if isinstance(value, str):
            yield (*path, key, i), value
    for i, each in enumerate(_list(matrix, "include")):
        if isinstance(value := lookup(each, (key,)), str):
            yield (*path, "include", i, key), value


def _list(matrix: Any, key: str) -> list[Any]:
    found = lookup(matrix, (key,))
    return found if isinstance(found, list) else []


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in text.split("."))


def shell_problems(workflow: Workflow) -> Found:
    """Shells that GitHub does not know, and those of Windows on other runners."""
    for path, data in ((("defaults", "run"), workflow.data), *_of_jobs(workflow)):
        yield from _shell(lookup(data, ("defaults", "run", "shell")), (*path, "shell"), "")
    for step in workflow.steps:
        system = _system(step.job) if step.job else ""
        yield from _shell(step.data.get("shell"), (*step.path, "shell"), system)


def _of_jobs(workflow: Workflow) -> Iterator[tuple[Path, Any]]:
    for job in workflow.jobs.values():
        yield (*job.path, "defaults", "run"), job.data


def _system(job: Job) -> str:
    """The system that all labels of a job speak of; empty where none does."""
    systems = {label.partition("-")[0] for _, label in labels(job)} & _IMAGES.keys()
    return systems.pop() if len(systems) == 1 else ""


def _shell(shell: Any, path: Path, system: str) -> Found:
    if not isinstance(shell, str) or "${{" in shell or "{0}" in shell or not shell:
        return
    if shell.lower() not in _SHELLS:
        hint = meant(shell[:60], _SHELLS) or "; expected one of GitHub's, or a command with {0}"
        yield path, f"there is no shell {shell[:60]}{hint}"
    elif shell.lower() in _OF_WINDOWS and system in ("ubuntu", "macos"):
        yield path, f"the shell {shell} is there on Windows only, and the job runs on {system}"
