"""Real files, and what can happen to them: to their bytes, their lines and their values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml
from hypothesis import strategies as st

from harness import FIXTURES

Case = dict[str, bytes]
"""The files of one project by their paths."""

SCRAPS = (
    b"\n", b"  ", b"- ", b": ", b'"', b"'", b"{", b"[", b"${X}", b"{{", b"null", b"~", b"\\\n",
    b"<<EOF\n", b"$(", b"`", b"&a ", b"*a", b"\xff", b"\t", b"|\n", b"#", b"\x00", b"1e999",
    b"${{ ", b" }}", b"!!binary ", b"<<: *a\n", "한😀\u2028".encode(), b"\xed\xa0\x80", b"|| ",
    b"# kerp-policy: ", b"\r", b"---\n",
)  # fmt: skip
SCALARS = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e999",
            "${X}",
            "${{ x }}",
            "{{ .X }}",
            "a" * 300,
            "*",
            "\n",
            "latest",
            "1Gi",
        ]
    ),
    st.sampled_from([None, True, 0, -1, 2**70, 1.5, float("inf"), float("nan")]),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "spec", "", "a.b/c", "<<"]), inner, max_size=3)
    ),
    max_leaves=4,
)


@cache
def cases() -> tuple[Case, ...]:
    """The fixtures, each a project of its own."""
    folders = sorted({file.parent for file in FIXTURES.rglob("expected.yaml")})
    return tuple(case for folder in folders if (case := _files(folder)))


def _files(folder: Any) -> Case:
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != "expected.yaml")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(files)}


@st.composite
def mutated_cases(draw: st.DrawFn) -> Case:
    """A project of the fixtures in which up to three things happened to one or two files."""
    case = dict(draw(st.sampled_from(cases())))
    for _ in range(draw(st.integers(1, 3))):
        file = draw(st.sampled_from(sorted(case)))
        change = draw(st.sampled_from((_bytes_changed, _lines_changed, _values_changed, _spliced)))
        case[file] = change(draw, case[file])
    return case


def _bytes_changed(draw: st.DrawFn, data: bytes) -> bytes:
    at, length = draw(st.integers(0, len(data))), draw(st.sampled_from((0, 1, 5, len(data))))
    return data[:at] + draw(st.sampled_from(SCRAPS)) + data[at + length :]


def _lines_changed(draw: st.DrawFn, data: bytes) -> bytes:
    """A line deleted, doubled, moved or indented."""
    lines = data.split(b"\n")
    at = draw(st.integers(0, len(lines) - 1))
    line = lines.pop(at)
    kept = draw(
        st.sampled_from(([], [line, line], [b"  " + line], [line.lstrip()], [line + b" \\"]))
    )
    to = draw(st.sampled_from((at, len(lines), 0)))
    return b"\n".join([*lines[:to], *kept, *lines[to:]])


def _spliced(draw: st.DrawFn, data: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    other = draw(st.sampled_from([d for case in cases()[::7] for d in case.values()]))
    middle = draw(st.integers(0, len(data)))
    return data[:middle] + draw(st.sampled_from((b"", b"\n", b"\n---\n"))) + other[middle // 2 :]


def _values_changed(draw: st.DrawFn, data: bytes) -> bytes:
    """A value of a YAML file deleted, doubled, retyped or moved, and the file written anew."""
    try:
        loaded = list(yaml.load_all(data, yaml.CBaseLoader))
    except (yaml.YAMLError, UnicodeDecodeError):
        return _bytes_changed(draw, data)
    documents = [document for document in loaded if isinstance(document, dict | list)]
    places = [place for document in documents for place in _places(document)]
    if not places:
        return _lines_changed(draw, data)
    holder, key = draw(st.sampled_from(places))
    _change(draw, holder, key)
    flow = draw(st.sampled_from((False, None, True)))
    return yaml.safe_dump_all(documents, default_flow_style=flow, allow_unicode=True).encode(
        "utf-8", "replace"
    )


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place below a value, as what holds it and its key or index."""
    todo = [value]
    while todo:
        holder = todo.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                todo.append(holder[key])


def _change(draw: st.DrawFn, holder: Any, key: Any) -> None:
    how = draw(st.sampled_from(("delete", "retype", "wrap", "double", "last")))
    value = holder.pop(key)
    if how == "delete":
        return
    put = holder.append if isinstance(holder, list) else lambda v: holder.update({key: v})
    if how == "double":
        put([value, value])
    else:
        put({"retype": lambda: draw(VALUES), "wrap": lambda: [value], "last": lambda: value}[how]())
