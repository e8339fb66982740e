"""TLS of Ingresses that the AWS Load Balancer Controller serves.

Source: the controller's documentation, "Ingress annotations".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.findings import Remark, unverified
from kerp_policy.kubernetes.tls_policy import lowest_tls
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import filled_in, nearest

PREFIX = "alb.ingress.kubernetes.io/"

_ARN = regex(
    r"arn:aws(?:-[a-z]{1,10}){0,3}:"
    r"(?:acm:[a-z]{2,4}(?:-[a-z]{1,12}){1,3}-\d{1,2}:\d{12}:certificate/[0-9A-Za-z-]{1,64}"
    r"|iam::\d{12}:server-certificate/[\w+=,.@/-]{1,640})"
)

_USUAL_POLICIES = (
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS-1-2-2017-01",
    "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
    "ELBSecurityPolicy-FS-1-2-2019-08",
    "ELBSecurityPolicy-FS-1-2-Res-2019-08",
    "ELBSecurityPolicy-FS-1-2-Res-2020-10",
)
"""What a misspelt name may have meant."""


class Listeners(Struct, frozen=True):
    """The ports that the load balancer listens on; `error` says why they cannot be told."""

    http: tuple[int, ...] = ()
    https: tuple[int, ...] = ()
    error: str = ""


def tls(view: View, lowest: str) -> Iterator[Remark]:
    """HTTPS with a certificate, a redirect from HTTP, and an ssl-policy of at least `lowest`."""
    annotations = _annotations(view.data)
    ports = annotations.get("listen-ports")
    if ports is not None and is_placeholder(ports):
        yield unverified(_path("listen-ports"), filled_in("listen-ports", ports))
        return
    listeners = _listeners(annotations)
    if listeners.error:
        yield Remark(_path("listen-ports"), f"listen-ports {listeners.error}")
    elif not listeners.https:
        yield _no_https(annotations)
    else:
        yield from _redirect(view.data, annotations, listeners)
        yield from _certificate(annotations)
        yield from _ssl_policy(view.data, annotations, lowest)


def serves_https(annotations: dict[str, str]) -> bool:
    """Whether there is an HTTPS listener; no, where `listen-ports` cannot be read."""
    own = {k.removeprefix(PREFIX): v for k, v in annotations.items() if k.startswith(PREFIX)}
    return bool(_listeners(own).https)


def _annotations(data: Any) -> dict[str, str]:
    """The controller's own annotations, without their prefix."""
    annotations = as_dict(lookup(data, ("metadata", "annotations")))
    return {
        key.removeprefix(PREFIX): value
        for key, value in annotations.items()
        if key.startswith(PREFIX) and isinstance(value, str)
    }


def _path(name: str) -> Path:
    return ("metadata", "annotations", PREFIX + name)


def _listeners(annotations: dict[str, str]) -> Listeners:
    """What `listen-ports` says; without it HTTPS 443 if there is a certificate, else HTTP 80."""
    text = annotations.get("listen-ports")
    if text is None:
        certificate = annotations.get("certificate-arn", "").strip()
        return Listeners(https=(443,)) if certificate else Listeners(http=(80,))
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return Listeners(error=f"is no JSON; expected {_EXAMPLE}")
    pairs = [pair for item in as_list(listed) for pair in as_dict(item).items()]
    good = all(key in ("HTTP", "HTTPS") and isinstance(port, int) for key, port in pairs)
    if not pairs or not good or not all(isinstance(item, dict) for item in listed):
        return Listeners(error=f"lists no HTTP or HTTPS ports; expected {_EXAMPLE}")
    http, https = (tuple(port for key, port in pairs if key == name) for name in ("HTTP", "HTTPS"))
    return Listeners(http, https)


_EXAMPLE = """something like [{"HTTPS": 443}]"""


def _no_https(annotations: dict[str, str]) -> Remark:
    if "listen-ports" in annotations:
        return Remark(
            _path("listen-ports"), f"listen-ports opens no HTTPS port; expected {_EXAMPLE}"
        )
    message = "the load balancer listens on HTTP 80 alone: there is neither a certificate-arn"
    return Remark(_path("certificate-arn"), f"{message} nor an HTTPS port in listen-ports")


