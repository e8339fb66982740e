"""Checks of Alertmanager's connections: encrypted, and with certificates verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.alertmanager.fields import Leaf, leaves
from kerp_policy.connections import Level, judge_text
from kerp_policy.findings import Remark
from kerp_policy.views import View
from kerp_policy.wording import differs

_URLS = ("url", "secret_url", "webhook_url")
_OLD = ("TLS10", "TLS11")


def encrypted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing is sent in the clear, mails among it."""
    yield from _plain(view, Level.PLAIN)
    for leaf in leaves(view.data):
        if leaf.path[-1] in ("smtp_require_tls", "require_tls") and leaf.value is False:
            yield Remark(
                leaf.path, f"{leaf.path[-1]} is false, so mails may go in the clear; expected true"
            )


def plain_inside(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing is sent by plain HTTP inside the cluster."""
    yield from _plain(view, Level.PLAIN_INSIDE)


def _plain(view: View, level: Level) -> Iterator[Remark]:
    for leaf in leaves(view.data):
        if leaf.type in _URLS and leaf.value.lower().startswith("http:"):
            for judgement in judge_text(leaf.value, ()):
                if judgement.level is level:
                    yield Remark(leaf.path, f"{leaf.path[-1]}: {judgement.message}")


def verified(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Certificates are verified, by TLS 1.2 or newer."""
    for leaf in leaves(view.data):
        if reason := _weak(leaf):
            yield Remark(leaf.path, reason)


def _weak(leaf: Leaf) -> str | None:
    if leaf.path[-1] == "insecure_skip_verify" and leaf.value is True:
        return "insecure_skip_verify is true, so any certificate is accepted; expected false"
    if leaf.type == "tls_version" and leaf.value in _OLD:
        return differs(str(leaf.path[-1]), leaf.value, "TLS12 or TLS13")
    return None
