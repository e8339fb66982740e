"""Checks of Ingresses: TLS, and the hosts that it covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.checks import alb
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.parameters import one_of, takes
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup

_ANNOTATIONS: Path = ("metadata", "annotations")
_CLASS = "kubernetes.io/ingress.class"
_TLS: Path = ("spec", "tls")
_NGINX = "nginx.ingress.kubernetes.io/"

_CERTIFICATES = (
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "traefik.ingress.kubernetes.io/router.tls.certresolver",
)
"""Annotations by which a controller gets certificates from elsewhere than a Secret."""

_TLS_BY_ANNOTATION = {
    "traefik.ingress.kubernetes.io/router.tls": ("true",),
    "route.openshift.io/termination": ("edge", "reencrypt", "passthrough"),
    f"{_NGINX}ssl-passthrough": ("true",),
}
"""Annotations by which a controller speaks TLS with a certificate that it or the pod has (the
documentation of Traefik, OpenShift and ingress-nginx)."""

_OTHERS = ("nginx", "traefik", "haproxy", "gce", "kong", "contour", "istio", "azure", "openshift")
"""How the names of classes begin that are not the AWS controller's, whatever is left over."""


@takes(lowest=one_of("1.0", "1.1", "1.2", "1.3"))
def tls(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """HTTPS with a certificate and a lowest version, by the means of the Ingress's class."""
    if _is_alb(view):
        yield from alb.tls(view, params["lowest"])
        return
    entries = as_list(lookup(view.data, _TLS))
    if not entries and not _certificates_elsewhere(view):
        yield _no_section(view)
        return
    yield from _without_secret(view, entries)
    yield from _no_redirect(view)


def _no_section(view: View) -> Remark:
    message = "there is no tls section"
    if name := _tls_by_annotation(view):
        said = "files do not show the certificate with which TLS is turned on by"
        return unverified(_TLS, f"{message}, and {said} {name}")
    return Remark(_TLS, f"{message}, so everything is served over plain HTTP")


def _without_secret(view: View, entries: list[Any]) -> Iterator[Remark]:
    if _certificates_elsewhere(view):
        return
    for i, entry in enumerate(map(as_dict, entries)):
        if not entry.get("secretName"):
            hosts = ", ".join(str(host) for host in as_list(entry.get("hosts"))[:3])
            message = f"no secretName gives the certificate for {hosts or 'these hosts'}"
            yield Remark((*_TLS, i), message)


def _no_redirect(view: View) -> Iterator[Remark]:
    """ingress-nginx serves plain HTTP beside HTTPS if told to (its documentation, annotations)."""
    annotations = _annotations_of(view)
    if annotations.get(f"{_NGINX}force-ssl-redirect") == "true":
        return
    name = f"{_NGINX}ssl-redirect"
    if annotations.get(name) == "false":
        message = 'ssl-redirect is "false", so the hosts are served over plain HTTP as well'
        yield Remark((*_ANNOTATIONS, name), message)


def _annotations_of(view: View) -> dict[str, str]:
    """The annotations as text; what is no text is the schema's concern."""
    annotations = as_dict(lookup(view.data, _ANNOTATIONS))
    return {key: value for key, value in annotations.items() if isinstance(value, str)}


def _ingress_class(view: View) -> str:
    """The name of the class: the field's, else the deprecated annotation's, else empty."""
    field = lookup(view.data, ("spec", "ingressClassName"))
    return str(field or _annotations_of(view).get(_CLASS, ""))


def _is_alb(view: View) -> bool:
    """Whether it is the AWS controller's: by the usual name, or by annotations of its own."""
    name = _ingress_class(view)
    if name == "alb" or name.startswith(_OTHERS):
        return name == "alb"
    return any(key.startswith(alb.PREFIX) for key in _annotations_of(view))


def _tls_by_annotation(view: View) -> str:
    """The annotation that turns TLS on where there need be no tls section; empty without one."""
    stated = _annotations_of(view)
    found = (name for name, on in _TLS_BY_ANNOTATION.items() if stated.get(name) in on)
    return next(found, "")


def _certificates_elsewhere(view: View) -> bool:
    return any(_annotations_of(view).get(name) for name in _CERTIFICATES)


def hosts_covered(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every host of a rule is one of the TLS section's; `*.` stands for exactly one label.

    An entry without hosts holds for any host (Kubernetes API, IngressTLS). Where there is no TLS
    at all, the policy of the TLS section says so, and this one is silent.
    """
    entries = [as_dict(entry) for entry in as_list(lookup(view.data, _TLS))]
    if not entries:
        yield from _without_section(view)
        return
    if any(not entry.get("hosts") for entry in entries):
        return
    written = [str(host) for entry in entries for host in as_list(entry["hosts"])]
    covered = {host.lower(): host for host in written}
    for path, host in _hosts(view).items():
        yield from _uncovered(path, host, covered)


def _without_section(view: View) -> Iterator[Remark]:
    hosts = ", ".join(host for host in _hosts(view).values() if host)
    if _certificates_elsewhere(view):
        yield unverified(_TLS, "files do not show the hosts of the certificates")
    elif not _is_alb(view) or not alb.serves_https(_annotations_of(view)):
        yield NOT_APPLICABLE
    elif hosts:
        yield Remark(_TLS, f"there is no tls section to cover {hosts}")


def _hosts(view: View) -> dict[Path, str]:
    """The host of every rule, empty for a rule that holds for any; each host once."""
    hosts: dict[str, tuple[Path, str]] = {}
    for i, rule in enumerate(as_list(lookup(view.data, ("spec", "rules")))):
        host = str(as_dict(rule).get("host") or "")
        hosts.setdefault(host.lower(), (("spec", "rules", i, "host"), host))
    return dict(hosts.values())


def _uncovered(path: Path, host: str, covered: Mapping[str, str]) -> Iterator[Remark]:
    wildcard = f"*.{host.lower().partition('.')[2]}"
    if host and (host.lower() in covered or wildcard in covered):
        return
    listed = ", ".join(sorted(covered.values())[:3])
    if is_placeholder(host) or any(map(is_placeholder, covered.values())):
        message = f"files do not show whether {listed} covers {host or 'any host'}"
        yield unverified(path, message)
    elif not host:
        message = f"the rule has no host and holds for any; the tls section covers only {listed}"
        yield Remark(path, message)
    else:
        yield Remark(path, f"the host {host} is covered by no entry of spec.tls ({listed})")
