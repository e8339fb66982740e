"""AlertmanagerConfig, the object of the Prometheus operator, as a configuration of Alertmanager.

Source: the operator's API reference, `monitoring.coreos.com`. It has the same fields in other
spelling; matchers are mappings, credentials refer to Secrets. What has no counterpart is left
out, and the operator's own schema is not checked here.
"""

from __future__ import annotations

import json
import re
from typing import Any

from kerp_policy.artifacts.alertmanager.matchers import Matcher
from kerp_policy.artifacts.alertmanager.table import structs
from kerp_policy.paths import Path

_TYPES: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "count": (int,)}
_RENAMED = {
    ("inhibit_rule", "source_match"): "source_matchers",
    ("inhibit_rule", "target_match"): "target_matchers",
    ("config", "mute_time_intervals"): "time_intervals",
}
_KNOWN = ("route", "receivers", "inhibit_rules", "time_intervals")
_DEEPEST = 60
_OPERATORS = ("=", "!=", "=~", "!~")


class Translation:
    """A configuration made from an object's `spec`.

    Attributes:
        data: the configuration, as far as it has counterparts.
        back: from the paths in it to the paths in `spec`.
    """

    def __init__(self, spec: Any) -> None:
        self.back: dict[Path, Path] = {}
        made = self._struct(spec, "config", (), ())
        self.data: dict[str, Any] = {key: made[key] for key in _KNOWN if key in made}

    def origin(self, path: Path) -> Path:
        """The path in `spec` that a path in the configuration comes from, or its parent's."""
        while path and path not in self.back:
            path = path[:-1]
        return self.back.get(path, ())

    def _value(self, value: Any, kind: str, path: Path, source: Path) -> Any:
        self.back[path] = source
        if len(path) > _DEEPEST or value is None:
            return None
        if kind == "matcher":
            return _matcher(value)
        if kind.startswith("["):
            items = value if isinstance(value, list) else []
            inner = kind[1:-1]
            made = enumerate(items)
            return [self._value(one, inner, (*path, i), (*source, i)) for i, one in made]
        if kind in structs():
            return self._struct(value, kind, path, source)
        return value if isinstance(value, _TYPES.get(kind, (str,))) else None

    def _struct(self, value: Any, kind: str, path: Path, source: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, one in value.items() if isinstance(value, dict) else ():
            name = snake_case(key)
            name = _RENAMED.get((kind, name), name)
            field = structs()[kind].get(name)
            if field and not field.type.startswith("{"):
                made[name] = self._value(one, field.type, (*path, name), (*source, key))
        return made


def snake_case(key: str) -> str:
    """`sendResolved` as `send_resolved`, `apiURL` as `api_url`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def _matcher(value: Any) -> str | None:
    """A matcher as text; `regex: true` is the older way to say `=~`."""
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    operator = value.get("matchType") or ("=~" if value.get("regex") is True else "=")
    text = value.get("value", "")
    if operator not in _OPERATORS or not isinstance(text, str):
        return None
    return _quoted_name(value["name"]) + str(Matcher("", operator, text))


def _quoted_name(name: str) -> str:
    plain = re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", name)
    return name if plain else json.dumps(name, ensure_ascii=False)
