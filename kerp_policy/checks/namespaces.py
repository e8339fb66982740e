"""Joint checks of namespaces: those that workloads run in are declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.labels import is_open
from kerp_policy.estate.quotas import Namespace
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import Judged, Remark, unverified
from kerp_policy.wording import undeclared


def declared(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The namespace of each environment that workloads run in is declared; told once for each.

    A namespace that is not written, or belongs to no environment, is whoever applies it's own.
    """
    known = {namespace.namespace for namespace in estate.all(Namespace)}
    seen: set[str] = set()
    for workload in estate.all(Workload):
        name = workload.namespace
        if name is None or is_open(name) or name in seen or workload.environment is None:
            continue
        seen.add(name)
        yield Judged(workload, () if name in known else (_missing(workload, name),))


def _missing(workload: Workload, name: str) -> Remark:
    relation = f"in which {workload.kind} {workload.name} runs"
    message = undeclared(f"Namespace {name}", relation)
    return unverified(workload.place, message, settled_by=f"Namespace/-/{name}")
