"""What the parameters of a check mean: told where the check is defined, as JSON Schemas.

A `format` is one of those that `policy/parameters.py` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Schema = Mapping[str, Any]
_Check = TypeVar("_Check", bound=Callable[..., object])


def takes(**parameters: Schema) -> Callable[[_Check], _Check]:
    """Tell what each parameter of a check means, so that a mistake is told where it is written.

    Args:
        parameters: by name, what the value has to be. A policy gives all of them but those that
            have a `default`.
    """

    def told(check: _Check) -> _Check:
        check.__dict__["takes"] = parameters
        return check

    return told


def one_of(*values: str) -> Schema:
    """One of these words."""
    return {"enum": [*values]}


def some(item: Schema) -> Schema:
    """A list that is not empty."""
    return {"type": "array", "minItems": 1, "items": item}


def any_of(item: Schema) -> Schema:
    """A list, perhaps without an item."""
    return {"type": "array", "items": item}


def each_once(item: Schema) -> Schema:
    """A list that is not empty, whose items all differ."""
    return {**some(item), "uniqueItems": True}


def by_name(value: Schema, name: Schema | None = None, *, least: int = 0) -> Schema:
    """A mapping of at least so many entries: what the values have to be, and the names."""
    return {
        "type": "object",
        "minProperties": least,
        "propertyNames": name or {},
        "additionalProperties": value,
    }


def record(*needed: str, **fields: Schema) -> Schema:
    """A mapping with these fields and no other, of which some are needed."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [*needed],
        "properties": fields,
    }


TEXT = {"type": "string", "minLength": 1}
WORD = {"type": "string", "format": "word"}
LOWER_WORD = {"type": "string", "format": "lower-word"}
WORDS = each_once(WORD)
COUNT = {"type": "integer", "minimum": 1}
MORE_THAN_ZERO = {"type": "number", "exclusiveMinimum": 0}
ID = {"type": "integer", "minimum": 0, "maximum": 4294967295}
DURATION = {"type": "string", "format": "duration"}
"""A duration as Prometheus and Alertmanager write it, `5m`."""
GO_DURATION = {"type": "string", "format": "go-duration"}
QUANTITY = {"type": ["string", "number"], "minimum": 0, "format": "quantity"}
"""An amount as Kubernetes writes it, `500m` or `512Mi`."""
PATH = {"type": "string", "format": "path"}
LABEL = {"type": "string", "format": "label"}
LABELS = each_once(LABEL)
ENVIRONMENT = {"type": "string", "format": "environment"}
WORKLOADS = some(
    one_of(
        "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job",
        "CronJob", "Pod", "PodTemplate",
    )
)  # fmt: skip
SSL_MODES = some(one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"))
"""What libpq may be told of TLS (PostgreSQL documentation, "SSL Mode Descriptions")."""

THRESHOLDS = some(
    record(
        "signal", "above", "level",
        signal={"type": "string", "format": "signal"},
        above={"type": "number"},
        level=WORD,
        window=DURATION,
    )
)  # fmt: skip
_NEEDED = {"seconds": ["quantile", "metric"], "ratio": ["part", "whole"], "count": ["metric"]}
"""What a signal is described by, by its unit."""
_SIGNAL = record(
    "title", "unit",
    title=TEXT,
    unit=one_of(*_NEEDED),
    quantile={"type": "number", "minimum": 0, "maximum": 1},
    metric=some(TEXT),
    part=some(TEXT),
    rest=any_of(TEXT),
    whole=some(TEXT),
    among=any_of(TEXT),
    other=any_of(TEXT),
)  # fmt: skip
SIGNALS = by_name(
    {
        **_SIGNAL,
        "allOf": [
            {
                "if": {"required": ["unit"], "properties": {"unit": {"const": unit}}},
                "then": {"required": needed},
            }
            for unit, needed in _NEEDED.items()
        ],
    },
    least=1,
)
"""What an alert may be about; `artifacts/prometheus/signals.py` reads it."""
