"""Reading a configuration as Alertmanager's loader does: strictly, by the table of fields.

The loader stops at its first error; this tells all of them. Scalars are read as its YAML library
does (version 1.1): `yes` is a boolean, any scalar may be a text, nothing is an unset field.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.alertmanager import rules
from kerp_policy.artifacts.alertmanager.scalars import CHECKS
from kerp_policy.artifacts.alertmanager.table import Field, Version, structs
from kerp_policy.artifacts.yaml_nodes import Mapping, Node, Scalar, Sequence, to_data
from kerp_policy.artifacts.yaml_scalars import kubernetes as resolve
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import clipped, shown

_MOST = 100
_LONGEST = 60
_PRIVATE = ("secret", "secret_url", "webhook_url", "url", "plain_url")
_WORDS = {"bool": "true or false", "int": "a whole number", "count": "a whole number from 0 on"}


class Fault(Struct, frozen=True):
    """Something that Alertmanager refuses: where, what, and what helps."""

    path: Path
    message: str
    help: str = ""


class Decoder:
    """Decodes one document; `faults` fills on the way, a hundred at most."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.faults: list[Fault] = []
        self.wrong: set[Path] = set()

    def fault(self, path: Path, message: str, help: str = "") -> None:
        """Take note of what is wrong."""
        self.wrong.add(path)
        if len(self.faults) < _MOST:
            self.faults.append(Fault(path, message, help))

    def decode(self, node: Node, kind: str, path: Path) -> Any:
        """The value of a node as one of a type.

        Args:
            node: the node.
            kind: the type, by its name in the table.
            path: where the node stands.

        Returns:
            Plain data in the types that the table gives; None for nothing, and for what is wrong.
        """
        if _is_null(node):
            return None
        if kind == "details" and self.version < _NESTED_DETAILS:
            kind = "{string}"
        if kind.startswith("["):
            return self._list(node, kind[1:-1], path)
        if kind.startswith("{"):
            return self._map(node, kind[1:-1], path)
        if kind in structs():
            return self._struct(node, kind, path)
        return self._scalar(node, kind, path)

    def _list(self, node: Node, kind: str, path: Path) -> list[Any] | None:
        if not isinstance(node, Sequence):
            self._wrong(node, kind, path, "a list")
            return None
        values = []
        for i, item in enumerate(node.items):
            if _is_null(item) and _needs_items(path[-1]):
                self.fault((*path, i), f"an item of {path[-1]} is empty; fill it or take it out")
            values.append(self.decode(item, kind, (*path, i)))
        return values

    def _map(self, node: Node, kind: str, path: Path) -> dict[str, Any] | None:
        if not isinstance(node, Mapping):
            self._wrong(node, kind, path, "a mapping")
            return None
        return {
            key: self.decode(entry.node, kind, (*path, key)) for key, entry in node.entries.items()
        }

    def _struct(self, node: Node, kind: str, path: Path) -> dict[str, Any] | None:
        if not isinstance(node, Mapping):
            self._wrong(node, kind, path, "a mapping")
            return None
        values: dict[str, Any] = {}
        for key, entry in node.entries.items():
            field = structs()[kind].get(key)
            if field is None or field.since > self.version:
                self._unknown(kind, key, field, path)
            else:
                values[key] = self.decode(entry.node, field.type, (*path, key))
        self._rules(kind, values, path)
        return values

    def _rules(self, kind: str, values: dict[str, Any], path: Path) -> None:
        """What is wrong by itself counts as set, so that no second fault is made of one."""
        seen = {
            key: "?"
            if (*path, key) in self.wrong and _is_scalar(structs()[kind][key].type)
            else value
            for key, value in values.items()
        }
        for where, message in rules.problems(kind, seen, self.version):
            if (*path, *where) not in self.wrong:
                self.fault((*path, *where), message)

    def _unknown(self, kind: str, key: str, field: Field | None, path: Path) -> None:
        within = f" in {field_name(path)}" if path else ""
        shown = clipped(key, _LONGEST)
        if field is not None:
            since, used = (".".join(map(str, v)) for v in (field.since, self.version))
            message = f'the field "{shown}"{within} came with Alertmanager {since}, this is {used}'
            self.fault((*path, key), message)
            return
        from kerp_policy.artifacts.alertmanager.suggestions import suggestion

        known = {k: v for k, v in structs()[kind].items() if v.since <= self.version}
        message = f'unknown field "{shown}"{within}{suggestion(kind, key, known)}'
        self.fault((*path, key), message)

    def _scalar(self, node: Node, kind: str, path: Path) -> Any:
        if kind in _OPEN:
            return _plain(node)
        if not isinstance(node, Scalar):
            expected = _WORDS.get(kind, "a string")
            self._wrong(node, kind, path, expected)
            return None
        value = resolve(node.text, not node.style, node.tag)
        if kind in _WORDS:
            return self._typed(node, value, kind, path)
        if kind == "go_duration" and isinstance(value, int) and not isinstance(value, bool):
            return f"{value}ns"
        check = CHECKS.get(kind)
        reason = check(node.text, self.version) if check else None
        if reason:
            self._refuse(node.text, kind, path, reason)
            return None
        return node.text

    def _typed(self, node: Scalar, value: Any, kind: str, path: Path) -> Any:
        if kind == "bool" and isinstance(value, bool):
            return value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if kind != "bool" and number and abs(value) < 2**63 and (kind == "int" or value >= 0):
            return int(value)
        self._wrong(node, kind, path, _WORDS[kind])
        return None

    def _wrong(self, node: Node, kind: str, path: Path, expected: str) -> None:
        is_text = isinstance(node, Scalar) and kind not in _PRIVATE
        said = f" ({shown(clipped(node.text))})" if is_text and isinstance(node, Scalar) else ""
        self.fault(path, f"{field_name(path)} is {_type_of(node)}{said}; expected {expected}")

    def _refuse(self, text: str, kind: str, path: Path, reason: str) -> None:
        if is_placeholder(text) and "{{" not in text:
            said = shown(clipped(text)) if not _holds_more(text) else "a placeholder"
            message = f"{field_name(path)} is {said}, which Alertmanager takes as it stands"
            self.fault(path, f"{message}: it {reason}", _unexpanded(path, kind))
            return
        said = "" if kind in _PRIVATE else f"{shown(clipped(text))} "
        self.fault(path, f"{field_name(path)} {said}{reason}")


