"""What is wrong with single values of an AlertmanagerConfig, once they are a configuration's.

Source: the operator's API reference; it asks of durations, matchers and times what Alertmanager
does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerp_policy.artifacts.alertmanager.decode import Fault, field_name
from kerp_policy.artifacts.alertmanager.fields import leaves
from kerp_policy.artifacts.alertmanager.rules import problems
from kerp_policy.artifacts.alertmanager.scalars import CHECKS
from kerp_policy.artifacts.alertmanager.table import Version
from kerp_policy.wording import shown

_KINDS = ("duration", "matcher", "weekdays", "months", "years", "location")


def value_faults(data: dict[str, Any], version: Version) -> Iterator[Fault]:
    """Values that the operator refuses, and receivers and ranges of time.

    Args:
        data: the configuration that the object was translated into.
        version: Alertmanager's.
    """
    for leaf in leaves(data):
        is_asked = leaf.type in _KINDS and isinstance(leaf.value, str) and leaf.value
        if is_asked and (reason := CHECKS[leaf.type](leaf.value, version)):
            said = f"{field_name(leaf.path)} {shown(leaf.value[:60])} {reason}"
            yield Fault(leaf.path, said)
    yield from _receivers(data)
    yield from _times(data, version)


def _receivers(data: dict[str, Any]) -> Iterator[Fault]:
    names: set[str] = set()
    for i, receiver in enumerate(data.get("receivers") or []):
        name = str((receiver or {}).get("name") or "")
        if name and name in names:
            message = f'the receiver "{name[:60]}" is defined a second time'
            yield Fault(("receivers", i, "name"), message)
        names.add(name)


def _times(data: dict[str, Any], version: Version) -> Iterator[Fault]:
    for i, named in enumerate(data.get("time_intervals") or []):
        for j, interval in enumerate((named or {}).get("time_intervals") or []):
            for k, times in enumerate((interval or {}).get("times") or []):
                at = ("time_intervals", i, "time_intervals", j, "times", k)
                for path, message in problems("time_range", times or {}, version):
                    yield Fault((*at, *path), message)
