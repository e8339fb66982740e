"""What fuzzing starts from: the fixtures, by what a target reads of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from targets import NAMES

FIXTURES = Path(__file__).parent.parent / "fixtures"
_EXPRESSION = re.compile(rb"\$\{\{.*?\}\}|(?<=if: ).+")
_QUERY = re.compile(rb"(?<=expr: ).+|(?<=summary: ).+|(?<=description: ).+")
_MATCHER = re.compile(rb"""[\w]+\s*(?:=~|!~|!=|=)\s*["']?[\w.|*-]+["']?""")
_WAIVER = re.compile(rb"(?<=kerp-policy: ).+")


def seeds(target: str) -> Iterator[bytes]:
    """Inputs of a target, each once; of whole files, which take long, a fifth."""
    files = list(_files())[:: 5 if target == "file" else 1]
    yield from dict.fromkeys(seed for file in files for seed in _SEEDS[target](file))


def _files() -> Iterator[Path]:
    return (f for f in sorted(FIXTURES.rglob("*")) if f.is_file() and f.name != "expected.yaml")


def _whole(*names: str) -> Callable[[Path], list[bytes]]:
    return lambda file: [file.read_bytes()] if any(name in file.name for name in names) else []


def _found(pattern: re.Pattern[bytes]) -> Callable[[Path], list[bytes]]:
    return lambda file: pattern.findall(file.read_bytes())


def _named(file: Path) -> list[bytes]:
    is_workflow = file.parent.name == "workflows"
    name = f".github/workflows/{file.name}" if is_workflow else file.name
    kind = next((i for i, known in enumerate(NAMES) if known == name), None)
    if kind is None:
        ends = ((".github", 8), (".sh", 1), (".json", 3), (".yaml", 2), (".yml", 2))
        kind = next((i for end, i in ends if end in name), 0)
    return [bytes([kind]) + file.read_bytes()]


_SEEDS: dict[str, Callable[[Path], list[bytes]]] = {
    "dockerfile": _whole("Dockerfile"),
    "yaml": _whole(".yaml", ".yml", ".json"),
    "shell": _whole(".sh"),
    "expressions": _found(_EXPRESSION),
    "promql": _found(_QUERY),
    "matchers": _found(_MATCHER),
    "waivers": _found(_WAIVER),
    "file": _named,
}
