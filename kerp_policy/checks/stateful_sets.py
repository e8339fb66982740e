"""Joint check of StatefulSets: that their pods have names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import answer, named, shown
from kerp_policy.estate.services import Governed, Service
from kerp_policy.findings import Judged, Related, Remark, unverified
from kerp_policy.kubernetes.labels import selects
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import filled_in, listed, undeclared


def governing(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A StatefulSet names a headless Service that selects its pods.

    Only by such a one each pod has a name of its own in DNS ("StatefulSets", stable network ID).
    """
    for governed in estate.all(Governed):
        yield Judged(governed, tuple(_governing(estate, governed)))


def _governing(estate: Estate, governed: Governed) -> Iterator[Remark]:
    name, title = governed.service, f"StatefulSet {governed.name}"
    if not name:
        message = f"spec.serviceName of {title} is not set, so its pods have no names in DNS"
        yield Remark(governed.place, f"{message}; expected a headless Service")
        return
    if is_placeholder(name):
        yield unverified(governed.place, filled_in("spec.serviceName", name))
        return
    meant = named(estate, Service, _name_of, name, governed)
    if not meant:
        asked = f"Service/{governed.namespace or '-'}/{name}"
        message = undeclared(f"Service {name}", f"which {title} names")
        yield unverified(governed.place, message, settled_by=asked)
        return
    said = answer((sure, _governs(service, governed)) for service, sure in meant)
    if said is None:
        message = f"files do not show whether Service {name} is headless and selects the pods"
        yield unverified(governed.place, f"{message} of {title}")
    elif not said:
        yield _no_names(shown(meant)[0], governed)


def _name_of(service: Service) -> str:
    return service.name


def _governs(service: Service, governed: Governed) -> bool | None:
    said = (service.is_headless, selects({"matchLabels": service.selector or {}}, governed.labels))
    return False if False in said else None if None in said else True


def _no_names(service: Service, governed: Governed) -> Remark:
    title = f"Service {service.name}"
    if service.is_headless is False:
        message, expected = f"{title} is not headless", "one without an address of its own"
        told = f"{title} has an address of its own"
    else:
        message = f"{title} does not select the pods of StatefulSet {governed.name}"
        told, expected = f"{title} selects {_labels(service.selector)}", _labels(governed.labels)
    message = f"{message}, so the pods have no names in DNS; expected {expected}"
    related = (Related(service.file, service.place, told),)
    return Remark(governed.place, message, related=related)


def _labels(labels: Mapping[str, Any] | None) -> str:
    named = [f"{key}={value}" for key, value in list((labels or {}).items())[:4]]
    return listed(named) if named else "nothing"
