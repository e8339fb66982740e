"""What workflows ask for: inputs that went away, or that must now be given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.workflow import Workflow
from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.review.delta import Delta, End
from kerp_policy.review.model import Entry, How
from kerp_policy.review.wording import in_workflow
from kerp_policy.views import lookup

_EVENTS = ("workflow_call", "workflow_dispatch")


class _Input(Struct, frozen=True):
    file: str
    place: Place
    is_needed: bool


def of_workflows(delta: Delta) -> Iterator[Entry]:
    """What those who start or call a workflow must do otherwise."""
    before, after = dict(_inputs(delta.base)), dict(_inputs(delta.head))
    there = {view.facts["file"] for view in delta.head.views("workflow")}
    for (file, name), each in before.items():
        if file in there and (file, name) not in after:
            note = _("who gives it is refused")
            holder = in_workflow(file)
            yield Entry("removed", holder, name, None, None, file, each.place, note=note)
    known = {view.facts["file"] for view in delta.base.views("workflow")}
    for (file, name), each in after.items():
        old = before.get((file, name))
        if file in known and each.is_needed and not (old and old.is_needed):
            note = _("who starts it must give this now")
            how: How = "changed" if old else "added"
            holder = in_workflow(file)
            yield Entry(how, holder, name, None, None, file, each.place, note=note)


def _inputs(end: End) -> Iterator[tuple[tuple[str, str], _Input]]:
    for view in end.views("workflow"):
        workflow: Workflow = view.subject
        for event in _EVENTS:
            for name, given in as_dict(lookup(workflow.data, ("on", event, "inputs"))).items():
                span = workflow.span(("on", event, "inputs", name))
                place = Place(span, f"{workflow.name}#on.{event}.inputs.{name}")
                needed = _is_needed(as_dict(given))
                told = _("input {name} of {event}").format(name=name, event=event)
                yield (workflow.name, told), _Input(workflow.name, place, needed)


def _is_needed(given: dict[str, Any]) -> bool:
    return given.get("required") is True and given.get("default") is None
