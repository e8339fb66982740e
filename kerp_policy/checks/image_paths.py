"""Checks of where the instructions of a Dockerfile put files.

Source: Dockerfile reference, "COPY", "ADD", "VOLUME", "WORKDIR".
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, Stage, State
from kerp_policy.artifacts.dockerfile.expansion import expand
from kerp_policy.artifacts.dockerfile.history import base_reference
from kerp_policy.docker.bases import find_base
from kerp_policy.docker.walk import commands, runs, steps, texts
from kerp_policy.docker.writes import is_within
from kerp_policy.findings import Related, Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View
from kerp_policy.words import word_set

_KERNEL = ("/proc", "/sys", "/dev", "/boot")
_SHARED_MEMORY = "/dev/shm"  # noqa: S108
_SOCKET = regex(r"(?:/var)?/run/(?:docker|containerd/containerd|podman/podman|crio/crio)\.sock")
_FOLDERS = word_set(
    "/ /bin /etc /home /lib /mnt /opt /root /run /sbin /srv /tmp /usr /usr/bin /usr/lib"
    " /usr/local /usr/local/bin /usr/local/etc /usr/local/lib /usr/local/sbin /usr/sbin"
    " /usr/share /var /var/lib /var/log /var/www /etc/ssl /etc/ssl/certs /usr/src"
)
"""Folders that images have; where one has not, what is copied there makes it."""
_LONGEST = 500
"""Characters of a path that are looked at."""
_TAR = regex(r".*\.(?:tar|tar\.(?:gz|bz2|xz|zst)|tgz|tbz2?|txz|tzst)")


def system_folders(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No volume and no working directory lies where the kernel or the container engine does."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, state in steps([subject.stage]):
        if instruction.keyword not in ("VOLUME", "WORKDIR"):
            continue
        for word, text in zip(instruction.words, instruction.word_texts, strict=True):
            path = state.absolute(expand(text, state.lookup, state.escape).text or "")
            reason = _belongs_to(path or "")
            if reason:
                place = subject.place(instruction, word.span)
                yield Remark(place, f"{instruction.keyword} {path} {reason}", subject=path or "")


def _belongs_to(path: str) -> str:
    if _SOCKET.fullmatch(path):
        return "is the socket of the container engine, which no image has and none should ask for"
    if any(is_within(path, folder) for folder in _KERNEL) and not is_within(path, _SHARED_MEMORY):
        return "belongs to the kernel; expected a folder of the program's own"
    return ""


def whole_filesystem(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No system is copied over another one."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    if base_reference(subject.stage.root) == "scratch":
        return
    for instruction, _ in steps([subject.stage]):
        flag = instruction.flag("from") if instruction.keyword == "COPY" else None
        name = flag.value.text if flag and flag.value else ""
        texts = [*instruction.word_texts]
        if name and texts[-1:] == ["/"] and "/" in texts[:-1] and _is_system(subject, name):
            message = f"this copies all of {name} over the system of this stage"
            place = subject.place(instruction)
            yield Remark(place, f"{message}; expected the files that are needed", subject=name)


def _is_system(subject: DockerfileSubject, name: str) -> bool:
    """Whether a stage or image is known to hold a distribution, not just the files of a tool."""
    stage = subject.graph.stage(name)
    base = find_base(base_reference(stage.root) if stage else name)
    return base is not None and base.family != "scratch" and "root" in base.users


def copy_targets(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What is copied has a target that the file tells: a folder for several, none of the base's."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    made, relative = _made_folders(subject.stage), False
    for instruction, state in steps([subject.stage]):
        if instruction.keyword not in ("COPY", "ADD") or not instruction.copied:
            continue
        target = expand(instruction.word_texts[-1], state.lookup, state.escape).text
        place = subject.place(instruction, instruction.words[-1].span)
        if not target:
            continue
        path = state.absolute(target)
        if len(instruction.copied) > 1 and not _is_folder(target, path, instruction, made):
            message = f"{target} has no slash at its end: where no such folder is, the last of"
            message += f" {len(instruction.copied)} files takes its place alone"
            yield Remark(place, f"{message}; expected {target}/", subject=target)
        elif path is None and state.workdir is None and not relative:
            relative = True
            message = f"{target} is relative to a folder that only the base image knows"
            yield Remark(place, f"{message}; expected WORKDIR above it", subject=target)


def _is_folder(target: str, path: str | None, instruction: Instruction, made: set[str]) -> bool:
    """Whether a target is written as a folder, or surely is one, or may be a Windows path."""
    if target.endswith(("/", "\\")) or posixpath.basename(target) in (".", ".."):
        return True
    if instruction.flag("parents") or ":" in target:
        return True
    return path is None or path in _FOLDERS or path in made


def _made_folders(stage: Stage) -> set[str]:
    """The folders that WORKDIR and mkdir make in a stage and those that it starts from."""
    made: set[str] = set()
    for instruction, state in steps(stage.lineage):
        if instruction.keyword == "WORKDIR":
            made.add(state.absolute(state.expand(instruction.value).text or "/") or "/")
    for _, command in commands(stage.lineage):
        if command.program in ("mkdir", "install"):
            made |= {word.rstrip("/") for word in texts(command.unwrapped())[1:]}
    return made | {str(above) for path in made for above in PurePosixPath(path[:_LONGEST]).parents}


def copied_archive(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A local archive is unpacked by ADD, not copied and unpacked by a RUN."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    copied: dict[str, Instruction] = {}
    for instruction, state in steps([subject.stage]):
        if instruction.keyword == "COPY" and not instruction.flag("from"):
            copied |= dict.fromkeys(_archives(instruction, state), instruction)
    if copied:
        yield from _unpacked(subject, copied)


def _archives(instruction: Instruction, state: State) -> Iterator[str]:
    """The names of the archives that a COPY brings."""
    *sources, target = instruction.word_texts or ("",)
    for source in sources:
        name = posixpath.basename(source)
        alone = posixpath.basename(target) if _TAR.fullmatch(target) else name
        if _TAR.fullmatch(name) and not set("*?[$") & set(name + target):
            yield alone


def _unpacked(subject: DockerfileSubject, copied: dict[str, Instruction]) -> Iterator[Remark]:
    assert subject.stage
    for instruction, shell in runs([subject.stage], onbuild=False):
        for command in shell.commands:
            names = {posixpath.basename(word) for word in texts(command.unwrapped())[1:]}
            found = names & copied.keys() if command.program in ("tar", "bsdtar") else None
            for name in sorted(found or ()):
                there = copied.pop(name)
                message = f"{name} stays in the image beside what tar makes of it"
                related = Related(subject.file, subject.place(instruction), "it is unpacked here")
                place = subject.place(there)
                expected = "; expected ADD, or a bind mount"
                yield Remark(place, message + expected, subject=name, related=(related,))
