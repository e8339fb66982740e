"""What the API server refuses of the parts of a pod: volumes, variables, hooks, places to run.

Source: the API reference of Kubernetes, Volume ("exactly one of"), KeyToPath, VolumeMount, EnvVar,
EnvFromSource, ResourceFieldSelector, LifecycleHandler, Probe, SecurityContext, SeccompProfile,
AppArmorProfile, Toleration, NodeSelector and PodSpec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import lookup
from kerp_policy.wording import listed, shown

Refused = tuple[Path, str, str]
"""Where something is refused, what that is, and what is expected instead."""

_HIGHEST_MODE = 0o777
_LABEL = regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_RESOURCE = regex(r"(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)")
_NAMED = {"configMap": "name", "secret": "secretName", "persistentVolumeClaim": "claimName"}
_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_SOURCES = ("configMapRef", "secretRef")
_WITHOUT_VALUES = ("Exists", "DoesNotExist")


def entries(data: Any, path: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The mappings of a list, each with its path."""
    return [((*path, i), as_dict(each)) for i, each in enumerate(as_list(lookup(data, path)))]


def refused_of_volumes(data: Mapping[str, Any], spec: Path) -> Iterator[Refused]:
    """Volumes of two types, without what they are to show, or with modes and paths of no file."""
    for path, volume in entries(data, (*spec, "volumes")):
        kinds = [str(kind) for kind in volume if isinstance(volume[kind], dict)]
        if len(kinds) > 1:
            what = f"volume {shown(volume.get('name'))} is both {listed(kinds)}"
            yield path, what, "one type"
        name = volume.get("name")
        if isinstance(name, str) and not _LABEL.fullmatch(name) and not is_placeholder(name):
            what = f"a volume is named {shown(name)}"
            yield (*path, "name"), what, "small letters, digits and -, at most 63"
        for kind in (*_NAMED, "downwardAPI", "projected"):
            if isinstance(volume.get(kind), dict):
                yield from _files((*path, kind), volume[kind], _NAMED.get(kind, ""))


def _files(path: Path, source: Mapping[str, Any], name: str) -> Iterator[Refused]:
    if name and not source.get(name):
        yield (*path, name), f"{path[-1]}.{name} is not set", "the name of what is mounted"
    yield from _mode((*path, "defaultMode"), source.get("defaultMode"))
    for base, item in entries(source, ("items",)):
        yield from _mode((*path, *base, "mode"), item.get("mode"))
        yield from _inside((*path, *base, "path"), item.get("path"))


def _mode(path: Path, mode: Any) -> Iterator[Refused]:
    """A mode is a number up to 0777; 777 without a leading 0 is a decimal one."""
    if type(mode) is int and not 0 <= mode <= _HIGHEST_MODE:
        octal = set(str(mode)) <= set("01234567") and mode <= 777
        expected = f"0{mode}, which is octal" if octal else "a mode up to 0777"
        yield path, f"{path[-1]} is {mode}", expected


def _inside(path: Path, value: Any) -> Iterator[Refused]:
    if isinstance(value, str) and (value.startswith("/") or ".." in value.split("/")):
        yield path, f"{path[-1]} is {shown(value)}", "a path within the volume"


def refused_of_container(base: Path, container: Mapping[str, Any]) -> Iterator[Refused]:
    """What contradicts itself in a container; `base` leads to it."""
    for path, mount in entries(container, ("volumeMounts",)):
        yield from _inside((*base, *path, "subPath"), mount.get("subPath"))
        if mount.get("subPath") and mount.get("subPathExpr"):
            what = "a mount has both subPath and subPathExpr"
            yield (*base, *path, "subPathExpr"), what, "one of them"
    for path, variable in entries(container, ("env",)):
        yield from _variable((*base, *path), variable)
    for path, source in entries(container, ("envFrom",)):
        yield from _one_of((*base, *path), "an entry of envFrom", source, _SOURCES)
    for hook, handler in as_dict(container.get("lifecycle")).items():
        if hook in ("preStop", "postStart") and isinstance(handler, dict):
            yield from _one_of((*base, "lifecycle", hook), hook, handler, _HANDLERS)
    path = (*base, "readinessProbe", "terminationGracePeriodSeconds")
    if lookup(container, path[len(base) :]) is not None:
        what = "a readinessProbe has a terminationGracePeriodSeconds"
        yield path, what, "it on the livenessProbe, which alone ends the container"
    yield from _security((*base, "securityContext"), as_dict(container.get("securityContext")))


