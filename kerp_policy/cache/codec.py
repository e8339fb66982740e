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


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Kept)


class Shared:
    """Counts, which are the same of most files: each is kept once, by the hash of what it says.

    Nobody changes one later.
    """

    def __init__(self, kept: Mapping[str, Counts]) -> None:
        """Begin with those that an earlier run has left."""
        self._kept = kept
        self.used: dict[str, Counts] = {}

    def find(self, name: str) -> Counts:
        """The counts of a name; raises DamagedError if there are none."""
        if name not in self.used:
            if name not in self._kept:
                raise DamagedError
            self.used[name] = self._kept[name]
        return self.used[name]

    def name(self, counts: Counts) -> str:
        """The name of counts, by which they are found from now on."""
        name = hashlib.sha256(_ENCODER.encode(counts)).hexdigest()[:16]
        self.used.setdefault(name, counts)
        return name


def encoded(result: FileResult, shared: Shared) -> bytes | None:
    """A result as JSON; None where reading that would not give the result.

    So it is with numbers that JSON does not have, and with names that are no UTF-8.
    """
    try:
        data = _encode(result, shared)
        return data if decoded(data, shared) == result else None
    except (ValueError, TypeError, OverflowError, DamagedError):
        return None


def _encode(result: FileResult, shared: Shared) -> bytes:
    return _ENCODER.encode(
        (
            result.path,
            result.kind,
            result.findings,
            shared.name(result.counts),
            shared.name(result.environments),
            result.not_judged,
            result.crashes,
            _grouped(result.facts),
            _grouped(result.waivers),
        )
    )


def decoded(data: bytes | msgspec.Raw, shared: Shared) -> FileResult:
    """The result that was encoded, beside the counts that it shares with others.

    Raises:
        DamagedError: it is no such result.
    """
    try:
        kept = _DECODER.decode(data)
        return FileResult(
            kept.path,
            kept.kind,
            kept.findings,
            shared.find(kept.counts),
            shared.find(kept.environments),
            kept.not_judged,
            kept.crashes,
            _records(kept.facts),
            _records(kept.waivers),
        )
    except (msgspec.MsgspecError, ImportError, AttributeError, TypeError) as error:
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
