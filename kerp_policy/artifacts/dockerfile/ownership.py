"""Whom the files belong to that a stage copies in.

Source: Dockerfile reference, "COPY --chown --chmod": new files belong to 0:0 whatever USER says;
a user without a group gives the same number as GID. "ADD": only a local archive is unpacked.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.dockerfile.accounts import Accounts
from kerp_policy.artifacts.dockerfile.expansion import expand
from kerp_policy.artifacts.dockerfile.history import copy_words, word_value
from kerp_policy.artifacts.dockerfile.instructions import Instruction
from kerp_policy.artifacts.dockerfile.options import parse_options
from kerp_policy.artifacts.dockerfile.stages import Stage, StageGraph
from kerp_policy.artifacts.dockerfile.state import State
from kerp_policy.artifacts.dockerfile.users import effective_user, resolve
from kerp_policy.artifacts.shell import Command
from kerp_policy.sources.source import Span

MAX_OWNED = 500
"""Copies of a stage that are followed, and changes of their owner."""

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
_FOLDERS = ("/", ".", "*")
"""How the path of a folder, or of all that lies in one, ends."""


class Owned(Struct, frozen=True):
    """Files that an instruction brings.

    Attributes:
        path: where to, absolute; None where that is not known.
        uid: their owner; None where not known.
        gid: their group; likewise.
        span: the `--chown` or `chown` that decided it, else the whole instruction.
        instruction: the COPY or ADD.
        is_tree: whether a folder is copied to `/`, so that files do not show where what lands.
    """

    path: str | None
    uid: int | None
    gid: int | None
    span: Span
    instruction: Instruction
    is_tree: bool


class _Chown(Struct, frozen=True):
    recursive: bool
    owner: str | None
    paths: tuple[str | None, ...]
    span: Span


def ownership(stage: Stage, graph: StageGraph, accounts: tuple[Accounts, ...]) -> tuple[Owned, ...]:
    """What COPY and ADD bring into a stage, and into those that it starts from.

    `accounts` are those of every stage, by number.
    """
    owned: list[Owned] = []
    changes = 0
    for part in stage.lineage:
        for instruction, state in part.steps():
            if instruction.keyword in ("COPY", "ADD") and len(owned) < MAX_OWNED:
                owned.append(_copied(instruction, state, part, graph, accounts))
            for change in _chowns(instruction, state, part):
                changes += 1
                if changes > MAX_OWNED:
                    return tuple(replace(item, uid=None, gid=None) for item in owned)
                owned = [_chowned(item, change, accounts[part.index]) for item in owned]
    return tuple(owned)


def _copied(
    instruction: Instruction,
    state: State,
    stage: Stage,
    graph: StageGraph,
    accounts: tuple[Accounts, ...],
) -> Owned:
    sources, path = copy_words(instruction, state)
    is_tree = path == "/" and any((source or "").endswith(_FOLDERS) for source in sources)
    flag = instruction.flag("chown")
    if flag and flag.value:
        owner = expand(flag.value.text, state.lookup, state.escape).text
        uid, gid = _owner(owner, accounts[stage.index])
        return Owned(path, uid, gid, flag.text.span, instruction, is_tree)
    if instruction.keyword == "ADD" and _may_unpack(instruction, sources):
        return Owned(path, None, None, instruction.span, instruction, is_tree)
    root = instruction.flag("from") is None or _comes_from_root(instruction, graph, accounts)
    number = 0 if root else None
    return Owned(path, number, number, instruction.span, instruction, is_tree)


def _may_unpack(instruction: Instruction, sources: Sequence[str | None]) -> bool:
    """Whether files of an archive are brought, which keep their owners: of a URL only if asked."""
    kept = () if instruction.flag("unpack") else ("http://", "https://")
    found = (source for source in sources if source is None or not source.startswith(kept))
    return any(source is None or source.endswith(_ARCHIVES) for source in found)


def _comes_from_root(
    instruction: Instruction, graph: StageGraph, accounts: tuple[Accounts, ...]
) -> bool:
    """Files of another stage keep their owner: root, where that stage runs as root throughout."""
    flag = instruction.flag("from")
    origin = graph.stage(flag.value.text) if flag and flag.value else None
    if origin is None:
        return False
    told = (found for part in origin.lineage for found in part.instructions)
    if any(_may_set_owner(found) for found in told):
        return False
    return effective_user(origin, accounts[origin.index]).uid == 0


def _may_set_owner(instruction: Instruction) -> bool:
    if instruction.keyword == "USER" or instruction.flag("chown"):
        return True
    return instruction.keyword == "RUN" and "chown" in instruction.value.text


def _owner(owner: str | None, accounts: Accounts) -> tuple[int | None, int | None]:
    """UID and GID of `--chown`."""
    if owner is None:
        return None, None
    uid, gid, _ = resolve(owner, accounts)
    return uid, gid if ":" in owner else uid


def _chowns(instruction: Instruction, state: State, stage: Stage) -> Iterator[_Chown]:
    for shell in stage.shells.get(instruction, ()):
        own = {found.name for command in shell.commands for found in command.assignments}
        moves = any(command.program == "cd" for command in shell.commands)
        for command in shell.commands:
            found = _chown(command, state, own, moves)
            if found:
                yield found


def _chown(command: Command, state: State, own: set[str], moves: bool) -> _Chown | None:
    words = [word_value(word, state, own) for word in command.unwrapped()]
    if "chown" not in [posixpath.basename(word) for word in words if word]:
        return None
    if posixpath.basename(words[0] or "") != "chown":  # find -exec chown, xargs chown
        return _Chown(True, None, (None,), command.span)
    options = parse_options(words[1:], {"from": "from", "reference": "reference"})
    owner, *paths = options.names or [None]
    if "reference" in options.values:
        owner, paths = None, options.names
    paths = paths or [None]  # xargs gives them
    recursive = bool({"R", "recursive"} & options.flags)
    absolute = tuple(
        state.absolute(path) if path and (path.startswith("/") or not moves) else None
        for path in paths
    )
    return _Chown(recursive, owner, absolute, command.span)


def _chowned(item: Owned, change: _Chown, accounts: Accounts) -> Owned:
    if not any(_reaches(path, item.path, change.recursive) for path in change.paths):
        return item
    certain = item.path is not None and any(
        path is not None and "*" not in path and change.recursive and _covers(path, item.path)
        for path in change.paths
    )
    if not certain or change.owner is None:
        return replace(item, uid=None, gid=None, span=change.span)
    user, colon, group = change.owner.partition(":")
    uid, gid, _ = resolve(change.owner, accounts)
    return replace(
        item,
        uid=uid if user else item.uid,
        gid=gid if colon and (group or user) else item.gid,
        span=change.span,
    )


def _covers(path: str, item: str) -> bool:
    return path == item or item.startswith(path.rstrip("/") + "/")


def _reaches(path: str | None, item: str | None, recursive: bool) -> bool:
    """Whether a chown may change files of a copy: the copy itself, or what lies in it."""
    if path is None or item is None:
        return True
    if "*" in path:
        start = path.partition("*")[0]
        return item.startswith(start) or start.startswith(item.rstrip("/") + "/")
    if path == item or path.startswith(item.rstrip("/") + "/"):
        return True
    return recursive and _covers(path, item)
