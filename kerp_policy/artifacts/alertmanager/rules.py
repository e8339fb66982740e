"""What the loader asks of the fields of one struct together: which go alone, which must be there.

Source: Alertmanager's documentation, Configuration, the sections of the integrations and
`<http_config>`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerp_policy.artifacts.alertmanager.integrations import INTEGRATIONS, Said, Values, is_set
from kerp_policy.artifacts.alertmanager.intervals import minutes
from kerp_policy.artifacts.alertmanager.matchers import classic_name, label_name_problem
from kerp_policy.artifacts.alertmanager.table import Version, structs
from kerp_policy.artifacts.alertmanager.texts import milliseconds
from kerp_policy.wording import differs

REQUIRED: dict[str, tuple[str, ...]] = {
    "receiver": ("name",),
    "time_interval": ("name",),
    "email": ("to",),
    "discord": ("webhook_url webhook_url_file",),
    "msteams": ("webhook_url webhook_url_file",),
    "msteamsv2": ("webhook_url webhook_url_file",),
    "webhook": ("url url_file",),
    "incidentio": ("url url_file",),
    "pagerduty": ("routing_key service_key routing_key_file service_key_file",),
    "pushover": ("user_key user_key_file", "token token_file"),
    "telegram": ("chat_id chat_id_file",),
    "victorops": ("routing_key",),
    "webex": ("room_id",),
    "jira": ("project", "issue_type"),
    "slack_action": ("type", "text", "url name"),
    "slack_confirm": ("text",),
    "slack_field": ("title", "value"),
    "mattermost_field": ("title", "value"),
    "oauth2": ("client_id", "token_url"),
    "opsgenie_responder": ("id name username",),
}
"""By struct, what must be there; of several fields in one text, one."""

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("wechat", "message_type"): ("text", "markdown"),
    ("telegram", "parse_mode"): ("Markdown", "MarkdownV2", "HTML"),
    ("jira", "api_type"): ("auto", "cloud", "datacenter"),
}
"""Fields that take one of a few words; an empty one counts as not set."""

# The loader lets both stand here, and the value wins.
_PAIRS_UNCHECKED = ("email",)


def problems(kind: str, values: Values, version: Version) -> Said:
    """What is wrong with the fields of a struct together.

    Args:
        kind: the struct, by its name in the table.
        values: its fields, decoded; a field that is wrong by itself has a value that counts as set.
        version: Alertmanager's.
    """
    yield from _missing(kind, values, version)
    yield from _pairs(kind, values)
    for (struct, key), choices in CHOICES.items():
        value = values.get(key)
        if struct == kind and isinstance(value, str) and value and value not in choices:
            yield (key,), differs(key, value, f"one of {', '.join(choices)}")
    if kind in _OWN:
        yield from _OWN[kind](values, version)


def _missing(kind: str, values: Values, version: Version) -> Said:
    known = structs()[kind]
    for alternatives in REQUIRED.get(kind, ()):
        keys = alternatives.split()
        if not any(is_set(values.get(key)) for key in keys):
            offered = [key for key in keys if known[key].since <= version]
            yield (offered[0],), f"{' or '.join(offered)} is missing"


def _pairs(kind: str, values: Values) -> Said:
    if kind in _PAIRS_UNCHECKED:
        return
    for key in values:
        if is_set(values.get(key)) and is_set(values.get(f"{key}_file")):
            yield (f"{key}_file",), f"{key} and {key}_file are both set; only one may be"


def _route(values: Values, version: Version) -> Said:
    for key in ("group_interval", "repeat_interval"):
        if values.get(key) is not None and milliseconds(str(values[key])) == 0:
            yield (key,), f"{key} is 0; only group_wait may be"
    yield from _label_names(values, ("match", "match_re"), version)
    yield from _empty_patterns(values, ("match_re",))
    yield from _group_by(values.get("group_by") or [], version)


def _group_by(labels: list[Any], version: Version) -> Said:
    for i, label in enumerate(labels):
        name = label or ""
        if name != "..." and (reason := label_name_problem(name, version)):
            yield ("group_by", i), f'the label "{name[:40]}" in group_by {reason}'
        if name in labels[:i][:1000] and name != "...":
            yield ("group_by", i), f'the label "{name[:40]}" stands in group_by a second time'
    if "..." in labels and any(label != "..." for label in labels):
        message = '"..." in group_by stands for every label; no other may stand beside it'
        yield ("group_by", labels.index("...")), message


def _label_names(values: Values, keys: tuple[str, ...], version: Version) -> Said:
    for key in keys:
        for name in values.get(key) or {}:
            if not classic_name(name):
                yield (key, name), f'"{name[:40]}" in {key} is no label name'


def _empty_patterns(values: Values, keys: tuple[str, ...]) -> Said:
    for key in keys:
        for name, pattern in (values.get(key) or {}).items():
            if pattern is None:
                yield (
                    (key, name),
                    f"{name[:40]} in {key} is empty; expected a regular expression",
                )


def _inhibit_rule(values: Values, version: Version) -> Said:
    patterns = ("source_match_re", "target_match_re")
    yield from _label_names(values, ("source_match", "target_match", *patterns), version)
    yield from _empty_patterns(values, patterns)


def _time_range(values: Values, version: Version) -> Said:
    ends = {key: str(values.get(key) or "") for key in ("start_time", "end_time")}
    at = {key: minutes(text) for key, text in ends.items()}
    for key, text in ends.items():
        if not text:
            yield (key,), f"{key} is missing"
        elif at[key] is None:
            yield (key,), f'{key} "{text[:20]}" is no time of day; two digits each as in 09:00 are'
    start, end = at.values()
    if start is not None and end is not None and start >= end:
        message = "ends before it starts; a night takes two ranges, one to 24:00 and one from 00:00"
        yield ("end_time",), f"the range from {ends['start_time']} to {ends['end_time']} {message}"


def _http_config(values: Values, version: Version) -> Said:
    bearers = [k for k in ("bearer_token", "bearer_token_file") if is_set(values.get(k))]
    schemes = [
        key for key in ("basic_auth", "oauth2", "authorization") if values.get(key) is not None
    ]
    ways = schemes + bearers[:1]
    if len(ways) > 1:
        yield (ways[-1],), f"{' and '.join(ways)} are both set; only one may be"
    authorization = values.get("authorization") or {}
    if str(authorization.get("type") or "").strip().lower() == "basic":
        yield ("authorization", "type"), "authorization has the type basic; basic_auth does that"
    yield from _proxy(values, version)


def _proxy(values: Values, version: Version) -> Said:
    from_environment, url = values.get("proxy_from_environment"), is_set(values.get("proxy_url"))
    if from_environment and url:
        message = "proxy_url and proxy_from_environment are both set; only one may be"
        yield ("proxy_url",), message
    if is_set(values.get("no_proxy")) and (from_environment or not url):
        yield ("no_proxy",), "no_proxy goes only with proxy_url"
    if values.get("proxy_connect_header") and not url and not from_environment:
        yield ("proxy_connect_header",), "proxy_connect_header goes only with proxy_url"


def _oauth2(values: Values, version: Version) -> Said:
    """Older versions do not know clients without a secret."""
    keys = ("client_secret", "client_secret_file")
    if version < (0, 26) and not any(is_set(values.get(key)) for key in keys):
        yield (keys[0],), f"{' or '.join(keys)} is missing"


def _tls_config(values: Values, version: Version) -> Said:
    if version < (0, 27):
        return
    sides = [
        any(is_set(values.get(key + end)) for end in ("", "_file", "_ref"))
        for key in ("cert", "key")
    ]
    if sides[0] != sides[1]:
        has, lacks = ("cert", "key") if sides[0] else ("key", "cert")
        yield (f"{lacks}_file",), f"a {has} is set and no {lacks}; a client needs both"


_OWN: dict[str, Callable[[Values, Version], Said]] = {
    "route": _route,
    "inhibit_rule": _inhibit_rule,
    "time_range": _time_range,
    "http_config": _http_config,
    "oauth2": _oauth2,
    "tls_config": _tls_config,
    **INTEGRATIONS,
}
