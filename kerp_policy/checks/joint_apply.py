"""Joint checks of the values that `kubectl apply` puts into a cluster: placeholders, images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from kerp_policy.checks.joint_rollouts import unknown
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import Candidate
from kerp_policy.estate.pipelines import Apply, Undo
from kerp_policy.estate.placeholders import Unfilled
from kerp_policy.estate.rollouts import Passed, Reset, Rollouts
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import Judged, Place, Related, Remark, Verdict
from kerp_policy.wording import listed

_SHOWN = 20
"""Places that a finding shows at most."""


def placeholders(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What is applied has its values; kubectl sends the text of a file as it stands.

    Source: the manual of `kubectl apply`, which knows no variables; envsubst, sed, yq, Kustomize
    and Helm put values in before.
    """
    passed: dict[int, dict[str, list[Passed]]] = {}
    for each in dict.fromkeys(estate.made(Rollouts).passed):
        by_file = passed.setdefault(id(each.apply), {})
        by_file.setdefault(each.value.file, []).append(each)
    for apply in estate.all(Apply):
        files = passed.get(id(apply), {})
        found = (_unfilled(apply, file, values) for file, values in files.items())
        yield Judged(apply, tuple(chain.from_iterable(found)))


def _unfilled(apply: Apply, file: str, passed: Sequence[Passed]) -> Iterator[Remark]:
    plain = [each.value for each in passed if each.filler is None and each.value.sure]
    if plain:
        yield _remark(apply, file, plain, "which nothing fills in", Verdict.FAIL)
    perhaps = [each for each in passed if each.filler and not each.filler.sure]
    if perhaps:
        by = sorted({each.filler.by for each in perhaps if each.filler})
        why = f"which {listed(by)} may fill in"
        yield _remark(apply, file, [each.value for each in perhaps], why, Verdict.UNVERIFIED)
    unsure = [each.value for each in passed if each.filler is None and not each.value.sure]
    if unsure:
        why = "which nothing fills in, unless what reads them does"
        yield _remark(apply, file, unsure, why, Verdict.UNVERIFIED)


def _remark(
    apply: Apply, file: str, values: Sequence[Unfilled], why: str, verdict: Verdict
) -> Remark:
    names = list(dict.fromkeys(f"${{{name}}}" for value in values for name in value.names))
    shown = [*names[:5], *([f"{len(names) - 5} more"] if len(names) > 5 else [])]
    return Remark(
        Place(apply.place.span, _applied_address(apply, file)),
        f"{file} is applied with {listed(shown)}, {why}",
        verdict,
        subject="" if verdict is Verdict.FAIL else why,
        related=tuple(_places(values)),
        settled_by=f"file/{file}: filled in" if verdict is Verdict.UNVERIFIED else "",
    )


def _places(values: Iterable[Unfilled]) -> Iterator[Related]:
    for value in list(values)[:_SHOWN]:
        names = listed([f"${{{name}}}" for name in value.names])
        yield Related(value.file, value.place, f"{value.thing} holds {names}")


def _applied_address(apply: Apply, file: str) -> str:
    """The address of a file that a command applies, which outlives edits of either."""
    return f"{apply.place.address}:{file}"


def one_rollout(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A deployment is one rollout: the image that is to run is in what is applied.

    Else each apply goes back to the image of the manifest before another one is set, and
    `kubectl rollout undo` leads there (Kubernetes documentation, "Deployments", rolling back).
    """
    for reset in estate.made(Rollouts).resets:
        remark = Remark(
            reset.set.place,
            f"each deployment first rolls out {reset.container.image} from the manifest, which is"
            f" applied before; expected the image in the manifest when it is applied",
            Verdict.FAIL if reset.set.always and reset.apply.always else Verdict.UNVERIFIED,
            subject=reset.container.name,
            related=(_applied(reset), _image(reset)),
            consequence_of=("applied-placeholders",),
        )
        yield Judged(reset.set, (remark,))


def _applied(reset: Reset) -> Related:
    apply, file = reset.apply, reset.workload.file
    place = Place(apply.place.span, _applied_address(apply, file))
    return Related(apply.file, place, "the manifest is applied here")


def _image(reset: Reset) -> Related:
    place = reset.container.places["image"]
    return Related(reset.workload.file, place, "with this image")


def undo(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A rollback leads to a revision that can run.

    Where a manifest with an unfilled image is applied and the image is set after that, the
    revision before the current one is the one that cannot be pulled.
    """
    broken: dict[tuple[str, str], list[Reset]] = {}
    for reset in estate.made(Rollouts).resets:
        if reset.broken:
            broken.setdefault(reset.workload.kind_and_name, []).append(reset)
    for action in estate.all(Undo):
        if meant := estate.made(Rollouts).meant(action):
            own = broken.get((action.kind, action.name or ""), ())
            yield Judged(action, tuple(_undone(action, meant, own)))
        else:
            yield Judged(action, (unknown(estate, action, "which kubectl rollout undo undoes"),))


def _undone(
    action: Undo, meant: Sequence[Candidate[Workload]], broken: Sequence[Reset]
) -> Iterator[Remark]:
    """What the undo goes back to, as far as it is broken; all that it may mean decides."""
    by_spot = {_spot(reset.workload): reset for reset in broken}
    found = [by_spot[_spot(workload)] for workload, _ in meant if _spot(workload) in by_spot]
    if not found:
        return
    always = all(each.set.always and each.apply.always for each in found)
    sure = always and len(found) == len(meant) and any(is_meant for _, is_meant in meant)
    reset = found[0]
    yield Remark(
        action.place,
        f"kubectl rollout undo goes back to {reset.container.image}, which cannot be pulled: each"
        f" deployment applies that before it sets the image of {reset.workload.kind}"
        f" {reset.workload.name}",
        Verdict.FAIL if sure else Verdict.UNVERIFIED,
        related=(_applied(reset), _image(reset)),
    )


def _spot(workload: Workload) -> tuple[str, Place]:
    return workload.file, workload.place
