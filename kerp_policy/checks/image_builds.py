"""Joint checks of Dockerfiles and of what builds them.

Sources: Dockerfile reference, "ARG"; the manual of `docker buildx build`, `--build-arg` and
`--file`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.docker.predefined import is_predefined
from kerp_policy.estate.builds import Argument, Build, File
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.images import Argument as Declared
from kerp_policy.estate.images import Dockerfile
from kerp_policy.estate.project import has_file, has_folder
from kerp_policy.estate.running import target_of
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Related, Remark, unverified
from kerp_policy.parameters import WORDS, takes
from kerp_policy.wording import listed, nearest

_CHANGED_BY_NOTHING = frozenset({"LABEL"})
"""Instructions that work as well with an empty value."""
_MAY_BE_EMPTY = frozenset({"RUN"})
"""Instructions of which no file shows whether an empty value does any harm."""
_OF_SKAFFOLD = "SKAFFOLD_"
"""What skaffold gives to a build by itself, where it needs it."""


def _dockerfile(build: Build) -> str | None:
    return build.dockerfile.path


def _built(estate: Estate) -> Iterator[tuple[Dockerfile, Sequence[Build]]]:
    """The Dockerfiles that something in the estate builds, with what builds them."""
    builds = estate.by(Build, _dockerfile)
    for dockerfile in estate.all(Dockerfile):
        if dockerfile.file in builds:
            yield dockerfile, builds[dockerfile.file]


def dropped_arguments(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a build passes as a build argument is declared by the Dockerfile, where it is read.

    An argument that is read undeclared is told where it is read, any other where it is passed. One
    line may build several images, from a matrix: it passes what any of them takes.
    """
    taken = set(_taken(estate))
    for dockerfile, builds in _built(estate):
        yield Judged(dockerfile, tuple(_read_undeclared(dockerfile, builds)))
        for build in builds:
            remarks = _passed_in_vain(build, dockerfile)
            yield Judged(
                build, tuple(r for r in remarks if (build.file, r.at, r.subject) not in taken)
            )


def _taken(estate: Estate) -> Iterator[tuple[str, Place, str]]:
    """Where an argument is passed that a Dockerfile built there takes, or that nobody knows."""
    declared = {d.file: {argument.name for argument in d.arguments} for d in estate.all(Dockerfile)}
    for build in estate.all(Build):
        names = declared.get(build.dockerfile.path or "")
        for given in build.arguments:
            if names is None or given.name in names:
                yield build.file, given.place, given.name


def _read_undeclared(dockerfile: Dockerfile, builds: Iterable[Build]) -> Iterator[Remark]:
    passed: dict[str, list[Related]] = {}
    for build in builds:
        for given in build.arguments:
            here = Related(build.file, given.place, "it is passed here")
            passed.setdefault(given.name, []).append(here)
    for found in dockerfile.undeclared:
        if found.name in passed:
            message = f"{found.keyword} reads ${found.name}, but no ARG in this stage declares it, "
            message += f"so what the build passes as --build-arg {found.name} is dropped"
            help_text = f"Write `ARG {found.name}` above this line, in the same stage."
            related = tuple(dict.fromkeys(passed[found.name]))
            yield Remark(found.place, message, subject=found.name, help=help_text, related=related)


def _passed_in_vain(build: Build, dockerfile: Dockerfile) -> Iterator[Remark]:
    declared = {argument.name for argument in dockerfile.arguments}
    told = {found.name for found in dockerfile.undeclared}
    for given in build.arguments:
        if given.name in declared | told or is_predefined(given.name):
            continue
        message = f"--build-arg {given.name} is dropped: {dockerfile.file} declares no ARG of "
        close = nearest(given.name[:100], declared, 0.75)
        hint = f"; did you mean {close}?" if close else ""
        related = Related(dockerfile.file, dockerfile.place, "the Dockerfile that is built")
        help_text = f"Write `ARG {given.name}` in the stage that needs it, or do not pass it."
        yield Remark(
            given.place,
            f"{message}that name{hint}",
            subject=given.name,
            help=help_text,
            related=(related,),
        )


