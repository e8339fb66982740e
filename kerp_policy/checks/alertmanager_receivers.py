"""Checks of receivers: what they send, and whether anything reaches them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.alertmanager.fields import integrations, leaves
from kerp_policy.artifacts.alertmanager.routing import Route
from kerp_policy.artifacts.go_dialects import RECEIVERS
from kerp_policy.artifacts.go_templates import template_error
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.regex import regex
from kerp_policy.scopes.alertmanager import Alertmanager
from kerp_policy.views import View
from kerp_policy.wording import clipped, shown

_COMMON = regex(r"\.Common(Annotations|Labels)\.([A-Za-z_][A-Za-z0-9_]*)")
_GUARDED = regex(r"\{\{-?\s*(?:else\s+)?(?:if|with|or|and)\b|\.Alerts|\{\{-?\s*template\b")
_EATEN = regex(r":[ \t]+(#[^\s#]\S*)")
_NO_TEMPLATES = frozenset(("secret", "secret_url", "url", "plain_url", "file", "host_port"))
_PLAIN_PARTS = frozenset(("name", "labels", "http_config", "tls_config", "sigv4"))
"""What Alertmanager does not fill in."""
# On purpose without an integration: alerts are to be dropped.
_DROPS = regex(r"null|none|noop|dev-?null|black-?hole|drop|discard|ignore|silent|nowhere", re.I)


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
    routes = _routes_to(view)
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
    if found.routes and name and not _routes_to(view):
        yield Remark(("name",), f"no route names the receiver {shown(name)}")


def _routes_to(view: View) -> list[Route]:
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


def blank_templates(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What a template takes from all alerts of a group is the same in all of them."""
    routes = _routes_to(view)
    for path, text in _texts(view):
        if _GUARDED.search(text):
            continue
        for kind, name in dict.fromkeys(_COMMON.findall(text)):
            if any(_grouped(view, route) and not _shared(route, kind, name) for route in routes):
                message = (
                    f".Common{kind}.{name} is blank as soon as two alerts of a group differ in it"
                )
                yield Remark(path, message, subject=name)


def _grouped(view: View, route: Route) -> bool:
    """Whether it is known what alerts are grouped by: an AlertmanagerConfig may inherit it."""
    return view.facts["form"] != "AlertmanagerConfig" or bool(route.effective.get("group_by"))


def _shared(route: Route, kind: str, name: str) -> bool:
    """Whether all alerts of a group have the same value of a label or annotation."""
    labels = route.effective.get("group_by") or []
    if "..." in labels:
        return True
    fixed = {matcher.name for matcher in route.chain if matcher.op == "="}
    return kind == "Labels" and name in {*labels, *fixed}


def _texts(view: View) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for integration in integrations(view.data):
        for key, value in integration.fields.items():
            if isinstance(value, str):
                yield (*integration.path, key), value


def templates(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every text that is a template can be read as one, and names what a notification holds."""
    for leaf in leaves(view.data, "receiver"):
        is_text = isinstance(leaf.value, str) and leaf.type not in _NO_TEMPLATES
        if not is_text or "{{" not in leaf.value or _PLAIN_PARTS.intersection(leaf.path):
            continue
        if error := template_error(leaf.value, RECEIVERS):
            message = f"the template in {leaf.path[-1]}: {error.message}"
            if error.certain:
                yield Remark(leaf.path, message)
            else:
                yield unverified(leaf.path, f"{message}, unless a newer Alertmanager has it")


def constant_titles(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A title tells a resolved alert from a firing one."""
    for integration in integrations(view.data):
        title = integration.fields.get("title")
        if not title or "{{" in title or not integration.sends_resolved:
            continue
        message = f'the title "{clipped(title, 40)}" is the same for firing and resolved alerts'
        yield Remark((*integration.path, "title"), message)
