"""What a change would have itself judged by, other than the trusted revision does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.yaml import read
from kerp_policy.baseline.file import load_baseline
from kerp_policy.baseline.model import FILE as BASELINE
from kerp_policy.baseline.model import Baseline, Identity
from kerp_policy.config import load_config, settings, written
from kerp_policy.errors import UsageError
from kerp_policy.i18n import noted, told
from kerp_policy.results import Brought, public
from kerp_policy.secrets import without_tokens
from kerp_policy.sources.discover import CONFIG
from kerp_policy.sources.source import START, Source
from kerp_policy.sources.tree import Tree
from kerp_policy.standard import standard_of
from kerp_policy.trust.revision import Trusted, copied, policy_files

_ACCEPTS = noted("accepts {policy} at {address}")
_ACCEPTS_MORE = noted("accepts {policy} at {address}, {count} times")


class Standard(Struct, frozen=True):
    """What a change makes of the standard: what is other, and why it is not valid, if so."""

    brought: list[Brought]
    mistake: str = ""


def standard_brought(base: Trusted, head: Tree, debt: Baseline | None) -> Standard:
    """Compare the configuration and the policies of a change with the trusted ones.

    What they say is read as data; it decides nothing.

    Args:
        base: the trusted revision.
        head: all files of the change.
        debt: the trusted baseline, by the paths that the change has.
    """
    known = _counted(load_baseline(base.folder)) | _counted(debt)
    try:
        with copied(head) as folder:
            brought = [
                *_settings(base.folder, folder),
                *_policies(base, head),
                *_debt(known, load_baseline(folder)),
            ]
            if brought:
                standard_of(load_config(folder))
            return Standard(brought)
    except UsageError as error:
        mistake = without_tokens(str(error))
        what = told("a standard that is not valid: {why}", why=mistake)
        return Standard([Brought(CONFIG, START, what)], mistake)


def _settings(base: Path, head: Path) -> Iterator[Brought]:
    before, after = _data(base), _data(head)
    found = written(head)
    document = read(found.text).documents[0] if found and after else None
    file = found.file.name if found else CONFIG
    for key in sorted(before.keys() | after.keys()):
        old, new = _entries(before.get(key)), _entries(after.get(key))
        for index, entry in enumerate(new):
            if document and entry not in old:
                path = (key, index) if isinstance(after[key], list) else (key,)
                what = told("{key}: {entry}", key=key, entry=_said(entry))
                yield Brought(file, document.span(path), public(what))
        gone = [entry for entry in old if entry not in new]
        if gone and (key not in after or isinstance(after[key], list)):
            span = document.span((key,)) if document and key in after else START
            for entry in gone:
                what = told("{key}: without {entry}", key=key, entry=_said(entry))
                yield Brought(file, span, public(what))


def _data(folder: Path) -> dict[str, Any]:
    found = written(folder)
    return settings(found) if found else {}


def _entries(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _said(entry: Any) -> str:
    """An entry as people write it, in one line."""
    if not isinstance(entry, Mapping):
        return str(entry)
    parts = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items())
    return f"{{{', '.join(parts)}}}"


def _debt(known: Counter[Identity], after: Baseline | None) -> Iterator[Brought]:
    """What the baseline of a change accepts beyond what is known."""
    for identity, count in sorted((_counted(after) - known).items()):
        text = _ACCEPTS if count == 1 else _ACCEPTS_MORE
        what = told(text, policy=identity.policy, address=identity.address, count=count)
        yield Brought(BASELINE, START, public(what))


def _counted(baseline: Baseline | None) -> Counter[Identity]:
    counted = Counter[Identity]()
    for entry in baseline.entries if baseline else ():
        counted[entry.identity] += entry.times
    return counted


def _policies(base: Trusted, head: Tree) -> Iterator[Brought]:
    """The files that differ in the folders whose policies count."""
    names, now = _data(base.folder).get("policies", ()), set(head.files())
    for path in policy_files(names, sorted({*base.tree.entries, *now})):
        old, new = base.tree.read(path), head.read(path) if path in now else None
        if old is None or new is None:
            what = told("a new file") if old is None else told("the file is gone")
            yield Brought(path, START, what)
        elif not (isinstance(old, Source) and isinstance(new, Source) and old.data == new.data):
            yield Brought(path, START, told("a file that has changed"))
