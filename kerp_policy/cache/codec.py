"""What judging one file brought, as JSON and back.

Records are rows; a run of facts of one kind stands behind the kind's name, so that reading them
needs no guess, and only the kinds that occur are imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from itertools import groupby
from typing import Any

import msgspec

from kerp_policy.findings import Finding
from kerp_policy.i18n import Told
from kerp_policy.results import Counts, FileResult

_OURS = ("kerp_policy.estate.", "kerp_policy.waivers.")
"""The modules whose records are read; no other is imported for a name in a file."""


class DamagedError(Exception):
    """What was read is not what was written."""


class _Kept(msgspec.Struct, array_like=True):
    path: str
    kind: str
    findings: list[Finding]
    counts: str
    environments: str
    not_judged: Told | None
    crashes: list[Told]
    facts: list[tuple[str, msgspec.Raw]]
    waivers: list[tuple[str, msgspec.Raw]]


class _Naming(msgspec.Struct, array_like=True):
    """The beginning of `_Kept`."""

    path: msgspec.Raw
    kind: msgspec.Raw
    findings: msgspec.Raw
    counts: str
    environments: str


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Kept)
_NAMING = msgspec.json.Decoder(_Naming)


class Encoded(msgspec.Struct, frozen=True):
    """A result as JSON, and the counts that it names.

    Counts are the same of most files: each is kept once, by the hash of what it says.
    """

    data: bytes
    counts: dict[str, Counts]


def encoded(result: FileResult) -> Encoded | None:
    """A result as JSON; None where reading that would not give the result.

    So it is with numbers that JSON does not have, and with names that are no UTF-8.
    """
    try:
        names = [_named(counts) for counts in (result.counts, result.environments)]
        counts = dict(zip(names, (result.counts, result.environments), strict=True))
        data = _encode(result, *names)
        return Encoded(data, counts) if decoded(data, counts) == result else None
    except (ValueError, TypeError, OverflowError, DamagedError):
        return None


def _named(counts: Counts) -> str:
    return hashlib.sha256(_ENCODER.encode(counts)).hexdigest()[:16]


def named(data: bytes | msgspec.Raw) -> tuple[str, str]:
    """The names of counts in what was encoded."""
    naming = _NAMING.decode(data)
    return naming.counts, naming.environments


def _encode(result: FileResult, counts: str, environments: str) -> bytes:
    return _ENCODER.encode(
        (
            result.path,
            result.kind,
            result.findings,
            counts,
            environments,
            result.not_judged,
            result.crashes,
            _grouped(result.facts),
            _grouped(result.waivers),
        )
    )


def decoded(data: bytes | msgspec.Raw, counts: Mapping[str, Counts]) -> FileResult:
    """The result that was encoded.

    Args:
        data: the JSON.
        counts: those that it names, which nobody may change later: others name them, too.

    Raises:
        DamagedError: it is no such result.
    """
    try:
        kept = _DECODER.decode(data)
        return FileResult(
            kept.path,
            kept.kind,
            kept.findings,
            counts[kept.counts],
            counts[kept.environments],
            kept.not_judged,
            kept.crashes,
            _records(kept.facts),
            _records(kept.waivers),
        )
    except (msgspec.MsgspecError, ImportError, AttributeError, TypeError, KeyError) as error:
        raise DamagedError from error


def _grouped(records: tuple[Any, ...]) -> list[tuple[str, list[Any]]]:
    return [
        (f"{kind.__module__}:{kind.__qualname__}", list(rows))
        for kind, rows in groupby(records, type)
    ]


def _records(groups: list[tuple[str, msgspec.Raw]]) -> tuple[Any, ...]:
    return tuple(record for kind, rows in groups for record in _rows_of(kind).decode(rows))


@cache
def _rows_of(kind: str) -> msgspec.json.Decoder[list[Any]]:
    module, _, name = kind.partition(":")
    if not module.startswith(_OURS):
        raise DamagedError
    record = getattr(import_module(module), name)
    if not (isinstance(record, type) and issubclass(record, msgspec.Struct)):
        raise DamagedError
    return msgspec.json.Decoder(list[record])  # type: ignore[valid-type]