def _unexpanded(path: Path, kind: str) -> str:
    if kind in ("secret_url", "webhook_url"):
        key = path[-1]
        return (
            f"Alertmanager expands no variables. Mount the value from a Secret and name the file "
            f"in {key}_file, or fill the placeholder in before Alertmanager reads the file."
        )
    return "Alertmanager expands no variables: write the value, or fill it in before it is read."


def _holds_more(text: str) -> bool:
    """Whether there may be a secret beside the placeholder."""
    return not text.startswith("${") or not text.endswith("}") or len(text) > _LONGEST


def _is_scalar(kind: str) -> bool:
    return not kind.startswith(("[", "{")) and kind not in structs()


def _needs_items(key: str | int) -> bool:
    """Whether an empty item in the list of this name is refused, mostly by a crash."""
    return key in ("routes", "receivers", "responders") or str(key).endswith("_configs")


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and resolve(node.text, not node.style, node.tag) is None


def _plain(node: Node) -> Any:
    return to_data(node, resolve)


def _type_of(node: Node) -> str:
    if isinstance(node, Scalar):
        value = resolve(node.text, not node.style, node.tag)
        names = {bool: "a boolean", int: "a number", float: "a number"}
        return names.get(type(value), "a string")
    return "a mapping" if isinstance(node, Mapping) else "a list"


def field_name(path: Path) -> str:
    """The field in short: its last key, with the position where it is a list's item."""
    if path and isinstance(path[-1], int) and len(path) > 1:
        return f"{path[-2]}[{path[-1]}]"
    return clipped(str(path[-1]), _LONGEST) if path else "the configuration"


_OPEN = ("any", "details")
_NESTED_DETAILS: Version = (0, 30)
"""Before it, PagerDuty's details were texts only."""
