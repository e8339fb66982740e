"""What the jobs of workflows do: from jobs to facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from kerp_policy.artifacts.shell import Word
from kerp_policy.artifacts.workflow import Job, Script, Step
from kerp_policy.artifacts.workflow.changes import on_own_cluster
from kerp_policy.artifacts.workflow.conditions import after_success
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.estate.build_actions import ACTION
from kerp_policy.estate.checkouts import is_of_this_commit, works_elsewhere
from kerp_policy.estate.commands import command_facts
from kerp_policy.estate.facts import Fact
from kerp_policy.estate.pipelines import Edit, Fill, Push
from kerp_policy.estate.shells import below, expand, folders, known
from kerp_policy.estate.surroundings import Surroundings
from kerp_policy.estate.workflows import credentials, job_fact
from kerp_policy.estate.writes import action_changes_no_text, step_writes_nothing
from kerp_policy.findings import Place
from kerp_policy.views import View


def job_facts(view: View) -> Iterator[Fact]:
    """The facts of one job; what it does is none of ours where it makes a cluster for itself."""
    job: Job = view.subject
    yield job_fact(view)
    yield from credentials(view)
    if on_own_cluster(job.steps) or works_elsewhere(job):
        return
    applies = any("kubectl" in step.run for step in job.steps)
    is_untouched = applies and is_of_this_commit(job)
    for step in job.steps:
        if step.action == ACTION and _is_true(step.inputs.get("push")):
            at = Place(step.file.span((*step.path, "uses")), address(step))
            yield Push(view.facts["file"], at, view.environment, address(job), (step.index,), "")
        if step.uses and not action_changes_no_text(step.action):
            yield _edit(view, step)
        elif step.script:
            yield from command_facts(
                _surroundings(view, step, step.script, is_untouched=is_untouched)
            )
        is_untouched = is_untouched and step_writes_nothing(step)


def _is_true(value: object) -> bool:
    """Whether an input is set; one that an expression decides counts, since it may be."""
    return value is True or (isinstance(value, str) and value.lower() not in ("", "false"))


def _edit(view: View, step: Step) -> Edit:
    """An action may write whatever file it likes."""
    place = Place(step.file.span((*step.path, "uses")), address(step))
    fill = Fill(step.action, None, sure=False)
    job = address(view.subject)
    return Edit(view.facts["file"], place, view.environment, job, (step.index,), None, fill)


def _surroundings(view: View, step: Step, script: Script, *, is_untouched: bool) -> Surroundings:
    given = _literals(step)
    found = known(script.shell, given)
    start = below("", step.folder)
    value = partial(_value, script, found.values, given)
    return Surroundings(
        view.facts["file"],
        view.environment,
        address(view.subject),
        (step.index,),
        script.shell,
        tuple(folders(script.shell, start, "", value)),
        step.condition is not None,
        not after_success(step.condition),
        is_untouched,
        lambda span: Place(span, address(step)),
        value,
        partial(_value, script, {**found.defaults, **found.values}, given),
        partial(_written, script, found.values, given),
    )


def _literals(step: Step) -> dict[str, str]:
    """The environment variables whose value no expression decides."""
    values = {name: str(value.value) for name, value in step.env.items()}
    literal = {name: value for name, value in values.items() if "${{" not in value}
    return {"GITHUB_WORKSPACE": ".", **literal}


def _value(
    script: Script, values: Mapping[str, str], given: Mapping[str, str], word: Word
) -> str | None:
    """The value of a word, where the shell's variables and `env` decide it alone."""
    if word.text is not None:
        return word.text
    return expand(word, {**values, **dict(_holes(script, given, word))})


def _holes(script: Script, given: Mapping[str, str], word: Word) -> Iterator[tuple[str, str]]:
    """By the name that the shell reader knows it by, the value of `${{ env.X }}`."""
    holes = [part.text for part in word.variables if not part.text.strip("_")]
    found = list(script.inside(word))
    if len(holes) != len(found) or len(set(holes)) != len(holes):
        return
    for hole, expression in zip(holes, found, strict=True):
        names = [node.text for node in references(expression)]
        text = script.text[expression.start : expression.end].strip("${} \n")
        if names == ["github.workspace"]:
            yield hole, "."
        elif len(names) == 1 and text.startswith("env.") and text[4:] in given:
            yield hole, given[text[4:]]


def _written(
    script: Script, values: Mapping[str, str], given: Mapping[str, str], word: Word
) -> str:
    """A word with what is known put in, and the rest as it is written, without quotes."""
    whole = _value(script, values, given, word)
    if whole is not None:
        return whole
    expressions = iter(script.inside(word))
    pieces = []
    for part in word.parts:
        if part.kind == "text":
            pieces.append(part.text)
        elif part.kind == "variable" and not part.text.strip("_"):
            found = next(expressions, None)
            pieces.append(script.text[found.start : found.end] if found else "${…}")
        else:
            plain = part.kind == "variable" and not part.operator
            value = values.get(part.text) if plain else None
            pieces.append(value or f"${{{part.text if plain else '…'}}}")
    return "".join(pieces)
