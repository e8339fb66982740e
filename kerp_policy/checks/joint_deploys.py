"""Joint checks of what is deployed: is it what was built, what the manifests say, and all of it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.checks.joint_rollouts import unknown
from kerp_policy.estate.builds import Build
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.image_names import deployed_repository, tail
from kerp_policy.estate.joins import Candidate, shown
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.pipelines import Apply, Push, Reach, SetImage
from kerp_policy.estate.rollouts import Rollouts
from kerp_policy.estate.units import Units
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import (
    NOT_APPLICABLE,
    Judged,
    Place,
    Related,
    Remark,
    Verdict,
    unverified,
)
from kerp_policy.wording import listed

_SHOWN = 5


def container(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """`kubectl set image` names a container that the workload has; it refuses any other."""
    for change in estate.all(SetImage):
        if found := estate.made(Rollouts).meant(change):
            yield Judged(change, tuple(_has_container(change, found, estate)))
        else:
            yield Judged(change, (unknown(estate, change, "whose image kubectl set image sets"),))


def _namespaces(estate: Estate) -> set[str]:
    return {each.namespace for each in estate.all(Declared) if each.namespace and not each.made_by}


def _has_container(
    change: SetImage, found: Sequence[Candidate[Workload]], estate: Estate
) -> Iterator[Remark]:
    if change.container == "*" or "$" in change.container:
        return
    names = {each.name for workload, _ in found for each in workload.containers}
    if change.container in names:
        return
    overlaid = any(workload.file in estate.kustomize.overrides for workload, _ in found)
    meant = any(sure for _, sure in found)
    thing = found[0][0]
    yield Remark(
        change.place,
        f"{thing.kind} {thing.name} has no container {change.container}; it has"
        f" {listed(sorted(names)[:_SHOWN])}",
        Verdict.FAIL if meant and not overlaid else Verdict.UNVERIFIED,
        subject=change.container,
        related=tuple(
            Related(each.file, each.place, f"{each.kind} {each.name} is declared here")
            for each in shown(found)
        ),
    )


def image(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What is deployed is of the repository that the manifest names and that a job pushes."""
    pushes = {name: push for push in estate.all(Push) for name in _pushed(estate, push)}
    pushed = _by_last(pushes)
    for change in estate.all(SetImage):
        name = deployed_repository(change.image)
        if not name:
            yield Judged(change, (NOT_APPLICABLE,))
            continue
        remarks = list(_as_in_manifest(estate, change, name, pushes.get(name)))
        if pushed and not _is_among(name, pushed):
            message = f"no job of the project pushes {name}"
            asked = f"image/{_short(name)}: built"
            remarks.append(unverified(change.place, message, settled_by=asked))
        yield Judged(change, tuple(remarks))


def _as_in_manifest(
    estate: Estate, change: SetImage, name: str, push: Push | None
) -> Iterator[Remark]:
    found = estate.made(Rollouts).meant(change)
    named = [(w, c) for w, _ in found for c in w.containers if c.name == change.container]
    written = {deployed_repository(each.image or "") for _, each in named}
    overlaid = any(workload.file in estate.kustomize.overrides for workload, _ in named)
    if not named or overlaid or not all(each and _differ(name, each) for each in written):
        return
    yield Remark(
        change.place,
        f"{name} is deployed, and the manifest names {listed(sorted(written)[:_SHOWN])}; expected"
        f" one repository",
        Verdict.FAIL if any(sure for _, sure in found) else Verdict.UNVERIFIED,
        subject=change.container,
        related=(
            *(_manifest(workload, each) for workload, each in named[:_SHOWN]),
            *([Related(push.file, push.place, f"{name} is pushed here")] if push else ()),
        ),
    )


def _manifest(workload: Workload, each: Container) -> Related:
    return Related(workload.file, each.places["image"], f"the manifest names {each.image}")


def _differ(one: str, other: str) -> bool:
    """Whether two repositories differ, whatever the variables in them stand for."""
    if "$" not in one + other:
        return one != other
    last = (_last(one), _last(other))
    return "$" not in "".join(last) and last[0] != last[1]


def _last(name: str) -> str:
    """What comes behind the last slash that is outside of an expression."""
    return (name.rpartition("}}")[2] or name).rpartition("/")[2]


def _short(name: str) -> str:
    """A repository's name without its registry, for a person to write down."""
    return tail(name) or _last(name)


