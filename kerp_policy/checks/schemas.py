"""Checks against the schemas of a Kubernetes version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.kubernetes.amounts import refused_amounts
from kerp_policy.kubernetes.api_versions import Status, api_version_status
from kerp_policy.kubernetes.required import unmet
from kerp_policy.kubernetes.versions import kubernetes_validator
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.schema import violations
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup


def valid(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The object fits the schema of its kind, where one is known."""
    data = _decrypted(view.data)
    validator = kubernetes_validator(view.facts["kubernetes"], data["apiVersion"], data["kind"])
    if validator is None:
        yield NOT_APPLICABLE
        return
    for violation in violations(validator, data):
        value = lookup(data, violation.path)
        if isinstance(value, str) and _is_open(value) and violation.kind != "unknown":
            yield unverified(violation.path, f"{violation.message}, unless it is filled in so")
        else:
            yield Remark(violation.path, violation.message)
    for path, lacking, expected in unmet(data, view.subject.pod_path):
        message = f"{lacking}, which the API server refuses"
        if path in _NAMES and _is_marked(lookup(data, path)):
            yield unverified(path, f"{message}, unless it is filled in")
        else:
            yield Remark(path, f"{message}; expected {expected}" if expected else message)
    for path, message in refused_amounts(data, view.subject.pod_path):
        yield Remark(path, message)


def _decrypted(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object as it is applied: whoever decrypts it takes away what SOPS keeps beside it.

    Source: SOPS's documentation, whose metadata is one mapping with a `mac` at the top.
    """
    is_encrypted = isinstance(lookup(data, ("sops", "mac")), str)
    return {key: data[key] for key in data if key != "sops"} if is_encrypted else data


def _is_open(value: str) -> bool:
    """Whether something else comes in the place of a value, filled in or decrypted."""
    return is_placeholder(value) or value.startswith("ENC[")


def _is_marked(value: Any) -> bool:
    """Whether a name looks like one that a step puts another in the place of: `APP_NAME`, `<app>`.

    Of these no object is made, so whoever writes them means something else.
    """
    return isinstance(value, str) and _MARK.search(value[:_LONGEST]) is not None


_MARK = regex(r"<[^<>]+>|(?<![A-Za-z0-9])[A-Z][A-Z0-9_]{2,}(?![A-Za-z0-9])")
_LONGEST = 300
_NAMES: tuple[Path, ...] = (("metadata", "name"), ("metadata", "namespace"))


def api_version(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The chosen version of Kubernetes serves the object's apiVersion and kind."""
    status = _status(view)
    if status.state in ("removed", "unknown"):
        yield Remark(("apiVersion",), status.message)
    elif status.state == "custom":
        yield NOT_APPLICABLE


def deprecated_api_version(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The chosen version of Kubernetes does not call the apiVersion deprecated."""
    status = _status(view)
    if status.state == "deprecated":
        yield Remark(("apiVersion",), status.message)
    elif status.state != "served":
        yield NOT_APPLICABLE


def _status(view: View) -> Status:
    data = view.data
    return api_version_status(view.facts["kubernetes"], data["apiVersion"], data["kind"])
