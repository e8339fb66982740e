"""Checks of the credentials in a configuration of Alertmanager, and of the files for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from kerp_policy.artifacts.alertmanager.fields import Leaf, leaves
from kerp_policy.connections.hosts import Where, where
from kerp_policy.findings import Remark, unverified
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import find_tokens, is_reference
from kerp_policy.views import View
from kerp_policy.wording import clipped

_VARIABLE = regex(r"\$\{[A-Z_][A-Z0-9_]*(?::?[-=?+][^}]*)?\}")
_BARE = regex(r"\$[A-Z_][A-Z0-9_]{1,100}")
_NAME = regex(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_TEMPLATES = regex(r"\{\{.*?\}\}", re.DOTALL)
_MARK = "<secret>"


def literals(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No credential and no webhook URL stands in the configuration."""
    for leaf in leaves(view.data):
        if not isinstance(leaf.value, str) or _stands_for_another(leaf.value):
            continue
        if leaf.type == "webhook_url":
            yield from _webhook(leaf)
        elif reason := _secret(leaf):
            at = view.subject.beginning(leaf.path)
            name = next(step for step in reversed(leaf.path) if isinstance(step, str))
            yield Remark(at, f"{name} holds {reason}", help=_help(leaf))


def _stands_for_another(value: str) -> bool:
    """A reference, or a name that a script puts the value in place of (`…/API_URL_SECRET`).

    What has a token of a known form in it is none, whatever else it says (`user:…@a.example`).
    """
    if find_tokens(value):
        return False
    return is_reference(value) or any(map(_NAME.fullmatch, value.split("/")))


def _secret(leaf: Leaf) -> str | None:
    if leaf.type == "secret" or _is_secret_header(leaf.path):
        return "a credential"
    if leaf.type == "secret_url":
        return "a webhook URL, which lets whoever knows it post there"
    for token in find_tokens(leaf.value):
        return f"{token.title} ({token.prefix}…)" if token.prefix else token.title
    if leaf.type in ("url", "plain_url") and _has_password(leaf.value):
        return "a URL with a password in it"
    return None


def _is_secret_header(path: Path) -> bool:
    """Whether a value is of `http_headers: {NAME: {secrets: […]}}`, which the loader hides."""
    return len(path) > 3 and path[-4] == "http_headers" and path[-2] == "secrets"


def _webhook(leaf: Leaf) -> Iterator[Remark]:
    """A URL inside the cluster is an address; what one outside is, only a token in it tells."""
    if _has_password(leaf.value) or find_tokens(leaf.value):
        yield Remark(leaf.path, f"{leaf.path[-1]} holds a URL with a credential in it")
    elif where(_host(leaf.value)) not in (Where.LOCAL, Where.INSIDE):
        message = (
            f"{leaf.path[-1]} holds a webhook URL; files do not show whether it is a credential"
        )
        yield unverified(leaf.path, message, _help(leaf))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a bracket in the host that is no IPv6 address
        return ""


def _has_password(url: str) -> bool:
    user, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    return bool(at and ":" in user)


def _help(leaf: Leaf) -> str:
    if leaf.type not in ("secret", "secret_url", "webhook_url"):
        return ""
    return f"Mount it from a Secret, name the file in {leaf.path[-1]}_file, and change the value."


def unexpanded(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No value waits for somebody to fill it in: Alertmanager expands no variables."""
    for leaf in leaves(view.data):
        if not isinstance(leaf.value, str):
            continue
        if leaf.value == _MARK and leaf.type in ("secret", "secret_url", "webhook_url"):
            message = f"{leaf.path[-1]} is {_MARK}, which Alertmanager prints in place of a secret"
            yield Remark(leaf.path, message)
        elif name := _variable(_TEMPLATES.sub("", leaf.value)):
            message = f"{leaf.path[-1]} holds {name}, which Alertmanager takes as it stands"
            yield Remark(leaf.path, message)


def _variable(value: str) -> str:
    """A variable in a value, without its default; one without braces only if it is all."""
    if _BARE.fullmatch(value.strip()):
        return value.strip()
    found = _VARIABLE.search(value)
    return re.split(r"[^$A-Z0-9_{]", found[0])[0].rstrip("}") + "}" if found else ""


def relative_files(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Files are named from the root, where nothing resolves them against the configuration.

    Alertmanager does so for templates and within http_config only; the others depend on the folder
    that it is started in.
    """
    for leaf in leaves(view.data):
        if leaf.type != "file" or "http_config" in leaf.path or leaf.value.startswith(("/", "$")):
            continue
        message = (
            f"{leaf.path[-1]} is {clipped(leaf.value)}, relative to where Alertmanager is started"
        )
        yield Remark(leaf.path, f"{message}; expected a path from /")
