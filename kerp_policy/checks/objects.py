"""Checks of any object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import Remark
from kerp_policy.views import View, lookup


def required_labels(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The object carries the labels."""
    for label in params["labels"]:
        path = ("metadata", "labels", label)
        if not lookup(view.data, path):
            yield Remark(path, f"the label {label} is missing on {view.facts['name']}")
