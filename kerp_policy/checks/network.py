"""Checks of Services by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.parameters import one_of, some, takes
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, listed


@takes(types=some(one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")))
def service_type(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The type is one of the standard's; an ExternalName opens nothing."""
    path = ("spec", "type")
    kind, expected = lookup(view.data, path, "ClusterIP"), listed(params["types"], "or")
    if kind == "ExternalName":
        yield NOT_APPLICABLE
    elif is_placeholder(str(kind)):
        yield unverified(path, filled_in("spec.type", kind, expected))
    elif kind not in params["types"]:
        yield Remark(path, differs("spec.type", kind, expected))
