"""What the API server refuses of names, labels and annotations.

Source: "Object Names and IDs", "Labels and Selectors" and "Annotations" in the Kubernetes
documentation, and "CronJob" for the length of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.kubernetes.refused_parts import Refused
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import lookup
from kerp_policy.wording import clipped, shown

_SUBDOMAIN = regex(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


class _Form(Struct, frozen=True):
    """What a text has to look like."""

    pattern: re.Pattern[str]
    most: int
    expected: str

    def holds(self, text: str) -> bool:
        return len(text) <= self.most and bool(self.pattern.fullmatch(text))


_LABEL = _Form(
    regex(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"), 63, "lower-case letters and digits, with - between"
)
_DOMAIN = _Form(_SUBDOMAIN, 253, "lower-case letters and digits, with - and . between")
_CRON_JOB = _Form(_SUBDOMAIN, 52, _DOMAIN.expected)
"""A CronJob leaves room for what its Jobs are named by."""
_VALUE = _Form(
    regex(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"),
    63,
    "letters and digits, with -, _ and . between",
)

_CORE = (
    "Pod", "ReplicationController", "ConfigMap", "Secret", "ServiceAccount", "PersistentVolume",
    "PersistentVolumeClaim", "ResourceQuota", "LimitRange",
)  # fmt: skip
_APPS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
_NAMES: dict[tuple[str, str], _Form] = {
    ("v1", "Namespace"): _LABEL,
    ("v1", "Service"): _LABEL,
    ("batch/v1", "CronJob"): _CRON_JOB,
    ("batch/v1", "Job"): _DOMAIN,
    ("autoscaling/v2", "HorizontalPodAutoscaler"): _DOMAIN,
    ("policy/v1", "PodDisruptionBudget"): _DOMAIN,
    ("networking.k8s.io/v1", "Ingress"): _DOMAIN,
    ("networking.k8s.io/v1", "NetworkPolicy"): _DOMAIN,
    **{("v1", kind): _DOMAIN for kind in _CORE},
    **{("apps/v1", kind): _DOMAIN for kind in _APPS},
}
"""What the name of an object has to look like; of other kinds nothing is said."""


def refused_metadata(data: Mapping[str, Any], pod: Path | None) -> Iterator[Refused]:
    """What is wrong with an object's name, namespace, labels and annotations, and its pods'.

    Args:
        data: an object of a kind that Kubernetes brings.
        pod: where the template of its pods stands; None for kinds that make none.
    """
    yield from _names(data)
    for base in ((), pod) if pod else ((),):
        metadata = as_dict(lookup(data, (*base, "metadata")))
        yield from _labels(metadata.get("labels"), (*base, "metadata", "labels"))
        yield from _annotations(metadata.get("annotations"), (*base, "metadata", "annotations"))
    if selector := as_dict(lookup(data, ("spec", "selector"))):
        path: Path = ("spec", "selector")
        yield from _labels(selector.get("matchLabels"), (*path, "matchLabels"))
        if data["kind"] == "Service":
            yield from _labels(selector, path)


def _names(data: Mapping[str, Any]) -> Iterator[Refused]:
    forms = {"name": _NAMES.get((data["apiVersion"], data["kind"])), "namespace": _LABEL}
    for key, form in forms.items():
        value = lookup(data, ("metadata", key))
        if form and isinstance(value, str) and value:
            yield from _text(("metadata", key), f"metadata.{key}", value, form)


def _text(path: Path, what: str, value: str, form: _Form) -> Iterator[Refused]:
    if form.holds(value) or is_placeholder(value):
        return
    if len(value) > form.most:
        yield path, f"{what} has {len(value)} characters", f"at most {form.most}"
    else:
        yield path, f"{what} {_is(what, value)}", form.expected


def _is(what: str, value: str) -> str:
    """What a text is, as far as that may be shown: some keep a password in a label."""
    from kerp_policy.secrets.redact import redact

    line = f"{what}: {value}"
    return f"is {shown(value)}" if redact(line) == line else "has other characters"


def _labels(labels: Any, path: Path) -> Iterator[Refused]:
    for key, value in as_dict(labels).items():
        if not _is_key(key):
            yield from _key(path, key)
        if isinstance(value, str) and not _is_value(value):
            yield from _text((*path, key), f"label {clipped(key)}", value, _VALUE)


@lru_cache(maxsize=4096)  # most labels are those of many objects
def _is_value(text: str) -> bool:
    return _VALUE.holds(text)


@lru_cache(maxsize=4096)
def _is_key(text: str) -> bool:
    domain, slash, name = text.rpartition("/")
    return bool(name) and _VALUE.holds(name) and (not slash or _DOMAIN.holds(domain))


def _annotations(annotations: Any, path: Path) -> Iterator[Refused]:
    """Only keys are held to anything, and upper-case letters may be anywhere in them."""
    for key in as_dict(annotations):
        if not _is_key(key.lower()):
            yield from _key(path, key)


def _key(path: Path, key: str) -> Iterator[Refused]:
    """A key is a name, with a domain and a slash before it perhaps."""
    if not is_placeholder(key):
        what = f"{path[-1]} has the key {shown(key)}"
        yield (*path, key), what, "NAME or DOMAIN/NAME, of at most 63 characters after the slash"
