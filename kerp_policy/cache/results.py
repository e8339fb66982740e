"""Results of files that have not changed since: from an earlier run, if nothing else has either.

A result depends on the file, the standard, what other files say of this one, and the program. All
of that is in its key; what has another key is not found, so nothing is ever out of date.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread

import click
import msgspec

import kerp_policy
from kerp_policy.cache import folder
from kerp_policy.cache.codec import DamagedError, Encoded, decoded, encoded, named
from kerp_policy.policy.installed import is_installed
from kerp_policy.policy.model import Profile
from kerp_policy.results import Counts, FileResult
from kerp_policy.scopes.context import Context
from kerp_policy.secrets import find_tokens
from kerp_policy.sources.source import Source

_FEW = 8
"""What differs from the file is written beside it until it is one part in so many."""


class _Body(msgspec.Struct):
    """What a file holds: results by their keys, and the counts that they share."""

    entries: dict[str, msgspec.Raw] = {}
    counts: dict[str, Counts] = {}


_DECODER = msgspec.json.Decoder(_Body)


class Store:
    """What is kept of one project: its results by each standard that it is judged by."""

    def __init__(self, root: Path) -> None:
        """Nothing is read before it is asked for."""
        self._root = root
        self._folder = folder.cache_folder()
        self._by_profile = list[tuple[Profile, Results]]()
        self._ahead: Thread | None = None

    def read_ahead(self, profile: Profile, assumed: str | None) -> None:
        """Begin to read the results by a standard, while this thread waits for git and the disk."""
        self._ahead = Thread(target=self._read, args=(profile, assumed))
        self._ahead.start()

    def results(self, context: Context) -> Results:
        """The results by the standard of a context."""
        if self._ahead:
            self._ahead.join()
        for profile, results in self._by_profile:
            if profile is context.profile:
                return results
        return self._read(context.profile, context.assumed)

    def _read(self, profile: Profile, assumed: str | None) -> Results:
        file = self.file("results", profile, what_decides(profile, assumed))
        self._by_profile.append((profile, Results(file)))
        return self._by_profile[-1][1]

    def file(self, kind: str, profile: Profile, about: str) -> Path | None:
        """Where something of the project is kept.

        Args:
            kind: what it is.
            profile: the standard that it was judged by.
            about: all that it depends on besides the project and the program.

        Returns:
            The file; None if nothing is to be kept.
        """
        # A check of others is code that this program cannot tell from what it was.
        if any(is_installed(policy.check) for policy in profile.policies) or not self._folder:
            return None
        project, depends = _digest(str(self._root.resolve())), _digest(about + _program())
        return self._folder / f"{kind}-{project[:8]}-{depends[:32]}.json"

    def save(self) -> None:
        """Leave to later runs what this one has used."""
        if self._ahead:
            self._ahead.join()
        for _, results in self._by_profile:
            results.save()


class Results:
    """The results of one project by one standard."""

    def __init__(self, file: Path | None) -> None:
        """Take what earlier runs have left in a file; without one, nothing is kept."""
        self._file = file
        self._whole = _body(folder.read(file)) if file else _Body()
        self._recent = _body(folder.read(_beside(file))) if file else _Body()
        self._kept = self._whole.entries | self._recent.entries
        self._counts = self._whole.counts | self._recent.counts
        self._used = dict[str, bytes | msgspec.Raw]()

    def find(self, source: Source, context: Context, *, is_judged: bool) -> FileResult | None:
        """What came of a file, if that is known. Judging it brought its facts, too."""
        for judged in (True,) if is_judged else (True, False):
            key = _key(source, context, is_judged=judged)
            if key in self._kept:
                with suppress(DamagedError):
                    result = decoded(self._kept[key], self._counts)
                    self._used[key] = self._kept[key]
                    return result
        return None

    def encoded(self, source: Source, result: FileResult, *, is_judged: bool) -> Encoded | None:
        """What is to be added of a result.

        Nothing if something crashed, perhaps by accident, nor of a file with a secret: facts hold
        what a file says, and the secret is to be gone when the file is mended.
        """
        if result.crashes or not self._file:
            return None
        told = any(each.confidential for each in result.findings)
        return None if told or (not is_judged and find_tokens(source.text)) else encoded(result)

    def add(self, source: Source, context: Context, result: Encoded, *, is_judged: bool) -> None:
        """Keep what came of a file."""
        self._used[_key(source, context, is_judged=is_judged)] = result.data
        self._counts |= result.counts

    def save(self) -> None:
        """Leave what was used, which is all that there is, since a run reads every file.

        Of a large project the few results that changed are written alone.
        """
        whole = self._whole.entries
        if not (self._file and self._used):  # read ahead, perhaps, and never asked for
            return
        if self._used.keys() == whole.keys() == self._kept.keys():
            return
        new = {key: data for key, data in self._used.items() if key not in whole}
        unused = len(whole) - (len(self._used) - len(new))
        if (len(new) + unused) * _FEW >= len(whole):
            folder.write(self._file, self._written(self._used))
        elif new.keys() != self._recent.entries.keys():
            folder.write(_beside(self._file), self._written(new))

    def _written(self, entries: Mapping[str, bytes | msgspec.Raw]) -> bytes:
        raw = {key: msgspec.Raw(data) for key, data in entries.items()}
        names = {name for data in raw.values() for name in named(data)}
        return msgspec.json.encode(_Body(raw, {name: self._counts[name] for name in names}))


def _beside(file: Path) -> Path:
    return file.with_suffix(".recent.json")


def _body(data: bytes) -> _Body:
    return _DECODER.decode(data) if data else _Body()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _key(source: Source, context: Context, *, is_judged: bool) -> str:
    """What tells a result from all others of the project by the standard."""
    about = f"{source.path}\0{context.about(source.path)}\0{is_judged}\0"
    return hashlib.sha256(about.encode("utf-8", "surrogateescape") + source.data).hexdigest()


def what_decides(profile: Profile, assumed: str | None) -> str:
    """All of the standard that judging one file depends on; the rest is applied to results."""
    named = (profile.policies, profile.environments, sorted(profile.versions.items()))
    return repr((named, profile.externals, assumed))


@cache
def _program() -> str:
    """What changes when the program, Python or a library is another.

    These are times, which an installation sets: to read all files would take longer than to judge
    a small project.
    """
    package = Path(kerp_policy.__file__).parent
    libraries = Path(click.__file__).parent.parent
    times = [libraries.stat().st_mtime_ns, *_times(package)]
    return repr((sys.version, kerp_policy.__version__, times))


def _times(package: Path) -> list[tuple[str, int, int]]:
    """Path, size and time of every file of code and data."""
    found, todo = [], [str(package)]
    while todo:
        for entry in os.scandir(todo.pop()):
            if entry.is_dir(follow_symlinks=False):
                todo += [entry.path] if entry.name != "__pycache__" else []
            else:
                state = entry.stat()
                found.append((entry.path, state.st_size, state.st_mtime_ns))
    return sorted(found)
