"""What is built: the records of builds, and what the ways of writing one have in common."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from kerp_policy.estate.image_names import filled_in, repository
from kerp_policy.estate.shells import below
from kerp_policy.findings import Place
from kerp_policy.records import Kept
from kerp_policy.regex import regex

_REFERENCE = regex(r"\$\{\{\s*((?:vars|secrets|env|inputs|github)\.[\w.-]+)\s*\}\}", re.ASCII)
_WORKSPACE = regex(r"(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?GITHUB_WORKSPACE\}?)/?")
_REMOTE = regex(r"(?:[a-z+]+://|git@|github\.com/)")


class File(Kept, frozen=True):
    """A file or folder that a build names.

    Attributes:
        place: where.
        path: relative to the project's root; None where it is not known, or no path.
    """

    place: Place
    path: str | None


class Argument(Kept, frozen=True):
    """A `--build-arg`: its name, and what its value refers to (`vars.API_BASE_URL`), if anything.

    The value itself is not kept: it may be a secret. `literal` tells that one is written that is
    no path.
    """

    place: Place
    name: str
    sources: tuple[str, ...]
    literal: bool


class Build(Kept, frozen=True):
    """A build of an image.

    Attributes:
        job: the job, by its address, or the script, by its path.
        dockerfile: what `-f` names, or what the context has.
        context: the folder that is sent to the build; its `path` is None for one from elsewhere.
        target: the stage that is built; empty for the last one, None where it is not known.
        names: the repositories that the image is tagged with, as
            `kerp_policy.estate.image_names.repository` gives them.
        arguments: what is passed as a build argument.
        is_open: whether more arguments may be passed than can be seen.
        is_untouched: whether nothing that runs before the build may have written files.
        serves: the environments that the jobs behind this one are for, where it is for none.
    """

    file: str
    place: Place
    environment: str | None
    job: str
    dockerfile: File
    context: File
    target: str | None
    names: frozenset[str]
    arguments: tuple[Argument, ...]
    is_open: bool
    is_untouched: bool
    serves: tuple[str, ...] = ()


def argument(text: str, place: Place) -> Argument:
    """A build argument from `NAME=value`."""
    name, _, value = text.partition("=")
    sources = tuple(dict.fromkeys(_REFERENCE.findall(value)))
    return Argument(place, name, sources, bool(value) and "$" not in value and value[0] != "/")


def target(text: str, variables: Mapping[str, str]) -> str | None:
    """The stage that `--target` names; None where it is not known."""
    name = filled_in(text, variables)
    return None if "$" in name else name.lower()


def names(tags: Iterable[str], variables: Mapping[str, str]) -> frozenset[str]:
    """The repositories of tags: as written, and with the variables that are known put in."""
    written = [tag for tag in tags if tag.strip()]
    texts = (*(filled_in(tag, {}) for tag in written), *(filled_in(t, variables) for t in written))
    return frozenset(name for text in texts if (name := repository(text)))


def default_dockerfile(context: File) -> File:
    """The Dockerfile of a context where no option names one."""
    path = None if context.path is None else posixpath.join(context.path, "Dockerfile")
    return File(context.place, path)


def file_at(place: Place, written: str, folder: str | None) -> File:
    """A file by the path that is written, seen from a folder of the project."""
    in_workspace, count = _WORKSPACE.subn("", written, count=1)
    text, folder = (in_workspace or ".", "") if count else (written, folder)
    if text in ("", "-") or "$" in text or "`" in text or _REMOTE.match(text):
        return File(place, None)
    return File(place, below(folder, text))
