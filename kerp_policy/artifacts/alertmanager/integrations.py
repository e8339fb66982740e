"""What the loader asks of the fields of one integration together.

Source: Alertmanager's documentation, Configuration, the sections of the integrations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.alertmanager.table import Version
from kerp_policy.paths import Path
from kerp_policy.wording import differs, listed

Values = Mapping[str, Any]
Said = Iterator[tuple[Path, str]]
"""Paths within the struct, and what is wrong there."""

_RESERVED = (
    *("routing_key", "message_type", "state_message", "entity_display_name"),
    *("monitoring_tool", "entity_id", "entity_state"),
)
_RESPONDERS = ("team", "teams", "user", "escalation", "schedule")


def is_set(value: Any) -> bool:
    """Whether a value counts: an empty text, an empty list and 0 do not."""
    return bool(value)


def _email(values: Values, version: Version) -> Said:
    seen: set[str] = set()
    for name in values.get("headers") or {}:
        if name.lower() in seen:
            yield ("headers", name), f'the header "{name[:40]}" is given twice; case does not count'
        seen.add(name.lower())
    threading = values.get("threading") or {}
    if not threading.get("enabled"):
        return
    for name in seen & {"references", "in-reply-to"}:
        yield ("headers",), f"the header {name} is given, and threading sets it as well"
    if threading.get("thread_by_date") not in ("none", "daily"):
        yield ("threading", "thread_by_date"), "thread_by_date is to be none or daily"


def _pushover(values: Values, version: Version) -> Said:
    if values.get("html") and values.get("monospace"):
        yield ("monospace",), "html and monospace are both set; only one may be"


def _sns(values: Values, version: Version) -> Said:
    targets = [key for key in ("topic_arn", "target_arn", "phone_number") if values.get(key)]
    if len(targets) not in (1, 3):  # of three at once the loader sees nothing amiss
        said = f"{listed(targets)} are set" if targets else "none is set"
        yield ("topic_arn",), f"{said}; expected one of topic_arn, target_arn and phone_number"


def _sigv4(values: Values, version: Version) -> Said:
    if is_set(values.get("access_key")) != is_set(values.get("secret_key")):
        yield ("access_key",), "access_key and secret_key go together; only one is set"


def _victorops(values: Values, version: Version) -> Said:
    for name in values.get("custom_fields") or {}:
        if name in _RESERVED:
            yield ("custom_fields", name), f"the custom field {name} is one that VictorOps fills"


def _responder(values: Values, version: Version) -> Said:
    kind = values.get("type") or ""
    if "{{" not in kind and kind.lower() not in _RESPONDERS:
        yield ("type",), differs("type", kind, f"one of {', '.join(_RESPONDERS)}")


def _webex(values: Values, version: Version) -> Said:
    http = values.get("http_config") or {}
    if not any(http.get(k) for k in ("authorization", "bearer_token", "bearer_token_file")):
        yield ("http_config",), "http_config.authorization is missing, which Webex asks for"


def _incidentio(values: Values, version: Version) -> Said:
    http = values.get("http_config")
    keys = ("authorization", "bearer_token", "bearer_token_file")
    authorized = any((http or {}).get(k) for k in keys)
    token = values.get("alert_source_token") or values.get("alert_source_token_file")
    if authorized and token:
        message = "alert_source_token and http_config.authorization are both set; only one may be"
        yield ("alert_source_token",), message
    if http is not None and not authorized and not token:
        yield ("alert_source_token",), "alert_source_token or alert_source_token_file is missing"


def _slack(values: Values, version: Version) -> Said:
    urls = [key for key in ("api_url", "api_url_file") if is_set(values.get(key))]
    tokens = [key for key in ("app_token", "app_token_file") if is_set(values.get(key))]
    if urls and tokens:
        yield (tokens[0],), f"{urls[0]} and {tokens[0]} are both set; only one may be"
    for key in ("update_message", "post_updates_to_thread"):
        if values.get(key) and values.get("api_url") != "https://slack.com/api/chat.postMessage":
            yield (key,), f"{key} works only with a bot: api_url is to be its chat.postMessage"


INTEGRATIONS: dict[str, Callable[[Values, Version], Said]] = {
    "email": _email,
    "pushover": _pushover,
    "sns": _sns,
    "sigv4": _sigv4,
    "victorops": _victorops,
    "opsgenie_responder": _responder,
    "webex": _webex,
    "incidentio": _incidentio,
    "slack": _slack,
}
