"""Checks of Services by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup


def service_type(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The type is one of the standard's; an ExternalName opens nothing."""
    path = ("spec", "type")
    kind, expected = lookup(view.data, path, "ClusterIP"), " or ".join(params["types"])
    if kind == "ExternalName":
        yield NOT_APPLICABLE
    elif is_placeholder(str(kind)):
        yield unverified(path, f"the type is {kind}, filled in elsewhere; expected {expected}")
    elif kind not in params["types"]:
        yield Remark(path, f"the Service is a {kind}; expected {expected}")
