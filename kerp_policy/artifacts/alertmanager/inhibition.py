"""The inhibition rules of a configuration: which alerts mute which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.alertmanager.matchers import Matcher, readable
from kerp_policy.artifacts.alertmanager.table import Version
from kerp_policy.paths import Path

Conditions = tuple[Matcher, ...]


class Inhibition(Struct, frozen=True):
    """A rule: alerts that fulfil `source` mute those that fulfil `target`.

    Attributes:
        path: where it stands in the configuration.
        source: conditions of the alerts that mute.
        target: conditions of those that are muted.
        equal: the labels in which both agree.
    """

    path: Path
    source: Conditions
    target: Conditions
    equal: tuple[str, ...]


def inhibitions(data: Mapping[str, Any], version: Version) -> Iterator[Inhibition]:
    """The rules of a configuration; not those that the loader refuses.

    Args:
        data: what the loader makes of the configuration.
        version: Alertmanager's, for the grammar of matchers.
    """
    for i, rule in enumerate(data.get("inhibit_rules") or []):
        source = _conditions(rule or {}, "source", version)
        target = _conditions(rule or {}, "target", version)
        if source is not None and target is not None:
            equal = tuple(filter(None, (rule or {}).get("equal") or ()))
            yield Inhibition(("inhibit_rules", i), source, target, equal)


def _conditions(rule: Mapping[str, Any], side: str, version: Version) -> Conditions | None:
    """The conditions of one side; None where one of them cannot be read."""
    found = [Matcher(k, "=", v or "") for k, v in (rule.get(f"{side}_match") or {}).items()]
    for name, pattern in (rule.get(f"{side}_match_re") or {}).items():
        if pattern is None:
            return None
        found.append(Matcher(name, "=~", pattern))
    for text in rule.get(f"{side}_matchers") or []:
        if text is None:
            return None
        found += readable(text, version)
    return tuple(found)
