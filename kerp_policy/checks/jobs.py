"""Checks of Jobs and CronJobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.kubernetes.schedule import schedule_error, time_zone_error
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup


def schedule(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The schedule is one that the CronJob controller accepts."""
    path: Path = ("spec", "schedule")
    text = lookup(view.data, path)
    if not isinstance(text, str):
        return
    if is_placeholder(text):
        yield unverified(path, f"the schedule is {text}, filled in elsewhere")
    elif error := schedule_error(text):
        yield Remark(path, f'the schedule "{text}" {error}')


def time_zone(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The schedule's time zone is stated, and one that exists."""
    path: Path = ("spec", "timeZone")
    name = lookup(view.data, path)
    if not isinstance(name, str):
        yield Remark(path, "timeZone is not set, so the control plane's own counts")
    elif is_placeholder(name):
        yield unverified(path, f"timeZone is {name}, filled in elsewhere")
    elif error := time_zone_error(name):
        yield Remark(path, f'timeZone "{name}" {error}')


def restart_policy(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Jobs restart on failure; the default, Always, is refused for them."""
    pod: Pod = view.subject
    path: Path = (*pod.base, "spec", "restartPolicy")
    policy = lookup(view.data, path)
    if policy is None:
        message = "restartPolicy is not set; the default Always is refused for jobs"
        yield Remark(path, f"{message}; expected OnFailure")
    elif policy != "OnFailure":
        yield Remark(path, f"restartPolicy is {policy}; expected OnFailure")


def concurrency(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What must not run twice, by the words of its name, forbids concurrency."""
    name = str(view.facts["name"]).lower()
    if not any(word in name for word in params["work"]):
        yield NOT_APPLICABLE
        return
    path: Path = ("spec", "concurrencyPolicy")
    policy = lookup(view.data, path)
    if policy is None:
        yield Remark(path, "concurrencyPolicy is not set, which means Allow; expected Forbid")
    elif policy != "Forbid":
        yield Remark(path, f"concurrencyPolicy is {policy}; expected Forbid")
