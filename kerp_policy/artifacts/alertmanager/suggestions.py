"""What to write instead of a field that Alertmanager does not know there.

Source: Alertmanager, "Configuration".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kerp_policy.artifacts.alertmanager.table import structs
from kerp_policy.wording import nearest

_LONGEST = 60
_HOMES = {
    "config": "the top level",
    "global": "global",
    "route": "route",
    "receiver": "an item of receivers",
    "http_config": "http_config",
    "tls_config": "tls_config",
}
_SENT = "a webhook is sent the alerts as JSON"
_WEBHOOK = dict.fromkeys(("title", "text", "message", "body", "template"), _SENT)
_INSTEAD: Mapping[str, Mapping[str, str]] = {
    "email": {
        "subject": "write headers: {Subject: …}",
        "body": "write html or text",
        "message": "write html or text",
        "cc": "write all addresses in to",
    },
    "webhook": {**_WEBHOOK, "webhook_url": "write url"},
    "slack": {"webhook_url": "write api_url", "message": "write text"},
    "discord": {"text": "write message", "description": "write message"},
    "telegram": {"text": "write message", "token": "write bot_token"},
}
"""By kind and field: what is often taken from another kind of receiver."""


def suggestion(kind: str, key: str, known: Iterable[str]) -> str:
    """Words that continue "unknown field …".

    Args:
        kind: what it stands in, by its name in the table.
        key: the field.
        known: the fields that are known there.
    """
    if len(key) > _LONGEST:
        return ""
    if instead := _INSTEAD.get(kind, {}).get(key.lower()):
        return f"; {instead}"
    if near := nearest(key.lower(), known):
        return f'; did you mean "{near}"?'
    homes = [name for name in _HOMES if key in structs()[name]]
    return f"; it belongs in {_HOMES[homes[0]]}" if homes else ""
