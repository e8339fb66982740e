"""Checks of what a container may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_list
from kerp_policy.findings import Remark, unverified
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup

_DROP: Path = ("securityContext", "capabilities", "drop")


def drops_all(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """ALL is among the capabilities that are dropped, in whatever case runtimes take it."""
    dropped = [str(name) for name in as_list(lookup(view.data, _DROP))]
    if any(name.upper() == "ALL" for name in dropped):
        return
    stated = f"is [{', '.join(dropped[:5])}]" if dropped else "is not set"
    message = f"securityContext.capabilities.drop {stated}; expected [ALL]"
    unknown = any(map(is_placeholder, dropped))
    yield unverified(_DROP, message) if unknown else Remark(_DROP, message)
