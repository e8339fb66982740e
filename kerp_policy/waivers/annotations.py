"""Waivers in annotations, for manifests whose comments do not survive.

`kerp-policy.io/allow.run-as-uid: until=2027-03-31 reason="vendor image"` on an object covers the
object, on a pod template what the template says.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup
from kerp_policy.waivers.grammar import Wrong, parse
from kerp_policy.waivers.model import Mistake, Waiver

PREFIX = "kerp-policy.io/allow."


def waivers_of(view: View) -> Iterator[Waiver | Mistake]:
    """The waivers in the annotations of an object, and of the pods that it makes."""
    thing: KubernetesObject = view.subject
    template = thing.pod_path or ()
    for base in dict.fromkeys(((), template)):
        path: Path = (*base, "metadata", "annotations")
        for key, value in as_dict(lookup(thing.data, path)).items():
            if key.startswith(PREFIX):
                covered = thing.place(base).address
                where = thing.place((*path, key))
                yield from _read(view.facts["file"], where, key, value, covered)


def _read(
    file: str, place: Place, key: str, value: object, covered: str
) -> Iterator[Waiver | Mistake]:
    span: Span = place.span
    named = Place(span, f"{file}#waiver")
    for said in parse(f"allow {key.removeprefix(PREFIX)} {value}", span.line, span.column):
        if isinstance(said, Wrong):
            yield Mistake(named, said.message)
        else:
            waived = replace(said, span=span)
            yield Waiver(waived, file, named, "annotation", address=covered)