def _variable(path: Path, variable: Mapping[str, Any]) -> Iterator[Refused]:
    name, source = variable.get("name"), variable.get("valueFrom")
    if isinstance(name, str) and "=" in name and not is_placeholder(name):
        yield (*path, "name"), "the name of a variable holds =", "a name without it"
    if isinstance(source, dict) and len([key for key in source if source[key] is not None]) != 1:
        kinds = [str(key) for key in source]
        said = f"{name} comes from {listed(kinds)}" if kinds else f"valueFrom of {name} is empty"
        yield (*path, "valueFrom"), said, "one source"
    resource = lookup(source, ("resourceFieldRef", "resource"))
    if isinstance(resource, str) and not (
        _RESOURCE.fullmatch(resource) or is_placeholder(resource)
    ):
        where = (*path, "valueFrom", "resourceFieldRef", "resource")
        yield where, f"resource is {shown(resource)}", "limits. or requests. and a resource"


def _one_of(
    path: Path, what: str, given: Mapping[str, Any], kinds: tuple[str, ...]
) -> Iterator[Refused]:
    found = [kind for kind in kinds if given.get(kind) is not None]
    if len(found) > 1:
        yield path, f"{what} has both {listed(found)}", "one of them"
    elif not found and not set(given) - {*kinds, "prefix"}:
        yield path, f"{what} has neither {listed(list(kinds), 'nor')}", "one of them"


def _security(path: Path, context: Mapping[str, Any]) -> Iterator[Refused]:
    may = context.get("allowPrivilegeEscalation")
    if context.get("privileged") is True and may is False:
        what = "privileged is true, and allowPrivilegeEscalation is false"
        yield (*path, "allowPrivilegeEscalation"), what, "one of the two to be removed"
    for kind in ("seccompProfile", "appArmorProfile"):
        profile = as_dict(context.get(kind))
        local, named = profile.get("type"), profile.get("localhostProfile")
        if local == "Localhost" and not named:
            yield (*path, kind, "localhostProfile"), f"{kind} names no file", "localhostProfile"
        elif local in ("RuntimeDefault", "Unconfined") and named:
            what = f"{kind} has the type {local} and a localhostProfile"
            yield (*path, kind, "localhostProfile"), what, "the type Localhost"


def refused_of_placement(data: Mapping[str, Any], spec: Path) -> Iterator[Refused]:
    """Tolerations and affinities that mean nothing, and DNS without a server."""
    for path, toleration in entries(data, (*spec, "tolerations")):
        yield from _toleration(path, toleration)
    pod = as_dict(lookup(data, spec))
    if pod.get("dnsPolicy") == "None" and not lookup(pod, ("dnsConfig", "nameservers")):
        what = "dnsPolicy leaves all to a dnsConfig without nameservers"
        yield (*spec, "dnsPolicy"), what, "at least one"
    if pod.get("hostPID") is True and pod.get("shareProcessNamespace") is True:
        what = "both hostPID and shareProcessNamespace are true"
        yield (*spec, "shareProcessNamespace"), what, "one of them"
    yield from _security((*spec, "securityContext"), as_dict(pod.get("securityContext")))
    yield from _node_affinity(data, (*spec, "affinity", "nodeAffinity"))


def _toleration(path: Path, toleration: Mapping[str, Any]) -> Iterator[Refused]:
    operator = toleration.get("operator") or "Equal"
    if operator == "Exists" and toleration.get("value"):
        yield (*path, "value"), "a toleration with the operator Exists has a value", "none"
    if operator == "Equal" and not toleration.get("key"):
        yield (*path, "key"), "a toleration has no key", "one, or the operator Exists"
    effect = str(toleration.get("effect"))
    is_other = effect != "NoExecute" and not is_placeholder(effect)
    if toleration.get("tolerationSeconds") is not None and is_other:
        what = "tolerationSeconds is set"
        yield (*path, "tolerationSeconds"), what, "it beside the effect NoExecute only"


def _node_affinity(data: Mapping[str, Any], path: Path) -> Iterator[Refused]:
    terms = (*path, "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    if lookup(data, terms) == []:
        yield terms, "nodeSelectorTerms is empty", "at least one term"
    for base, term in entries(data, terms):
        for where, asked in entries(term, ("matchExpressions",)):
            yield from _expression((*base, *where, "values"), asked)


def _expression(path: Path, asked: Mapping[str, Any]) -> Iterator[Refused]:
    operator, values = asked.get("operator"), asked.get("values")
    if operator in _WITHOUT_VALUES and values:
        yield path, f"the operator {operator} has values", "none"
    elif operator in ("In", "NotIn") and not values:
        yield path, f"the operator {operator} has no values", "at least one"
