"""What dot is in the templates of receivers, and which fields it has there.

Go finds a field that a value does not have when it fills the template in; Alertmanager then sends
nothing, or no text. Source: Alertmanager, Notification template reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kerp_policy.wording import nearest

Shape = str
"""The name of a shape below; empty for a value of which nothing is known."""

Token = tuple[str, str, int]
"""Of an action: its kind, its text and where it begins."""


class Dot(NamedTuple):
    """What dot is somewhere, and what the whole template is filled in with: `$`."""

    here: Shape
    data: Shape


NOTIFICATION: Shape = "the notification"
_ALERTS, _ALERT, _LABELS, _TEXT = "the alerts", "an alert", "the labels", "a text"
_PAIRS, _PAIR = "the pairs", "a pair"
_FIELDS: Mapping[Shape, Mapping[str, Shape]] = {
    NOTIFICATION: {
        **dict.fromkeys(("Receiver", "Status", "ExternalURL"), _TEXT),
        **dict.fromkeys(("GroupLabels", "CommonLabels", "CommonAnnotations"), _LABELS),
        "Alerts": _ALERTS,
    },
    _ALERTS: {"Firing": _ALERTS, "Resolved": _ALERTS},
    _ALERT: {
        **dict.fromkeys(("Status", "GeneratorURL", "Fingerprint"), _TEXT),
        **dict.fromkeys(("Labels", "Annotations"), _LABELS),
        **dict.fromkeys(("StartsAt", "EndsAt"), ""),
    },
    _LABELS: {"SortedPairs": _PAIRS, **dict.fromkeys(("Names", "Values", "Remove", "String"), "")},
    _PAIRS: dict.fromkeys(("Names", "Values", "String"), ""),
    _PAIR: dict.fromkeys(("Name", "Value"), _TEXT),
    _TEXT: {},
}
_EACH = {_ALERTS: _ALERT, _PAIRS: _PAIR, _LABELS: _TEXT}
_OF_ALL = _FIELDS[_ALERT].keys() - _FIELDS[NOTIFICATION].keys()


def _field_of(shape: Shape, name: str) -> Shape | None:
    """What a field of a value is; None if it surely or perhaps has none of the name."""
    if shape not in _FIELDS:
        return ""
    return _FIELDS[shape].get(name, _TEXT if shape == _LABELS else None)


def why_no_field(shape: Shape, name: str) -> tuple[str, bool]:
    """Why a value has no such field, and whether every version of Alertmanager says so."""
    if shape in (NOTIFICATION, _ALERTS) and name in _OF_ALL:
        return f".{name} is of one alert; go through .Alerts", True
    if shape == _TEXT:
        return f".{name} is asked of a text, which has no fields", True
    if name in _FIELDS[NOTIFICATION] and shape == _ALERT:
        return f".{name} is of the notification; within a range, write $.{name}", True
    near = nearest(name[:64], sorted(_FIELDS[shape]), 0.75)
    hint = f'; did you mean ".{near}"?' if near else ""
    return f"there is no field .{name} of {shape}{hint}", bool(near)


def shapes(tokens: Sequence[Token], dot: Dot) -> Iterator[tuple[Token, Shape, Shape | None]]:
    """Each token of a pipeline with what it is asked of, and what it is: None if there is none."""
    shape: Shape | None = ""
    end = -1
    for token in tokens:
        kind, text, at = token
        owner = (shape or "") if at == end else dot.here
        if kind == "field":
            shape = _field_of(owner, text[1:])
        else:
            shape = {"$": dot.data, ".": dot.here}.get(text, "")
        end = at + len(text) if kind in ("variable", "field") or text == ")" else -1
        yield token, owner, shape


def dot_within(keyword: str, pipeline: Sequence[Token], dot: Dot) -> Dot:
    """What dot is inside of a block: in `range` and `with` it is known where a path is given."""
    if keyword in ("define", "block"):  # which is filled in with whatever is given to it
        return Dot("", "")
    if keyword == "if":
        return dot
    ends = [at + len(text) for _, text, at in pipeline]
    is_path = ends[:-1] == [at for _, _, at in pipeline[1:]]
    *_, shape = ["", *(shape or "" for _, _, shape in shapes(pipeline, dot))]
    here = _EACH.get(shape, "") if keyword == "range" else shape
    return Dot(here if is_path else "", dot.data)