def _redirect(data: Any, annotations: dict[str, str], listeners: Listeners) -> Iterator[Remark]:
    """An HTTP listener only redirects. Within a group any Ingress may say so for all."""
    if not listeners.http:
        return
    port = annotations.get("ssl-redirect")
    grouped = "group.name" in annotations
    http = f"HTTP {listeners.http[0]}"
    if port is None:
        if not _redirecting_action(data, annotations):
            message = f"listen-ports opens {http}, and nothing redirects it to HTTPS"
            path = _path("listen-ports")
            unless = "unless another Ingress of the group sets ssl-redirect"
            yield unverified(path, f"{message}, {unless}") if grouped else Remark(path, message)
    elif not is_placeholder(port) and port not in map(str, listeners.https) and not grouped:
        message = f'ssl-redirect is "{port}", which is no HTTPS port of listen-ports'
        yield Remark(_path("ssl-redirect"), message)


def _redirecting_action(data: Any, annotations: dict[str, str]) -> bool:
    """Whether a rule leads to an `actions.NAME` annotation that redirects to HTTPS."""
    backends = set(_backends(data))
    return any(
        name.startswith("actions.")
        and name.removeprefix("actions.") in backends
        and _redirects(annotations[name])
        for name in annotations
    )


def _redirects(text: str) -> bool:
    try:
        action = json.loads(text)
    except (ValueError, RecursionError):
        return False
    lowered = {str(key).lower(): value for key, value in as_dict(action).items()}
    config = as_dict(lowered.get("redirectconfig"))
    protocols = [value for key, value in config.items() if str(key).lower() == "protocol"]
    return lowered.get("type") == "redirect" and "HTTPS" in protocols


def _backends(data: Any) -> Iterator[str]:
    """The names of the Services that rules lead to (v1 and v1beta1)."""
    backends = [lookup(data, ("spec", key)) for key in ("defaultBackend", "backend")]
    for rule in as_list(lookup(data, ("spec", "rules"))):
        paths = as_list(lookup(rule, ("http", "paths")))
        backends += [as_dict(path).get("backend") for path in paths]
    for backend in map(as_dict, backends):
        yield str(lookup(backend, ("service", "name")) or backend.get("serviceName") or "")


def _certificate(annotations: dict[str, str]) -> Iterator[Remark]:
    path, text = _path("certificate-arn"), annotations.get("certificate-arn", "").strip()
    if not text:
        message = "there is no certificate-arn; the controller looks for a certificate by host"
        yield unverified(path, message)
        return
    for arn in filter(None, map(str.strip, text.split(","))):
        if _ARN.fullmatch(arn):
            continue
        if is_placeholder(arn):
            yield unverified(path, filled_in("certificate-arn", arn))
        else:
            message = f"certificate-arn is {arn}; expected the ARN of a certificate in ACM or IAM"
            yield Remark(path, message, subject=arn)


def _ssl_policy(data: Any, annotations: dict[str, str], lowest: str) -> Iterator[Remark]:
    path, name = _path("ssl-policy"), annotations.get("ssl-policy", "").strip()
    if not name:
        yield _no_ssl_policy(data, annotations, path)
    elif is_placeholder(name):
        yield unverified(path, filled_in("ssl-policy", name))
    elif (accepted := lowest_tls(name)) is None:
        yield _unknown_policy(path, name)
    elif _number(accepted) < _number(lowest):
        message = f"ssl-policy is {name}, which accepts TLS {accepted}"
        yield Remark(path, f"{message}; expected a policy of TLS {lowest} or newer")


def _no_ssl_policy(data: Any, annotations: dict[str, str], path: Path) -> Remark:
    message = "there is no ssl-policy, and the load balancer's default accepts TLS 1.0"
    if "group.name" in annotations:
        return unverified(path, f"{message}, unless another Ingress of the group sets one")
    if lookup(data, ("spec", "ingressClassName")):
        return unverified(path, f"{message}, unless the class's IngressClassParams set one")
    return Remark(path, message)


def _unknown_policy(path: Path, name: str) -> Remark:
    close = nearest(name[:100], _USUAL_POLICIES, 0.85)
    if close:
        return Remark(path, f"ssl-policy is {name}, which does not exist; did you mean {close}?")
    return unverified(path, f"ssl-policy is {name}, whose lowest TLS version is not known")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split("."))
