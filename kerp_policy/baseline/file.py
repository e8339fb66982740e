"""The file of a baseline: a finding a line, in order, so that differences and merges read well."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from kerp_policy.baseline.model import FILE, FORMAT, Baseline, Entry
from kerp_policy.errors import FieldError, UsageError
from kerp_policy.files import write_whole
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.paths import format_path
from kerp_policy.sources.read import encoding_problem, read_source
from kerp_policy.sources.source import Source
from kerp_policy.visible import dumped

_AGAIN = noted("take the last good one from git, or delete it and run kerp-policy baseline write")
_SMALL = 2**20
"""Characters up to which the place of a mistake is sought; more would take seconds."""
_MOST = 100_000
"""Entries that are looked at; no file of a size that is read holds as many that are valid."""


def load_baseline(root: Path) -> Baseline | None:
    """The baseline of a project, or None where it has none.

    Args:
        root: the folder that holds it.

    Raises:
        UsageError: it cannot be read, or is not valid; the message names the place.
    """
    if not os.path.lexists(root / FILE):
        return None
    source = read_source(root, FILE)
    if isinstance(source, Source):
        source = encoding_problem(source) or source
    if isinstance(source, Source):
        return parsed(source.text, str(root / FILE))
    message = source.message if source else _("is a symbolic link; expected the file itself")
    raise UsageError(f"{root / FILE}: {message}")


def parsed(text: str, file: str) -> Baseline:
    """A baseline from its text.

    Args:
        text: the text.
        file: what messages call it.

    Raises:
        UsageError: it is not valid.
    """
    data = _json(text, file)
    version = data.get("format") if isinstance(data, dict) else None
    if isinstance(version, int) and version > FORMAT:
        message = _(
            "{file}: has format {version}, and this version reads up to {known}; update kerp-policy"
        )
        raise UsageError(message.format(file=file, version=version, known=FORMAT))
    if isinstance(data, dict) and max(map(_size, data.values()), default=0) > _MOST:
        message = _("{file}: holds more than {most} entries, which are not read")
        raise UsageError(message.format(file=file, most=_MOST))
    mistake = next(_mistakes(data), None)
    if mistake:
        raise UsageError(_placed(text, file, mistake))
    return Baseline(
        data["profile"],
        data.get("environment"),
        data["outlines"],
        tuple(map(_entry, data["findings"])),
    )


def _size(value: Any) -> int:
    return len(value) if isinstance(value, (list, dict)) else 0


def _entry(data: dict[str, Any]) -> Entry:
    return Entry(**{**data, "times": int(data.get("times", 1))})


def _json(text: str, file: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except FieldError as error:
        raise UsageError(_placed(text, file, error)) from None
    except json.JSONDecodeError as error:
        is_cut = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        what = _("the file ends within this, as if cut off") if is_cut else _("is no JSON: {why}")
        told = f"{what.format(why=error.msg)}; {_(_AGAIN)}"
        raise UsageError(f"{file}:{error.lineno}:{error.colno}: {told}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, a deep nesting
        raise UsageError(f"{file}: {_('is no baseline')}; {_(_AGAIN)}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping, each of whose keys stands once; else one of two entries would be lost."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise FieldError((), _("a key stands twice"))
    return data


def _mistakes(data: Any) -> Iterator[FieldError]:
    from kerp_policy.policy.validate import schema
    from kerp_policy.schema import Validator, violations

    found = list(violations(Validator(schema("baseline")), data))
    found.sort(key=lambda violation: violation.kind != "unknown")  # a misspelt key is the cause
    yield from (FieldError(violation.path, violation.message) for violation in found)
    seen: dict[tuple[str, ...], int] = {}
    for index, entry in enumerate(data["findings"]):
        key = tuple(entry.get(name, "") for name in ("policy", "file", "address", "subject"))
        if key in seen:
            first = format_path(("findings", seen[key]))
            message = _("says the same as {first}; expected one entry with times: N")
            yield FieldError(("findings", index), message.format(first=first))
        seen[key] = index


def _placed(text: str, file: str, mistake: FieldError) -> str:
    """The mistake with its line, or where that is not known with its path."""
    from kerp_policy.policy.validate import located

    if len(text) <= _SMALL:
        return str(located(text, file, mistake))
    return f"{file}: {format_path(mistake.path)}: {mistake}"


def save_baseline(root: Path, baseline: Baseline) -> None:
    """Write the baseline of a project.

    Raises:
        UsageError: it cannot be written; what was there before is still there.
    """
    try:
        write_whole(root / FILE, as_text(baseline).encode("utf-8", "backslashreplace"))
    except OSError as error:
        message = _("{file}: cannot be written: {why}")
        told = message.format(file=root / FILE, why=error.strerror or error)
        raise UsageError(told) from None


def as_text(baseline: Baseline) -> str:
    """A baseline as it stands in its file; the same for the same debt."""
    head = {"format": FORMAT, "profile": baseline.profile, "environment": baseline.environment}
    rows = [f"{dumped(key)}: {dumped(value)}" for key, value in head.items() if value is not None]
    outlines = [f"{dumped(k)}: {dumped(v)}" for k, v in sorted(baseline.outlines.items())]
    rows.append(f'"outlines": {{{_lines(outlines, "    ", "  ")}}}')
    entries = [dumped(_row(entry)) for entry in baseline.entries]
    rows.append(f'"findings": [{_lines(entries, "    ", "  ")}]')
    return f"{{{_lines(rows, '  ', '')}}}\n"


def _lines(rows: list[str], margin: str, end: str) -> str:
    return ",".join(f"\n{margin}{row}" for row in rows) + (f"\n{end}" if rows else "")


def _row(entry: Entry) -> dict[str, Any]:
    """What is worth writing of an entry."""
    usual = {"subject": "", "times": 1}
    return {k: v for k, v in asdict(entry).items() if k not in usual or v != usual[k]}
