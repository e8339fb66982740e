"""Question: where does a rollback lead, and can that run?

`kubectl rollout undo` brings back the pod template of the revision before and nothing else
(Kubernetes documentation, "Rolling Back a Deployment").
"""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.pods import pod_of
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.pipelines import Undo
from kerp_policy.estate.rollouts import Rollouts
from kerp_policy.i18n import gettext as _
from kerp_policy.kubernetes.images import ImageError, parse_image, pin_level
from kerp_policy.review.delta import Delta, Thing
from kerp_policy.review.leaves import differences
from kerp_policy.review.model import Answer, Entry
from kerp_policy.review.running import in_container
from kerp_policy.review.values import shown
from kerp_policy.secrets import is_placeholder

_ROLLED_OUT = ("Deployment", "StatefulSet", "DaemonSet")
_NOT_UNDONE = ("ConfigMap", "Secret", "Service", "Ingress", "HorizontalPodAutoscaler")


def rollback(delta: Delta, base: str) -> Answer:
    """The images that a rollback of each changed workload leads to, and what undoes it.

    Args:
        delta: the change.
        base: what the older end is called.
    """
    rolled = [old for old, new in delta.pairs if old and new and _is_rolled_out(old, new)]
    images = [entry for thing in rolled for entry in _images(thing)]
    undos = [entry for thing in rolled for entry in _undos(delta, thing)]
    entries = (*images, *undos, *_left(delta))
    open_ = [entry for entry in (*images, *undos) if entry.note]
    says = _("a rollback leads to {base}")
    if not rolled:
        says = _("a rollback leads to {base}; no workload that was there is rolled out anew")
    elif not undos:
        says = _(
            "a rollback leads to {base}; no workflow or script here undoes a rollout of what"
            " changes"
        )
    elif open_:
        says = _("a rollback leads to {base}; whether that runs, files do not show, or it does not")
    answered = bool(not rolled or (undos and not open_))
    return Answer("rollback", _("Rollback"), answered, says.format(base=base), entries)


def _is_rolled_out(old: Thing, new: Thing) -> bool:
    """Whether the pods are replaced: only a change of their template does that."""
    path = old.object.pod_path
    if old.object.kind not in _ROLLED_OUT or path is None:
        return False
    return any(each.steps[: len(path)] == path for each in differences(old.object, new.object))


def _images(thing: Thing) -> Iterator[Entry]:
    pod = pod_of(thing.object)
    for container in pod.containers if pod else ():
        image = str(container.data.get("image") or "")
        holder = in_container(thing, container.name)
        place = thing.object.place(container.path(("image",)))
        told = shown("image", image)
        yield Entry("told", holder, "image", told, None, thing.file, place, note=_doubt(image))


def _doubt(image: str) -> str:
    """Why an image may not run, or not be what it was; empty for one that is pinned."""
    if is_placeholder(image):
        return _("the manifest does not say which image that was; the cluster's own history does")
    try:
        level = pin_level(parse_image(image))
    except ImageError:
        return _("it is no image reference")
    if level in ("version", "digest"):
        return ""
    return _("its tag moves, so it may be another one now")


def _undos(delta: Delta, thing: Thing) -> Iterator[Entry]:
    """The commands that undo a rollout of a workload, and whether they lead to what cannot run."""
    broken = [
        reset
        for reset in delta.head.estate.made(Rollouts).resets
        if reset.broken and reset.workload.kind_and_name == (thing.object.kind, thing.object.name)
    ]
    for undo in delta.head.estate.all(Undo):
        same = same_namespace(undo.namespace, thing.object.namespace)
        if (undo.kind, undo.name) == (thing.object.kind, thing.object.name) and same is not False:
            note = _back_to(broken[0].container.image) if broken else ""
            what = "kubectl rollout undo"
            yield Entry("told", thing.name, what, None, None, undo.file, undo.place, note=note)


def _back_to(image: str | None) -> str:
    """What is wrong with an image that each deployment applies before it sets another."""
    note = _(
        "it goes back to `{image}`, which cannot be pulled: each deployment applies that before it"
        " sets the image"
    )
    return note.format(image=shown("image", image))


def _left(delta: Delta) -> Iterator[Entry]:
    """What differs and no rollout undo brings back."""
    for old, new in delta.pairs:
        thing = new or old
        if thing and thing.object.kind in _NOT_UNDONE and _differ(old, new):
            place = thing.object.place(("metadata", "name"))
            note = _("kubectl rollout undo does not bring its old state back")
            yield Entry("told", thing.name, "", None, None, thing.file, place, note=note)


def _differ(old: Thing | None, new: Thing | None) -> bool:
    return not (old and new) or bool(differences(old.object, new.object))
