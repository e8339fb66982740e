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
    given = lookup(view.data, _DROP)
    dropped = [str(name) for name in as_list(given)]
    if any(name.upper() == "ALL" for name in dropped):
        return
    stated = "is not set" if given is None else f"is [{', '.join(dropped[:5])}]"
    message = f"securityContext.capabilities.drop {stated}; expected [ALL]"
    unknown = any(map(is_placeholder, dropped))
    yield unverified(_DROP, message) if unknown else Remark(_DROP, message)
