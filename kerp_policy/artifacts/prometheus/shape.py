"""The fields of a rule file, after Prometheus' reference of recording and alerting rules.

Every scalar is text here, as Prometheus decodes it. The fields that Thanos, Mimir and vmalert add
are known as well: a file may be meant for their rulers.
"""

from __future__ import annotations

from typing import Any

from kerp_policy.schema import Validator

_TEXT = {"type": ["string", "null"]}
_LABELS = {"type": ["object", "null"], "additionalProperties": _TEXT}

_RULE = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "properties": {
        "record": _TEXT,
        "alert": _TEXT,
        "expr": _TEXT,
        "for": _TEXT,
        "keep_firing_for": _TEXT,
        "labels": _LABELS,
        "annotations": _LABELS,
    },
}
_VMALERT = (
    "concurrency", "debug", "eval_alignment", "eval_delay", "eval_offset", "headers",
    "notifier_headers", "params", "tenant", "type",
)  # fmt: skip
"""What vmalert alone takes in a group (VictoriaMetrics, vmalert: Groups)."""

_GROUP = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": _TEXT,
        "interval": _TEXT,
        "query_offset": _TEXT,
        "limit": {"type": ["string", "null"], "pattern": "^[-+]?[0-9]+$"},
        "labels": _LABELS,
        "rules": {"type": ["array", "null"], "items": {"$ref": "#/$defs/rule"}},
        "partial_response_strategy": _TEXT,
        "source_tenants": {"type": ["array", "null"]},
        "evaluation_delay": _TEXT,
        **dict.fromkeys(_VMALERT, True),
    },
}
_FILE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "groups": {"type": ["array", "null"], "items": {"$ref": "#/$defs/group"}},
        "namespace": _TEXT,
    },
    "$defs": {"rule": _RULE, "group": _GROUP},
}

RULE_FIELDS = frozenset(
    ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
)

RULE_FILE = Validator(_FILE)
"""What may stand where in a rule file, or in the `spec` of a PrometheusRule."""
