"""What an autoscaler's `scaleTargetRef` can mean.

Source: "Horizontal Pod Autoscaling" in the Kubernetes documentation, and
`CrossVersionObjectReference` in the API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.estate.autoscalers import Autoscaler
from kerp_policy.estate.joins import Candidate, answer, shown
from kerp_policy.estate.objects import Declared
from kerp_policy.findings import Remark
from kerp_policy.secrets import is_placeholder

UNSCALABLE = ("DaemonSet", "Job", "CronJob", "Pod", "PodTemplate", "Service")
"""Kinds that an autoscaler cannot scale."""


def of_another_group(
    autoscaler: Autoscaler, found: Sequence[Candidate[Declared]]
) -> Iterator[Remark]:
    """The controller looks the kind up in the group of apiVersion; which version is all the same.

    What is still written as `extensions/v1beta1` is served as `apps`.
    """
    version, (kind, name) = autoscaler.target_version, autoscaler.target_name
    group = version.rpartition("/")[0]
    fits = ((sure, group in (thing.group, _MOVED.get(thing.group))) for thing, sure in found)
    if is_placeholder(version) or answer(fits) is not False:
        return
    place = autoscaler.target_version_place or autoscaler.place
    wanted = shown(found)[0].group or "core"
    said = f"is {version}" if version else "is not set"
    message = f"scaleTargetRef.apiVersion {said}, and {kind} {name} is of the group {wanted}"
    yield Remark(place, f"{message}, so {autoscaler.title} does not find it")


_MOVED = {"extensions": "apps"}
