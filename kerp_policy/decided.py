"""What of a remark is decided once overlays, and what the project answers for, are considered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from kerp_policy.estate.externals import is_settled
from kerp_policy.findings import Place, Remark, Verdict
from kerp_policy.scopes.context import Context


def decided(
    path: str,
    context: Context,
    remarks: Iterable[Remark],
    place: Callable[[Remark], Place],
    image: str | None = None,
) -> list[Remark]:
    """Remarks as they stand once overlays and what the project answers for are considered.

    Args:
        path: the file that they are about.
        context: what its project knows.
        remarks: what a policy says.
        place: where a remark stands.
        image: the image of the container that they are about, where they are about one.
    """
    if path in context.kustomize.overrides:
        remarks = [_overlaid(path, context, remark, place(remark), image) for remark in remarks]
    if externals := context.profile.externals:
        remarks = [remark for remark in remarks if not is_settled(remark, externals)]
    return list(remarks)


def _overlaid(
    path: str, context: Context, remark: Remark, place: Place, image: str | None
) -> Remark:
    """What an overlay sets in a base is not decided in the base, nor what follows from it there."""
    if remark.verdict is not Verdict.FAIL:
        return remark
    there = (related.place.address for related in remark.related if related.file == path)
    overlays = (context.kustomize.overlay_of(path, a, image) for a in (place.address, *there))
    overlay = next(filter(None, overlays), None)
    if overlay is None:
        return remark
    message = f"{remark.message}, unless {overlay} sets it right, which changes this field"
    return replace(remark, verdict=Verdict.UNVERIFIED, message=message)
