"""Joint checks of Dockerfiles and of the context that they are built in.

Source: "Build context" in Docker's documentation: the .dockerignore of a Dockerfile, named after
it and beside it, comes before that at the top of the context.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.docker.ignore import Pattern, hidden_by
from kerp_policy.estate.builds import Build
from kerp_policy.estate.context_files import MAX_TAKEN
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.ignore_files import IgnoreFile
from kerp_policy.estate.images import Dockerfile, Taken
from kerp_policy.estate.project import has_folder
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Related, Remark, unverified
from kerp_policy.sources.source import Span


def ignored_sources(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a Dockerfile takes from the context is not kept from it by a .dockerignore."""
    if not estate.all(IgnoreFile):
        return
    for dockerfile in estate.all(Dockerfile):
        files = [*_ignore_files(estate, dockerfile)]
        remarks = (_hidden(estate, dockerfile, taken, files) for taken in dockerfile.taken)
        found = (*filter(None, remarks), *_beyond(dockerfile))
        yield Judged(dockerfile, found if files else (NOT_APPLICABLE,))


def _beyond(dockerfile: Dockerfile) -> Iterator[Remark]:
    if len(dockerfile.taken) > MAX_TAKEN:
        message = f"of what is copied only the first {MAX_TAKEN:,} files are looked at"
        yield unverified(dockerfile.taken[-1].place, message)


def _ignore_files(estate: Estate, dockerfile: Dockerfile) -> Iterator[IgnoreFile]:
    """The .dockerignore of each context in which a Dockerfile is built.

    Where no build is known, a .dockerignore beside it tells that its folder is the context.
    """
    files = estate.by(IgnoreFile, file_of)
    own = files.get(f"{dockerfile.file}.dockerignore")
    builds = estate.by(Build, _built).get(dockerfile.file, ())
    folders = {build.context.path for build in builds} or {posixpath.dirname(dockerfile.file)}
    paths = {posixpath.join(folder, ".dockerignore") for folder in folders if folder is not None}
    yield from own or (file for path in sorted(paths) for file in files.get(path, ()))


def _built(build: Build) -> str | None:
    return build.dockerfile.path


def _hidden(
    estate: Estate, dockerfile: Dockerfile, taken: Taken, files: list[IgnoreFile]
) -> Remark | None:
    for file in files:
        pattern = hidden_by(taken.path, file.patterns)
        if pattern and not _lies_above(estate, dockerfile, taken):
            message = f"{file.file} keeps {taken.path} from the build, so {taken.keyword} finds"
            related = Related(file.file, _place(file, pattern), "the pattern that it fits")
            return Remark(
                taken.place, f"{message} nothing there", subject=taken.path, related=(related,)
            )
    return None


def _lies_above(estate: Estate, dockerfile: Dockerfile, taken: Taken) -> bool:
    """Whether it is in the project, but not below the Dockerfile: another folder is the context."""
    folder, path = posixpath.dirname(dockerfile.file), taken.path.lstrip("/")
    if not folder or dockerfile.file in estate.by(Build, _built):
        return False
    beside = posixpath.normpath(posixpath.join(folder, path))
    return not has_folder(estate, beside) and has_folder(estate, posixpath.normpath(path))


def _place(file: IgnoreFile, pattern: Pattern) -> Place:
    span = Span(pattern.line, 1, pattern.line, 1 + len(pattern.text) + pattern.keeps)
    return Place(span, file.file)
