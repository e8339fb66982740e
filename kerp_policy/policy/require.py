"""`require`: from paths to what must hold there, in JSON Schema.

Beside a JSON Schema's own words, an entry may say `optional: true` (only judged where it is
present), `absent: true` (must not be there), `quantity: {const|minimum|maximum}` (Kubernetes
quantities, compared as such) and `expected: words` (for the message, where the schema's own are
hard to read). `$name` stands for a parameter, `[*]` in a path for every item of a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from typing import Any

from kerp_policy.findings import Remark, unverified
from kerp_policy.paths import Path, format_path, parse_path
from kerp_policy.policy.model import in_words
from kerp_policy.views import View, expand, lookup
from kerp_policy.wording import TYPES, differs, filled_in, listed, shown

OWN_WORDS = frozenset({"optional", "absent", "quantity", "expected"})
"""What a requirement says beside JSON Schema's words."""


def require(
    view: View, requirements: Mapping[str, Any], params: Mapping[str, Any]
) -> Iterator[Remark]:
    """Hold a view's data to every requirement of a policy.

    Fields that are missing in one place are one remark: the whole of what is to be added there.
    """
    missing: dict[Path, list[tuple[Path, str]]] = {}
    for text, spec in requirements.items():
        filled = fill_in(spec, params)
        for path in expand(view.data, parse_path(text)):
            value = lookup(view.data, path)
            if view.is_part and not _is_whole(value, filled):
                continue
            if value is None and not _may_be_missing(filled):
                parent = _nearest(view.data, path)
                missing.setdefault(parent, []).append((path, describe(filled)))
            else:
                yield from _judge(view.data, path, filled)
    for fields in missing.values():
        yield _missing(fields)


def _is_whole(value: Any, spec: Mapping[str, Any]) -> bool:
    """Whether a value is all that there will be, wherever else something is added to it."""
    return value is not None and (bool(spec.get("absent")) or not isinstance(value, dict | list))


def _may_be_missing(spec: Mapping[str, Any]) -> bool:
    return bool(spec.get("optional") or spec.get("absent"))


def _nearest(data: Any, path: Path) -> Path:
    """The nearest parent that exists."""
    lengths = range(len(path) - 1, 0, -1)
    return next((path[:n] for n in lengths if lookup(data, path[:n]) is not None), ())


def _missing(fields: list[tuple[Path, str]]) -> Remark:
    if len(fields) == 1:
        path, expected = fields[0]
        return Remark(path, f"{format_path(path)} is not set; expected {expected}")
    names = [format_path(path) for path, _ in fields]
    common = _common([path for path, _ in fields])
    wanted = ", and ".join(dict.fromkeys(expected for _, expected in fields))
    return Remark(common, f"{listed(names)} are not set; expected {wanted}")


def _common(paths: list[Path]) -> Path:
    steps = zip(*paths, strict=False)
    same = list(takewhile(lambda step: len(set(step)) == 1, steps))
    return paths[0][: len(same)]


def fill_in(spec: Any, params: Mapping[str, Any]) -> Any:
    """A requirement with the parameters in the place of `$name`."""
    if isinstance(spec, str) and spec.startswith("$") and spec[1:] in params:
        return params[spec[1:]]
    if isinstance(spec, dict):
        return {key: fill_in(value, params) for key, value in spec.items()}
    return [fill_in(item, params) for item in spec] if isinstance(spec, list) else spec


def _judge(data: Any, path: Path, spec: Mapping[str, Any]) -> Iterator[Remark]:
    from kerp_policy.secrets import is_placeholder

    value = lookup(data, path)
    if spec.get("absent"):
        if value is not None:
            wanted = in_words(spec.get("expected", "it not to be set"))
            yield Remark(path, differs(format_path(path), value, wanted))
    elif value is None:
        return  # it may be missing
    elif isinstance(value, str) and is_placeholder(value):
        yield unverified(path, filled_in(format_path(path), value, describe(spec)))
    elif not _holds(value, spec):
        yield Remark(path, differs(format_path(path), value, describe(spec)))


def _holds(value: Any, spec: Mapping[str, Any]) -> bool:
    if "quantity" in spec and not _quantity_holds(value, spec["quantity"]):
        return False
    schema = {key: part for key, part in spec.items() if key not in OWN_WORDS}
    return not schema or valid(schema, value)


def valid(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value fits a JSON Schema; the plain cases without waking the library."""
    if schema.keys() == {"const"}:
        const = schema["const"]
        return bool(value == const and isinstance(value, bool) == isinstance(const, bool))
    return bool(_compiled(json.dumps(schema)).is_valid(value))


@lru_cache(maxsize=1024)  # a policy's schema is asked about every thing of a scope
def _compiled(schema: str) -> Any:
    from kerp_policy.schema_engine import compiled

    return compiled(json.loads(schema))


def _quantity_holds(value: Any, spec: Mapping[str, Any]) -> bool:
    from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity

    try:
        amount = parse_quantity(value)
    except QuantityError:
        return False
    tests = {
        "const": lambda bound: amount == bound,
        "minimum": lambda bound: amount >= bound,
        "maximum": lambda bound: amount <= bound,
    }
    return all(tests[name](parse_quantity(bound)) for name, bound in spec.items())


def describe(spec: Mapping[str, Any]) -> str:
    """What is expected, in words."""
    if "expected" in spec:
        return in_words(spec["expected"])
    words = {
        "const": "{}",
        "enum": "one of {}",
        "minimum": "at least {}",
        "maximum": "at most {}",
        "pattern": "a string that matches {}",
        "type": "{}",
    }
    parts = [
        template.format(_in_words(key, source[key]))
        for source in (spec, spec.get("quantity", {}))
        for key, template in words.items()
        if key in source
    ]
    return " and ".join(parts) or "a value"


def _in_words(key: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    if key == "type":
        return listed([TYPES.get(str(one), str(one)) for one in values], "or")
    return ", ".join(str(one) if key == "pattern" else shown(one) for one in values)
