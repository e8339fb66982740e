"""What Dockerfiles no longer offer: ports, stages, themselves."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.review.delta import Delta, End
from kerp_policy.review.model import Entry
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.sources.source import START


def of_images(delta: Delta) -> Iterator[Entry]:
    """What builds and containers can no longer rely on."""
    before, after = _offers(delta.base), _offers(delta.head)
    for file, offered in before.items():
        if file not in delta.head.files:
            note = _("a build that names it fails")
            place = Place(START, file)
            yield Entry("removed", f"Dockerfile {file}", "", None, None, file, place, note=note)
            continue
        for (what, note), place in offered.items():
            if file in after and (what, note) not in after[file]:
                holder = f"Dockerfile {file}"
                yield Entry("removed", holder, what, None, None, file, place, note=note)


def _offers(end: End) -> dict[str, dict[tuple[str, str], Place]]:
    found: dict[str, dict[tuple[str, str], Place]] = {}
    for view in end.views("image"):
        subject: DockerfileSubject = view.subject
        found[subject.file] = dict(_offered(subject))
    return found


def _offered(subject: DockerfileSubject) -> Iterator[tuple[tuple[str, str], Place]]:
    for stage in subject.graph.stages:
        if stage.name:
            note = _("a build with --target of that name fails")
            yield (
                (_("stage {name}").format(name=stage.name), note),
                subject.place(stage.instruction),
            )
    exposed = subject.stage.state.exposed if subject.stage else []
    for setting in exposed:
        if setting.value.text:
            place = subject.place(setting.instruction, setting.span)
            yield (f"EXPOSE {setting.value.text}", _("the image names the port no longer")), place
