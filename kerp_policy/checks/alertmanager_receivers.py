"""Checks of receivers: what they send, and whether anything reaches them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.alertmanager.fields import integrations
from kerp_policy.artifacts.alertmanager.routing import Route
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.alertmanager import Alertmanager
from kerp_policy.views import View
from kerp_policy.wording import shown

_EATEN = regex(r":[ \t]+(#[^\s#]\S*)")
# On purpose without an integration: alerts are to be dropped.
_DROPS = regex(
    r"null|none|noop|dev-?null|black-?hole|drop|discard|ignore|silent|nowhere|empty", re.I
)


def send_resolved(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every integration tells when an alert is over."""
    for integration in integrations(view.data):
        if integration.sends_resolved:
            continue
        given = integration.fields.get("send_resolved")
        said = (
            "is false"
            if given is False
            else f"is not set, which means false for {integration.kind}"
        )
        yield Remark((*integration.path, "send_resolved"), f"send_resolved {said}; expected true")


def has_integration(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A receiver that routes name notifies somebody, unless its name says that it drops alerts."""
    name = str(view.data.get("name") or "")
    routes = routes_to(view)
    if not routes or _DROPS.search(name):
        yield NOT_APPLICABLE
        return
    if not any(True for _ in integrations(view.data)):
        message = f"the receiver {shown(name)} has no integration, so its alerts reach nobody"
        yield Remark(("name",), message)


def used(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Some route names the receiver."""
    found: Alertmanager = view.subject
    name = view.data.get("name")
    if found.routes and name and not routes_to(view):
        yield Remark(("name",), f"no route names the receiver {shown(name)}")


def routes_to(view: View) -> list[Route]:
    """The routes that lead to the receiver."""
    found: Alertmanager = view.subject
    return found.routes_to.get(str(view.data.get("name")), [])


def eaten_values(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No value is taken for a comment because it begins with # and stands without quotes."""
    found: Alertmanager = view.subject
    for integration in integrations(view.data):
        for key, value in integration.fields.items():
            path = (*integration.path, key)
            if value is not None or view.facts["form"] == "AlertmanagerConfig":
                continue
            span = found.configuration.document.span(("receivers", view.facts["position"], *path))
            lines = found.configuration.lines
            line = lines[span.line - 1] if span.line <= len(lines) else ""
            eaten = _EATEN.search(line, span.column - 1) if key in line else None
            if eaten:
                message = (
                    f"{key} is empty: {eaten[1]} is a comment here, unless it stands in quotes"
                )
                yield Remark(path, message)
