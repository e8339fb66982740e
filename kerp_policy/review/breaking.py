"""Question: does anything break that others rely on?

What the API server does not let change: Kubernetes API reference, and its documentation of
Deployments ("Label selector updates"), StatefulSets, Jobs, ConfigMaps and Secrets ("Immutable"),
role bindings. What `kubectl apply` does not delete: its manual, `--prune`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import ngettext, noted
from kerp_policy.review.delta import Delta, Pair, Thing
from kerp_policy.review.environment import Settings
from kerp_policy.review.images import of_images
from kerp_policy.review.inputs import of_workflows
from kerp_policy.review.leaves import Difference, Steps, differences
from kerp_policy.review.model import Answer, Entry
from kerp_policy.review.running import (
    Part,
    format_steps,
    of_container,
    part_of,
    parts_of,
    place_of,
)
from kerp_policy.review.values import shown
from kerp_policy.review.wording import unread_first
from kerp_policy.views import lookup

_IMMUTABLE: dict[str, tuple[Steps, ...]] = {
    "Deployment": (("spec", "selector"),),
    "DaemonSet": (("spec", "selector"),),
    "ReplicaSet": (("spec", "selector"),),
    "StatefulSet": (
        ("spec", "selector"),
        ("spec", "serviceName"),
        ("spec", "podManagementPolicy"),
        ("spec", "volumeClaimTemplates"),
    ),
    "Job": (("spec", "selector"), ("spec", "template")),
    "Service": (("spec", "clusterIP"),),
    "Secret": (("type",),),
    "RoleBinding": (("roleRef",),),
    "ClusterRoleBinding": (("roleRef",),),
    "PersistentVolumeClaim": (("spec", "storageClassName"), ("spec", "accessModes")),
}
"""By kind, the fields that an object keeps for as long as it lives."""
_REFUSED = noted("the API server refuses this; the object must be deleted and made anew")
_GONE = noted(
    "what relies on it finds nothing; kubectl apply without --prune leaves it in the cluster"
)


def breaking(delta: Delta, settings: Settings) -> Answer:
    """What others rely on and find changed or gone."""
    of_objects = (entry for pair in delta.pairs for entry in _of_object(pair))
    entries = (
        *of_objects,
        *settings.gone,
        *of_images(delta),
        *of_workflows(delta),
    )
    says = ngettext(
        "{count} thing others may rely on", "{count} things others may rely on", len(entries)
    ).format(count=len(entries))
    if not entries:
        says = _("nothing that others can rely on went away or changed its name")
    return unread_first(delta, Answer("breaking", _("Breaking changes"), True, says, entries))


def _of_object(pair: Pair) -> Iterator[Entry]:
    old, new = pair
    if old and new is None:
        place = old.object.place(("metadata", "name"))
        yield Entry("removed", old.name, "", None, None, old.file, place, note=_(_GONE))
    if old and new:
        found = differences(old.object, new.object)
        yield from _version(old, new)
        yield from _fixed(old, new, found)
        yield from _ports(old, new, found)
        yield from _routes(old, new)
        yield from _service(old, new, found)


def _version(old: Thing, new: Thing) -> Iterator[Entry]:
    """Within one API group; another group is another kind of object."""
    if old.object.api_version != new.object.api_version:
        yield _entry(old, new, ("apiVersion",), _("the cluster must serve it"))


def _entry(old: Thing, new: Thing, path: tuple[str, ...], note: str) -> Entry:
    was, now = (lookup(thing.object.data, path) for thing in (old, new))
    place, what = new.object.place(path), format_steps(path)
    texts = (shown(path[-1], was), shown(path[-1], now))
    return Entry("changed", new.name, what, *texts, new.file, place, note=note)


def _fixed(old: Thing, new: Thing, found: list[Difference]) -> Iterator[Entry]:
    for fixed in _fixed_fields(old.object):
        within = [each for each in found if each.steps[: len(fixed)] == fixed]
        if within:
            first = within[0]
            was, now = (
                ", ".join(_one(each.steps, leaf.value) for each, leaf in ends if leaf) or None
                for ends in ([(e, e.old) for e in within], [(e, e.new) for e in within])
            )
            place, file = place_of(old, new, first), new.file if first.new else old.file
            what = format_steps(fixed)
            yield Entry("changed", new.name, what, was, now, file, place, note=_(_REFUSED))


def _one(steps: Steps, value: object) -> str:
    return f"{steps[-1].strip('[]')} {shown(steps[-1], value)}"


def _fixed_fields(own: KubernetesObject) -> tuple[Steps, ...]:
    fixed = _IMMUTABLE.get(own.kind, ())
    if own.data.get("immutable") is True and own.kind in ("ConfigMap", "Secret"):
        fixed = (*fixed, ("data",), ("stringData",), ("binaryData",), ("immutable",))
    return fixed


def _ports(old: Thing, new: Thing, found: list[Difference]) -> Iterator[Entry]:
    """Ports that went away, and names of ports, by which others may know them."""
    now, told = parts_of(new), set[Part]()
    for each in found:
        part = part_of(each.steps)
        if part is None or not part.name.startswith("ports ") or each.old is None:
            continue
        if part not in now and part not in told:
            told.add(part)
            note, place = _("who connects to it is refused"), old.object.place(each.old.path)
            holder = of_container(new, part)
            yield Entry("removed", holder, part.name, None, None, old.file, place, note=note)
        elif part in now and each.steps[-1] == "name":
            yield _renamed(old, new, part, each)


def _renamed(old: Thing, new: Thing, part: Part, each: Difference) -> Entry:
    was, now = (shown("name", leaf.value) if leaf else None for leaf in (each.old, each.new))
    place, file = place_of(old, new, each), new.file if each.new else old.file
    note, what = _("who asks for the port by its old name finds none"), f"{part.name} name"
    return Entry("changed", of_container(new, part), what, was, now, file, place, note=note)


def _service(old: Thing, new: Thing, found: list[Difference]) -> Iterator[Entry]:
    if new.object.group or new.object.kind != "Service":
        return
    if any(each.steps[:2] == ("spec", "selector") for each in found):
        was, now = (
            ", ".join(f"{k}={v}" for k, v in as_dict(lookup(t.object.data, _SELECTOR)).items())
            for t in (old, new)
        )
        place, note = new.object.place(_SELECTOR), _("it leads to other pods")
        yield Entry("changed", new.name, "spec.selector", was, now, new.file, place, note=note)
    if any(each.steps == ("spec", "type") for each in found):
        yield _entry(old, new, ("spec", "type"), _("it is reached in another way"))


_SELECTOR = ("spec", "selector")


def _routes(old: Thing, new: Thing) -> Iterator[Entry]:
    """The hosts and paths of an Ingress that are answered no longer."""
    if old.object.kind != "Ingress":
        return
    now = dict(_answered(new.object))
    for (host, path), where in _answered(old.object):
        if (host, path) not in now:
            what, note = f"{host}{path}", _("it is answered no longer")
            place = old.object.place(where)
            yield Entry("removed", new.name, what, None, None, old.file, place, note=note)


def _answered(own: KubernetesObject) -> Iterator[tuple[tuple[str, str], tuple[str | int, ...]]]:
    for i, rule in enumerate(map(as_dict, as_list(lookup(own.data, ("spec", "rules"))))):
        host = str(rule.get("host") or "*")
        for j, path in enumerate(map(as_dict, as_list(lookup(rule, ("http", "paths"))))):
            where = ("spec", "rules", i, "http", "paths", j)
            yield (host, str(path.get("path") or "/")), where
