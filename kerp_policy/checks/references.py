"""Joint checks of what pods name: that it is declared, and has the key that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import (
    Candidate,
    answer,
    is_part_changed,
    kind_and_name,
    named,
    shown,
)
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.references import Reference
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, Verdict, unverified
from kerp_policy.parameters import one_of, some, takes
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import filled_in, listed, undeclared

_ALWAYS = {
    "ServiceAccount": ("default",),
    "ConfigMap": ("kube-root-ca.crt",),
    "PriorityClass": ("system-cluster-critical", "system-node-critical"),
}
"""What every namespace or cluster has by itself (Kubernetes documentation)."""
_TOKEN = regex(r".+-token-[bcdfghjklmnpqrstvwxz2456789]{5}")
"""The Secrets that Kubernetes made for service accounts until 1.24, as dumps of pods name them."""


@takes(
    kinds=some(
        one_of("ConfigMap", "Secret", "PersistentVolumeClaim", "PriorityClass", "ServiceAccount")
    )
)
def declared(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a pod names is declared in its namespace; once for each workload and name."""
    seen: set[tuple[str, str | None, str, str, str]] = set()
    for reference in estate.all(Reference):
        if reference.kind not in params["kinds"]:
            continue
        named_by = (reference.file, reference.namespace, reference.user, *reference.kind_and_name)
        if named_by not in seen:
            seen.add(named_by)
            yield Judged(reference, tuple(undeclared_by(estate, reference)))


def _meant(estate: Estate, reference: Reference) -> list[Candidate[Declared]]:
    return named(estate, Declared, kind_and_name, reference.kind_and_name, reference)


def undeclared_by(estate: Estate, reference: Reference) -> Iterator[Remark]:
    """What is wrong where nothing that a reference may mean is declared."""
    kind, name = reference.kind_and_name
    if name in _ALWAYS.get(kind, ()) or (kind == "Secret" and _TOKEN.fullmatch(name)):
        return
    if _meant(estate, reference):
        return
    if is_placeholder(name):
        yield unverified(reference.place, filled_in(f"the name of the {kind}", name))
        return
    asked = f"{kind}/{reference.namespace or '-'}/{name}"
    message = undeclared(f"{kind} {name}", f"which {reference.user} names")
    remark = unverified(reference.place, message, settled_by=asked)
    others = estate.by(Declared, kind_and_name).get((kind, name), ())
    yield replace(
        remark,
        related=tuple(
            Related(other.file, other.place, f"one of the namespace {other.namespace}")
            for other in others[:1]
        ),
    )


def keys(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A key that a pod asks of a ConfigMap or Secret is one that it has.

    The kubelet does not start a container without it, unless it is optional ("ConfigMaps",
    "Secrets"). Of keys that a controller fetches nothing is said.
    """
    for reference in estate.all(Reference):
        if reference.key is not None:
            yield Judged(reference, tuple(_missing_key(estate, reference)))


def _missing_key(estate: Estate, reference: Reference) -> Iterator[Remark]:
    meant = _meant(estate, reference)
    if not meant or any(thing.keys is None for thing, _ in meant):
        yield NOT_APPLICABLE  # that it is not declared `declared` tells
        return
    said = answer((sure, _has(estate, thing, reference.key or "")) for thing, sure in meant)
    if not said:
        yield _without_key(reference, meant, sure=said is False)


def _has(estate: Estate, thing: Declared, key: str) -> bool | None:
    keys = thing.keys or frozenset()
    if key in keys:
        return True
    parts = ("data", "stringData", "binaryData")
    changed = any(is_part_changed(estate, thing, part) for part in parts)
    return None if changed or any(map(is_placeholder, (key, *keys))) else False


def _without_key(
    reference: Reference, meant: Sequence[Candidate[Declared]], *, sure: bool
) -> Remark:
    what = f"{reference.kind} {reference.name}"
    message = f"{what} has no key {reference.key}, which {reference.user} asks for"
    if not sure:
        message = f"files do not show whether {what} has the key {reference.key}"
    related = tuple(
        Related(thing.file, thing.place, f"{thing.kind} {thing.name} has {_keys(thing)}")
        for thing in shown(meant)
    )
    place = reference.key_place or reference.place
    verdict = Verdict.FAIL if sure else Verdict.UNVERIFIED
    return Remark(place, message, verdict, subject=reference.key or "", related=related)


def _keys(thing: Declared) -> str:
    """The names of the keys, which are no secrets, a few of them."""
    names = sorted(thing.keys or ())
    more = [f"{len(names) - 5} more"] if len(names) > 6 else []
    return listed([*names[: 5 if more else 6], *more]) if names else "no key"
