"""Builds in jobs and scripts: their shell commands, and the steps that run an action for it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.docker.build_command import BuildCommand, Option, read_build, read_tag
from kerp_policy.estate.build_actions import (
    ACTION,
    Setting,
    action_build,
    metadata_of,
    variables_of,
)
from kerp_policy.estate.build_matrix import runs_of
from kerp_policy.estate.builds import (
    Build,
    argument,
    default_dockerfile,
    file_at,
    names,
    target,
)
from kerp_policy.estate.checkouts import checkouts, is_of_this_commit, works_elsewhere
from kerp_policy.estate.image_names import filled_in
from kerp_policy.estate.shells import assignments, below, expand, folders, known
from kerp_policy.estate.writes import step_writes_nothing, writes_nothing
from kerp_policy.findings import Place
from kerp_policy.regex import regex
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View

if TYPE_CHECKING:
    from kerp_policy.artifacts.workflow import Job, Script, Step

_HOLE = regex(r"\$\{_+\}")


class _Text(Struct, frozen=True):
    """Shell text with what is known of where it runs."""

    setting: Setting
    shell: Shell
    written: Callable[[Word], str]
    place: Callable[[Span], Place]
    folders: Sequence[str | None]
    variables: Mapping[str, str]


def job_builds(view: View) -> Iterator[Build]:
    """The builds of one job, for each run of it that its matrix makes."""
    job: Job = view.subject
    found: dict[Build, None] = {}
    for matrix in runs_of(job):
        found |= dict.fromkeys(_run(view, job, matrix))
    yield from found


def _run(view: View, job: Job, matrix: Mapping[str, str]) -> Iterator[Build]:
    file = view.facts["file"]
    root = file.partition(".github/")[0].rstrip("/")
    folder = root if checkouts(job) and not works_elsewhere(job) else None
    setting = Setting(
        file,
        view.environment,
        address(job),
        folder,
        matrix,
        metadata_of(job, matrix),
        folder is not None and is_of_this_commit(job),
        _serves(view, job),
    )
    for step in job.steps:
        if step.action == ACTION:
            yield action_build(step, setting)
        elif step.script:
            yield from _builds(_text_of_step(step, step.script, setting))
        if setting.is_untouched and not step_writes_nothing(step):
            setting = replace(setting, is_untouched=False)


def step_builds(view: View) -> Iterator[Build]:
    """The builds of a step of a composite action, which runs in the folder of who uses it."""
    step: Step = view.subject
    file = view.facts["file"]
    setting = Setting(file, view.environment, file, "", {}, {}, is_untouched=False)
    if step.action == ACTION:
        yield action_build(step, setting)
    elif step.script:
        yield from _builds(_text_of_step(step, step.script, setting))


def script_builds(view: View) -> Iterator[Build]:
    """The builds of a shell script; the folder that it runs in is taken to be the project's."""
    subject: ScriptSubject = view.subject
    file, shell = view.facts["file"], subject.shell
    values = known(shell, {}).values
    where = folders(shell, "", posixpath.dirname(file), lambda word: expand(word, values))
    setting = Setting(file, view.environment, file, "", {}, {}, is_untouched=False)
    variables = variables_in(shell, {}, _unquoted)
    yield from _builds(_Text(setting, shell, _unquoted, subject.place, list(where), variables))


def _text_of_step(step: Step, script: Script, setting: Setting) -> _Text:
    given = variables_of(step, setting.matrix)
    variables = variables_in(script.shell, given, writer_of(script))
    values = {name: value for name, value in variables.items() if "$" not in value}
    inside = filled_in(step.folder, given)
    start = None if "$" in inside else below(setting.folder, inside or ".")
    where = folders(script.shell, start, "", lambda word: expand(word, values))

    def place(span: Span) -> Place:
        return Place(span, address(step))

    return _Text(setting, script.shell, writer_of(script), place, list(where), variables)


def _builds(text: _Text) -> Iterator[Build]:
    """The builds of a text, each with the names that `docker tag` adds."""
    further: dict[str, set[str]] = {}
    found: list[Build] = []
    is_untouched = text.setting.is_untouched
    for command, folder in zip(text.shell.commands, text.folders, strict=True):
        words = command.unwrapped()
        texts = [command.program or "", *(text.written(word) for word in words[1:])]
        if tag := read_tag(texts):
            for name in names([tag[0]], text.variables):
                further.setdefault(name, set()).update(names([tag[1]], text.variables))
        elif build := read_build(texts):
            made = _build(text, command, build, texts, folder)
            found.append(replace(made, is_untouched=is_untouched))
        is_untouched = is_untouched and writes_nothing(command)
    for each in found:
        added = (name for own in each.names for name in further.get(own, ()))
        yield replace(each, names=each.names.union(added))


def _build(
    text: _Text, command: Command, build: BuildCommand, texts: Sequence[str], folder: str | None
) -> Build:
    words, at = command.unwrapped(), build.context

    def place(option: Option) -> Place:
        return text.place(words[option.word].span)

    where = text.place(command.span if at is None else words[at].span)
    written = "" if at is None else filled_in(texts[at], text.variables)
    context = dockerfile = file_at(where, written, folder)
    named, stage = build.last("--file"), build.last("--target")
    if named:
        dockerfile = file_at(place(named), filled_in(named.value, text.variables), folder)
    else:
        dockerfile = default_dockerfile(context)
    given = [argument(o.value, place(o)) for o in build.all("--build-arg")]
    readable = tuple(each for each in given if "$" not in each.name)
    return Build(
        text.setting.file,
        text.place(command.span),
        text.setting.environment,
        text.setting.job,
        dockerfile,
        context,
        target(stage.value if stage else "", text.variables),
        names([option.value for option in build.all("--tag")], text.variables),
        readable,
        build.is_open or len(readable) < len(given),
        text.setting.is_untouched,
        text.setting.serves,
    )


def writer_of(script: Script) -> Callable[[Word], str]:
    """What writes a word as it stands in the file, expressions included, without its quotes."""

    def written(word: Word) -> str:
        sources = (script.text[found.start : found.end] for found in script.inside(word))
        return _HOLE.sub(lambda hole: next(sources, hole[0]), _unquoted(word))

    return written


def _unquoted(word: Word) -> str:
    """A word without its quotes, its expansions as they are written."""
    if word.text is not None:
        return word.text
    plain = {("text", ""), ("variable", "")}
    if any((part.kind, part.operator) not in plain for part in word.parts):
        return word.raw.replace('"', "")
    return "".join(p.text if p.kind == "text" else f"${{{p.text}}}" for p in word.parts)


def variables_in(
    shell: Shell, given: Mapping[str, str], written: Callable[[Word], str]
) -> dict[str, str]:
    """The variables of a text: those given, and those that it sets once."""
    assigned = assignments(shell)
    variables = {name: value for name, value in given.items() if name not in assigned}
    once = {name: written(words[0]) for name, words in assigned.items() if len(words) == 1}
    return variables | {name: value for name, value in once.items() if "$(" not in value}


def _serves(view: View, job: Job) -> tuple[str, ...]:
    """The environments of the jobs that wait for a job which is for no environment itself."""
    if job.environment or view.environment:
        return ()
    named = {other.id: other.environment for other in job.workflow.jobs.values()}
    told: Mapping[str, str | None] = view.facts["environments"]
    later = [other for other in job.workflow.jobs.values() if job.workflow.waits_for(other, job)]
    found = (told.get(other.id) or named[other.id] for other in later)
    return tuple(dict.fromkeys(name for name in found if name and "$" not in name))
