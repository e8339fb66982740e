"""Checks of what a pod states for all its containers together.

Source: "Assign Pod-level CPU and memory resources" in the Kubernetes documentation: the pod's
requests are at least those of its containers, no limit of a container is above the pod's, and
only CPU, memory and huge pages can be stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.pods import SHARED, Container, Pod
from kerp_policy.checks.resources import no_amount
from kerp_policy.estate.demand import in_words
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.paths import Path, format_path
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs

_BASE: Path = ("spec", "resources")
_WHOLE = 10**9  # amounts are told in billionths


def consistent(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The pod's own requests and limits are such that the API server takes them."""
    pod: Pod = view.subject
    stated = as_dict(pod.spec.get("resources"))
    limits, requests = (as_dict(stated.get(part)) for part in ("limits", "requests"))
    if not limits and not requests:
        yield NOT_APPLICABLE
        return
    for part, values in (("limits", limits), ("requests", requests)):
        for name, value in values.items():
            yield from _amount((*_BASE, part, name), value)
    for name in SHARED:
        yield from _highest(name, limits.get(name), _own(pod, "limits", name))
        yield from _together(pod, name, requests.get(name), limits.get(name))


def _amount(path: Path, value: Any) -> Iterator[Remark]:
    name = str(path[-1])
    if name not in SHARED and not name.startswith("hugepages-"):
        message = f"{format_path(path)} is set, which the API server refuses"
        yield Remark(path, f"{message}; expected cpu, memory and huge pages alone")
    elif value is not None:
        yield from no_amount(path, value)


def _own(pod: Pod, part: str, name: str) -> list[tuple[Container, Fraction]]:
    """The containers with the amounts that they state themselves; a limit implies a request."""
    path = ("resources", part, name)
    amounts = ((c, _read(lookup(c.data, path))) for c in pod.containers)
    return [
        (container, amount)
        for container, amount in amounts
        if amount is not None and container.path(path)[: len(container.base)] == container.base
    ]


def _read(value: Any) -> Fraction | None:
    try:
        return None if value is None else parse_quantity(value)
    except QuantityError:
        return None  # what it is told of where it stands


def _highest(name: str, limit: Any, own: list[tuple[Container, Fraction]]) -> Iterator[Remark]:
    """No container has a higher limit than its pod."""
    most, path = _read(limit), (*_BASE, "limits", name)
    above = [container.name for container, amount in own if most is not None and amount > most]
    if above:
        message = f"{format_path(path)} is {limit}, and that of container {above[0]} is higher"
        yield Remark(path, f"{message}; expected at least as much")


def _together(pod: Pod, name: str, request: Any, limit: Any) -> Iterator[Remark]:
    """The pod requests no more than its limit, and no less than its containers together.

    Of a single container that requests more than the limit `requests-within-limits` tells.
    """
    path = (*_BASE, "requests", name)
    least, most = _read(request), _read(limit)
    if least is not None and most is not None and least > most:
        yield Remark(path, differs(format_path(path), request, f"at most its limit, {limit}"))
        return
    own = _own(pod, "requests", name)
    if most is not None and any(amount > most for _, amount in own):
        return
    part, stated, bound = ("limits", limit, most) if least is None else ("requests", request, least)
    asked = _at_once(own)
    if bound is not None and asked > bound:
        path = (*_BASE, part, name)
        amount = in_words(int(asked * _WHOLE), name)
        message = f"{format_path(path)} is {stated}, and its containers request {amount} together"
        yield Remark(path, f"{message}; expected at least as much")


def _at_once(own: list[tuple[Container, Fraction]]) -> Fraction:
    """What runs together, or the largest that runs before it."""
    before = [amount for container, amount in own if container.role == "init"]
    together = sum((amount for container, amount in own if container.role != "init"), Fraction(0))
    return max(together, *before, Fraction(0))