def given_arguments(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """An ARG without a default that matters is given by one of the builds that come to it."""
    for dockerfile, builds in _built(estate):
        given = {argument.name for build in builds for argument in build.arguments}
        found: dict[str, Remark] = {}
        for argument in dockerfile.arguments:
            coming = [build for build in builds if _comes_to(build, dockerfile, argument)]
            if _matters(argument) and argument.name not in {*given, *found} and coming:
                found[argument.name] = _never_given(argument, dockerfile, coming)
        yield Judged(dockerfile, tuple(found.values()))


def _matters(argument: Declared) -> bool:
    is_read = argument.read is not None and argument.keyword not in _CHANGED_BY_NOTHING
    return is_read and not argument.default and not argument.name.startswith(_OF_SKAFFOLD)


def _comes_to(build: Build, dockerfile: Dockerfile, argument: Declared) -> bool:
    """Whether a build runs the stage of an argument, as far as it tells its own."""
    target = target_of(dockerfile, build.target)
    return argument.stage is None or target is None or argument.stage in target.needs


def _never_given(argument: Declared, dockerfile: Dockerfile, builds: Sequence[Build]) -> Remark:
    assert argument.read
    name, build = argument.name, builds[0]
    message = f"{argument.keyword} reads {name}, which has no default, and no build gives it"
    related = (
        Related(dockerfile.file, argument.read, "it is read here"),
        Related(build.file, build.place, "the build"),
    )
    if any(build.is_open for build in builds):
        message = f"files do not show whether a build gives {name}, which has no default"
        return replace(unverified(argument.place, message), subject=name, related=related)
    if argument.keyword in _MAY_BE_EMPTY:
        message = f"{message}; files do not show whether it may be empty"
        settled = f"build-argument/{dockerfile.file}/{name}: optional"
        remark = unverified(argument.place, message, settled_by=settled)
        return replace(remark, subject=name, related=related)
    return Remark(argument.place, f"{message}: it is empty", subject=name, related=related)


def files_exist(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The Dockerfile, the stage and the context of a build are in the project.

    Where something that ran before may have made them, that is not known.
    """
    if not estate.files:
        return
    for build in estate.all(Build):
        missing = _missing(estate, build) or tuple(_no_stage(estate, build))
        known = build.dockerfile.path is not None or build.context.path is not None
        yield Judged(build, missing if missing or known else (NOT_APPLICABLE,))


def _missing(estate: Estate, build: Build) -> tuple[Remark, ...]:
    context, dockerfile = build.context, build.dockerfile
    if context.path is not None and not has_folder(estate, context.path):
        return (_absent(build, context, f"no folder {context.path} to build from"),)
    if dockerfile.path is not None and not has_file(estate, dockerfile.path):
        return (_absent(build, dockerfile, f"no file {dockerfile.path} to build from"),)
    return ()


def _no_stage(estate: Estate, build: Build) -> Iterator[Remark]:
    for dockerfile in estate.by(Dockerfile, file_of).get(build.dockerfile.path or "", ()):
        if build.target and build.target not in dockerfile.stages:
            message = f"--target {build.target} names no stage of {dockerfile.file}"
            related = Related(dockerfile.file, dockerfile.place, "the Dockerfile that is built")
            yield Remark(build.place, message, related=(related,))


def _absent(build: Build, file: File, what: str) -> Remark:
    if build.is_untouched:
        return Remark(file.place, f"there is {what} in this project")
    message = f"there is {what} in this project, unless an earlier command makes it"
    return unverified(file.place, message, settled_by=f"file/{file.path}")


@takes(names=WORDS, others=WORDS)
def baked_in_settings(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What is built once for several environments has no setting of one of them in it.

    A setting is known by its name: one of the words `names`, and none of `others`.
    """
    names = _words(params["names"])
    others = _words(params["others"])
    for build in estate.all(Build):
        if not build.arguments or len(build.serves) < 2:
            yield Judged(build, (NOT_APPLICABLE,))
            continue
        remarks = (
            _baked_in(estate, build, given)
            for given in build.arguments
            if names.search(given.name) and not others.search(given.name) and _is_fixed(given)
        )
        yield Judged(build, tuple(remarks))


def _words(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|_)(?:{'|'.join(map(re.escape, words))})(?:_|$)", re.IGNORECASE)


def _is_fixed(given: Argument) -> bool:
    kept = ("vars.", "secrets.")
    return given.literal or any(source.startswith(kept) for source in given.sources)


def _baked_in(estate: Estate, build: Build, given: Argument) -> Remark:
    source = given.sources[0] if given.sources else "the value written here"
    message = f"{given.name} is built into the image from {source}, once for "
    files = estate.by(Dockerfile, file_of).get(build.dockerfile.path or "", ())
    related = tuple(
        Related(file.file, argument.place, "it becomes a part of the image here")
        for file in files
        for argument in file.arguments
        if argument.name == given.name
    )
    return Remark(
        given.place,
        f"{message}{listed(build.serves)}, so it is the same in each",
        subject=given.name,
        related=related,
    )