def _pushed(estate: Estate, push: Push) -> Iterable[str]:
    """The repositories that a push names, or the build of the same step."""
    if push.image:
        name = deployed_repository(push.image)
        return [name] if name else []
    builds = estate.by(Build, _where).get((push.file, push.place.address), ())
    return sorted({name for build in builds for name in build.names})


def _where(build: Build) -> tuple[str, str]:
    return build.file, build.place.address


def _by_last(names: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in names:
        last = _last(name)
        found.setdefault("" if "$" in last else last, set()).add(name)
    return found


def _is_among(name: str, names: Mapping[str, set[str]]) -> bool:
    """Whether a repository may be one of these; those whose last part is open may be any."""
    if "" in names or "$" in _last(name):
        return True
    return any(not _differ(name, other) for other in names.get(_last(name), ()))


def undeployed(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What is pushed is deployed by some manifest or job of the project."""
    written = [c.image for w in estate.all(Workload) for c in w.containers if c.image]
    written += [change.image for change in estate.all(SetImage)]
    deployed = _by_last(filter(None, (deployed_repository(text) for text in written)))
    for push in estate.all(Push):
        names = list(_pushed(estate, push))
        if not names or not deployed or any(_is_among(name, deployed) for name in names):
            yield Judged(push, () if names and deployed else (NOT_APPLICABLE,))
            continue
        message = f"{names[0]} is pushed, and nothing in the project deploys it"
        asked = f"image/{_short(names[0])}: deployed"
        yield Judged(push, (unverified(push.place, message, settled_by=asked),))


def unapplied(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What belongs to a namespace into which the project deploys is applied by some command.

    What a kustomization takes in counts as applied, whoever applies the kustomization.
    """
    files = {file for unit in estate.made(Units).all for file in unit.files}
    into = _deployed_into(estate)
    told = set()
    for each in estate.all(Declared):
        if each.file in told or each.made_by or each.namespace not in into:
            continue
        told.add(each.file)
        if each.file in files:
            yield Judged(each, ())
        else:
            yield Judged(each, (_unapplied(each, into[each.namespace]),))


def _unapplied(each: Declared, by: tuple[str, Place]) -> Remark:
    message = f"no command in the project applies {each.file}, so {each.kind} {each.name}"
    related = Related(*by, f"this deploys into {each.namespace}, without it")
    return Remark(
        each.place,
        f"{message} reaches {each.namespace} only if something else applies it",
        Verdict.UNVERIFIED,
        related=(related,),
        settled_by=f"file/{each.file}: applied",
    )


_INITIAL = ("default", "kube-system", "kube-public", "kube-node-lease")
"""What every cluster has ("Namespaces", Initial namespaces)."""


def _deployed_into(estate: Estate) -> dict[str | None, tuple[str, Place]]:
    """The namespaces that files are applied to, each with the place of a command that does so.

    Those that every cluster begins with are nobody's own, so what else is there tells nothing.
    """
    by_file: dict[str, tuple[str, Place]] = {}
    for unit in estate.made(Units).all:
        if applied := unit.applied:
            by_file.update((file, applied) for file in unit.files if file not in by_file)
    into: dict[str | None, tuple[str, Place]] = {}
    for each in estate.all(Declared):
        if each.namespace and each.namespace not in _INITIAL and each.file in by_file:
            into.setdefault(each.namespace, by_file[each.file])
    return into


def namespace(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A namespace into which jobs deploy has manifests in the project."""
    known = _namespaces(estate) | set(_INITIAL)
    known |= {each.name for each in estate.all(Declared) if each.kind == "Namespace"}
    known |= {
        apply.namespace
        for apply in estate.all(Apply)
        if apply.namespace and estate.made(Units).applied(apply)
    }
    told = set()
    for reach in estate.all(Reach):
        if (reach.file, reach.namespace) not in told:
            told.add((reach.file, reach.namespace))
            remarks = () if reach.namespace in known else (_unknown(reach),)
            yield Judged(reach, remarks)


def _unknown(reach: Reach) -> Remark:
    message = f"{reach.what} deploys into {reach.namespace}, for which the project has no manifest"
    asked = f"Namespace/-/{reach.namespace}"
    remark = unverified(reach.place, message, settled_by=asked)
    return replace(remark, subject=reach.namespace)
