"""Checks of Jobs and CronJobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.kubernetes.schedule import schedule_error, time_zone_error
from kerp_policy.parameters import LOWER_WORD, some, takes
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, shown


def schedule(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The schedule is one that the CronJob controller accepts."""
    path: Path = ("spec", "schedule")
    text = lookup(view.data, path)
    if not isinstance(text, str):
        return
    if any(map(is_placeholder, (text, *text.split()))):
        yield unverified(path, filled_in("the schedule", text))
    elif error := schedule_error(text):
        yield Remark(path, f'the schedule "{text}" {error}')


def time_zone(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The schedule's time zone is stated, and one that exists."""
    path: Path = ("spec", "timeZone")
    name = lookup(view.data, path)
    if name is None:
        message = "timeZone is not set, so the control plane's own counts"
        yield Remark(path, f"{message}; expected a name such as Asia/Seoul")
    elif is_placeholder(str(name)):
        yield unverified(path, filled_in("timeZone", name))
    elif error := time_zone_error(str(name)):
        yield Remark(path, f"timeZone {shown(str(name))} {error}")


def restart_policy(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Jobs restart on failure; the default, Always, is refused for them."""
    pod: Pod = view.subject
    path: Path = (*pod.base, "spec", "restartPolicy")
    unset = "not set, which means Always, and that is refused for jobs"
    yield from _expected(path, lookup(view.data, path), "OnFailure", unset)


@takes(work=some(LOWER_WORD))
def concurrency(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What must not run twice, by a word of its name, forbids concurrency."""
    words = re.split(r"[^a-z]+", str(view.facts["name"]).lower())
    if not any(word.startswith(tuple(params["work"])) for word in words):
        yield NOT_APPLICABLE
        return
    path: Path = ("spec", "concurrencyPolicy")
    yield from _expected(path, lookup(view.data, path), "Forbid", "not set, which means Allow")


def _expected(path: Path, value: Any, wanted: str, unset: str) -> Iterator[Remark]:
    name = str(path[-1])
    if value is None:
        yield Remark(path, f"{name} is {unset}; expected {wanted}")
    elif is_placeholder(str(value)):
        yield unverified(path, filled_in(name, value, wanted))
    elif value != wanted:
        yield Remark(path, differs(name, value, wanted))
