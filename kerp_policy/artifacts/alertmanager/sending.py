"""What a receiver sends of alerts, and where to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.alertmanager.fields import leaves
from kerp_policy.regex import regex

CHOOSES = regex(r"\{\{-?\s*(?:else\s+)?(?:if|with|or|and)\b")
"""A template that looks at what there is before it shows it."""
_ANNOTATION = regex(r"\.(?:Common)?Annotations\.([A-Za-z_]\w*)")
_METHODS = frozenset(("SortedPairs", "Names", "Values", "Remove"))


def shown_annotations(receiver: Mapping[str, Any]) -> Iterator[str]:
    """The annotations that texts of a receiver show without asking whether they are there."""
    for leaf in leaves(receiver, "receiver"):
        if isinstance(leaf.value, str) and "{{" in leaf.value and not CHOOSES.search(leaf.value):
            yield from (n for n in _ANNOTATION.findall(leaf.value) if n not in _METHODS)


_WORDS = """
    send_resolved title title_link text pretext fallback color fields actions footer short_fields
    message message_text html headers subject summary description details note priority severity
    icon_emoji icon_url username image_url thumb_url link_names mrkdwn_in tags max_alerts timeout
"""
"""Fields that say what is sent, not where to."""


def channel_of(kind: str, fields: Mapping[str, Any]) -> str:
    """Where an integration sends to, as a hash: its fields may be secrets."""
    where = {k: v for k, v in fields.items() if k not in _WORDS.split() and v is not None}
    text = json.dumps([kind, where], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
