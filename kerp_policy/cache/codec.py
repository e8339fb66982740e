"""What judging one file brought, as JSON and back.

Records are rows; a run of facts of one kind stands behind the kind's name, so that reading them
needs no guess, and only the kinds that occur are imported.
"""

from __future__ import annotations

from functools import cache, lru_cache
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
    counts: msgspec.Raw
    environments: msgspec.Raw
    not_judged: Told | None
    crashes: list[Told]
    facts: list[tuple[str, msgspec.Raw]]
    waivers: list[tuple[str, msgspec.Raw]]


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Kept)
_COUNTS = msgspec.json.Decoder(Counts)


def encoded(result: FileResult) -> bytes | None:
    """A result as JSON; None where reading that would not give the result.

    So it is with numbers that JSON does not have, and with names that are no UTF-8.
    """
    try:
        data = _encode(result)
        return data if decoded(data) == result else None
    except (ValueError, TypeError, OverflowError, DamagedError):
        return None


def _encode(result: FileResult) -> bytes:
    return _ENCODER.encode(
        (
            result.path,
            result.kind,
            result.findings,
            result.counts,
            result.environments,
            result.not_judged,
            result.crashes,
            _grouped(result.facts),
            _grouped(result.waivers),
        )
    )


def decoded(data: bytes | msgspec.Raw) -> FileResult:
    """The result that was encoded.

    Raises:
        DamagedError: it is no such result.
    """
    try:
        kept = _DECODER.decode(data)
        return FileResult(
            kept.path,
            kept.kind,
            kept.findings,
            _counts(bytes(kept.counts)),
            _counts(bytes(kept.environments)),
            kept.not_judged,
            kept.crashes,
            _records(kept.facts),
            _records(kept.waivers),
        )
    except (msgspec.MsgspecError, ImportError, AttributeError, TypeError) as error:
        raise DamagedError from error


@lru_cache(maxsize=10_000)
def _counts(data: bytes) -> Counts:
    """Counts, which are the same of most files, and so one record; nobody changes them later."""
    return _COUNTS.decode(data)


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
