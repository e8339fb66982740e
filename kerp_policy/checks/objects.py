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


def one_environment(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Namespace, label and path do not name different environments."""
    signs = view.facts["signs"]
    for sign in signs[1:]:
        if sign.environment != signs[0].environment:
            first = f"the {signs[0].sign} says {signs[0].environment}"
            message = f"{first}, the {sign.sign} says {sign.environment}"
            yield Remark(_PATHS.get(signs[0].sign, ()), message)
            return


_PATHS = {"namespace": ("metadata", "namespace"), "label": ("metadata", "labels")}
