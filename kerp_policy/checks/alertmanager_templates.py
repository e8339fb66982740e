"""Checks of the templates of receivers, whose mistakes Alertmanager finds when it notifies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.alertmanager.fields import integrations, leaves
from kerp_policy.artifacts.alertmanager.routing import Route
from kerp_policy.artifacts.alertmanager.sending import CHOOSES
from kerp_policy.artifacts.go_dialects import RECEIVERS
from kerp_policy.artifacts.go_templates import template_error
from kerp_policy.checks.alertmanager_receivers import routes_to
from kerp_policy.findings import Remark, unverified
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.scopes.alertmanager import Alertmanager
from kerp_policy.views import View
from kerp_policy.wording import clipped, listed

_COMMON = regex(r"\.Common(Annotations|Labels)\.([A-Za-z_][A-Za-z0-9_]*)")
_GROUP_LABEL = regex(r"\.GroupLabels\.(?!(?:SortedPairs|Names|Values|Remove)\b)([A-Za-z_]\w*)")
_GROUP_BY = "Add the label to group_by, or go through the alerts for it."
_GUARDED = regex(r"\{\{-?\s*(?:else\s+)?(?:if|with|or|and)\b|\.Alerts|\{\{-?\s*template\b")
_RUN = regex(r"\{\{-?\s*template\s+[\"`]([^\"`]+)[\"`]")
_DEFINED = regex(r"\{\{-?\s*(?:define|block)\s+[\"`]([^\"`]+)[\"`]")
_NO_TEMPLATES = frozenset(("secret", "secret_url", "url", "plain_url", "file", "host_port"))
_PLAIN_PARTS = frozenset(("name", "labels", "http_config", "tls_config", "sigv4"))
"""What Alertmanager does not fill in."""


def blank(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What a template takes from all alerts of a group is there, and the same in all of them."""
    routes = [route for route in routes_to(view) if _is_grouped(view, route)]
    for path, text in _texts(view):
        if not CHOOSES.search(text):
            yield from _not_grouped_by(path, text, routes)
        if not _GUARDED.search(text):
            yield from _not_common(path, text, routes)


def _not_grouped_by(path: Path, text: str, routes: Sequence[Route]) -> Iterator[Remark]:
    for name in dict.fromkeys(_GROUP_LABEL.findall(text)):
        for labels in (route.group_by for route in routes):
            if not {name, "..."}.intersection(labels):
                by = f"by {listed(labels[:5])}" if labels else "by nothing"
                message = f".GroupLabels.{name} is always blank: alerts are grouped {by}"
                yield Remark(path, message, subject=name, help=_GROUP_BY)
                break


def _not_common(path: Path, text: str, routes: Sequence[Route]) -> Iterator[Remark]:
    for kind, name in dict.fromkeys(_COMMON.findall(text)):
        if not all(_shared(route, kind, name) for route in routes):
            message = f".Common{kind}.{name} is blank as soon as two alerts of a group differ in it"
            yield Remark(path, message, subject=name)


def _is_grouped(view: View, route: Route) -> bool:
    """Whether it is known what alerts are grouped by: an AlertmanagerConfig may inherit it."""
    return view.facts["form"] != "AlertmanagerConfig" or bool(route.effective.get("group_by"))


def _shared(route: Route, kind: str, name: str) -> bool:
    """Whether all alerts of a group have the same value of a label or annotation."""
    labels = route.group_by
    if "..." in labels:
        return True
    fixed = {matcher.name for matcher in route.chain if matcher.op == "="}
    return kind == "Labels" and name in {*labels, *fixed}


def _texts(view: View) -> Iterator[tuple[Path, str]]:
    for integration in integrations(view.data):
        for key, value in integration.fields.items():
            if isinstance(value, str):
                yield (*integration.path, key), value


def readable(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
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
        elif name := _undefined(view, leaf.value):
            message = f"nothing defines the template {clipped(name)}"
            yield Remark(leaf.path, f"{message}: the configuration names no file of templates")


def _undefined(view: View, text: str) -> str:
    """A template that a text runs and nothing defines; empty where a file may define it.

    Source: Alertmanager's documentation, "Notification template reference", and its default.tmpl,
    all of whose names have `__` in front or `default` in the middle.
    """
    found: Alertmanager = view.subject
    if view.facts["form"] == "AlertmanagerConfig" or found.configuration.data.get("templates"):
        return ""
    defined = _DEFINED.findall(text)
    names = (name for name in _RUN.findall(text) if name not in defined)
    return next((n for n in names if not n.startswith("__") and ".default" not in n), "")


def constant_title(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A title tells a resolved alert from a firing one."""
    for integration in integrations(view.data):
        title = integration.fields.get("title")
        if not title or "{{" in title or not integration.sends_resolved:
            continue
        message = f'the title "{clipped(title, 40)}" is the same for firing and resolved alerts'
        yield Remark((*integration.path, "title"), message)
