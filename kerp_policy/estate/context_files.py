"""What a Dockerfile takes from the build context."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerp_policy.artifacts.dockerfile import Instruction, State
from kerp_policy.artifacts.dockerfile.expansion import expand
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.estate.images import Taken
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject

_ELSEWHERE = regex(r"[a-z][a-z0-9+.-]*://|git@|github\.com/|<<", re.IGNORECASE)
MAX_TAKEN = 300
"""What is taken down of one Dockerfile; one more tells that there is more."""


def taken_by(subject: DockerfileSubject) -> Iterator[Taken]:
    """The files and folders that are named, as far as they are known; not the whole context."""
    count = 0
    for stage in subject.graph.stages:
        for instruction, state in stage.steps():
            for word, path in _named(instruction, state):
                count += 1
                if count <= MAX_TAKEN + 1 and path.strip("./"):
                    yield Taken(subject.place(instruction, word.span), instruction.keyword, path)


def _named(instruction: Instruction, state: State) -> Iterator[tuple[Text, str]]:
    if instruction.keyword == "RUN":
        yield from _bound(instruction)
    elif instruction.keyword in ("COPY", "ADD") and not instruction.flag("from"):
        for word, written in instruction.copied:
            path = expand(written, state.lookup, state.escape).text
            if path and not _ELSEWHERE.match(path):
                yield word, path


def _bound(instruction: Instruction) -> Iterator[tuple[Text, str]]:
    """The sources of bind mounts, which is what a mount is where no type says otherwise."""
    for mount in instruction.mounts:
        kind, source = mount.get("type"), mount.get("source") or mount.get("src")
        is_bind = kind is None or kind.text == "bind"
        if source and is_bind and "from" not in mount and "$" not in source.text:
            yield source, source.text
