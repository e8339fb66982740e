"""Expansion of variables, stages and what they inherit, and the images that a file names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.artifacts.dockerfile import (
    Expanded,
    StageGraph,
    image_references,
    read,
    stage_graph,
)
from kerp_policy.artifacts.dockerfile.expansion import MAX_GAIN, Missing, expand
from kerp_policy.sources.source import Source, Span

VALUES: dict[str, str | Missing] = {
    "A": "a",
    "E": "",
    "O": Missing.OPTIONAL,
    "Q": Missing.UNKNOWN,
}


def lookup(name: str) -> str | Missing:
    return VALUES.get(name, Missing.UNSET)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("plain", "plain"),
        ("$A-${A}x", "a-ax"),
        ("$N|${N}", "|"),
        ("${N:-d}${E:-d}${A:-d}", "dda"),
        ("${N-d}${E-d}", "d"),
        ("${A:+y}${E:+y}${E+z}${N+y}", "yz"),
        ("${O:-d}", "d"),
        ("${N:-${E:-${A}}}", "a"),
        ("${N:-$A b}", "a b"),
        ("${A:-$Q}", "a"),
        ("${A:?needed}", "a"),
        (r"\$A", "$A"),
        ("'$A'", "$A"),
        (r'"$A \$A \" \x"', r'a $A " \x'),
        ("""x'y'"z\"""", "xyz"),
        ("$", "$"),
        ("a}b", "a}b"),
        ('${N:-"}"}', "}"),
        ("${E#x}", ""),
        ("${A#a}|${A#x}|${A%a}|${A%%x}", "|a||a"),
        ("${A/a/bab}|${A//a/}|${A/x/y}|${A/$A/b}", "bab||a|b"),
    ],
)
def test_known_words(word: str, text: str) -> None:
    assert expand(word, lookup) == Expanded(text)


@pytest.mark.parametrize(
    ("word", "unknown"),
    [
        ("$Q-$O-$Q", ("Q", "O")),
        ("${Q:-d}", ("Q",)),
        ("${Q:+d}", ("Q",)),
        ("${O:+d}", ("O",)),
        ("${N:-$Q}", ("Q",)),
        ("${A#x*}", ("A",)),
        ("${A%?}", ("A",)),
        ("${A#$Q}", ("A",)),
        ("${Q#x}", ("Q",)),
        ("${A/x}", ("A",)),
        ("${O:?needed}", ("O",)),
    ],
)
def test_unknown_words(word: str, unknown: tuple[str, ...]) -> None:
    assert expand(word, lookup) == Expanded(None, unknown)


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("${", "${ is not followed by a variable's name"),
        ("${A", "${A is followed by neither a brace nor a modifier"),
        ("${N:-x", "${ has no closing brace"),
        ("'a", "a single quote is not closed"),
        ('"a', "a double quote is not closed"),
        ("${N:?x}", "N must have a value and has none"),
    ],
)
def test_words_that_docker_refuses(word: str, error: str) -> None:
    assert expand(word, lookup) == Expanded(None, (), error)


def test_backtick_escapes_where_it_is_the_escape() -> None:
    assert expand(r"C:\x`$A", lookup, "`") == Expanded(r"C:\x$A")


def test_what_is_too_long_or_too_deep_is_unknown() -> None:
    assert expand("$A" * 3, lambda _: "x" * MAX_GAIN).text is None
    assert expand("${N:-" * 50 + "}" * 50, lookup) == Expanded(None)


@given(st.text(alphabet="AQ${}:-+#'\"\\ x", max_size=30))
def test_no_word_raises_and_nothing_is_guessed(word: str) -> None:
    expanded = expand(word, lookup)
    assert (expanded.text is None) or not (expanded.unknown or expanded.error)


def graph(text: str) -> StageGraph:
    return stage_graph(read(Source("Dockerfile", text.encode())))


def env(text: str) -> dict[str, str | None]:
    final = graph(text).final
    assert final
    return {name: setting.value.text for name, setting in final.state.env.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM scratch\nENV A=1\nENV A=2 B=$A\nENV C=$A\n", {"A": "2", "B": "1", "C": "2"}),
        ("ARG V=1\nFROM scratch\nENV A=x$V\n", {"A": "x"}),
        ("ARG V=1\nFROM a\nENV A=x$V\n", {"A": None}),
        ("ARG V=1\nFROM a\nARG V\nENV A=x$V\n", {"A": "x1"}),
        ("ARG V=1\nFROM a\nARG V=2\nENV A=$V\n", {"A": "2"}),
        ("FROM a\nARG V\nENV A=$V B=${V:-d}\n", {"A": None, "B": "d"}),
        ("FROM a\nARG V=1\nENV V=2\nARG V=3\nENV A=$V\n", {"V": "2", "A": "2"}),
        ("FROM a AS x\nENV A=1\nARG B=2\nFROM X\nENV C=$A$B\n", {"A": "1", "C": "12"}),
        ("FROM a\nARG TARGETARCH=amd64\nENV A=${TARGETARCH:-x}\n", {"A": None}),
        ("FROM scratch\nENV A=${HTTP_PROXY:-x}\n", {"A": None}),
        ("FROM a\nENV A=${X:-b}\n", {"A": None}),
        ("FROM scratch\nENV k some  value\n", {"k": "some  value"}),
    ],
)
def test_environment(text: str, expected: dict[str, str | None]) -> None:
    assert env(text) == expected


def test_a_value_knows_where_it_was_written() -> None:
    final = graph("FROM a AS x\nENV A=1 \\\n  B=2\nLABEL l=m\nFROM x\n").final
    assert final and final.state.env["B"].span == Span(3, 3, 3, 6)
    assert final.state.labels["l"].value.text == "m"


def test_settings_are_inherited_and_reset() -> None:
    final = graph(
        "FROM a AS x\nUSER 1\nWORKDIR /x\nCMD a\nEXPOSE 80\nHEALTHCHECK NONE\n"
        "FROM x AS y\nWORKDIR y/../z\nENTRYPOINT e\nEXPOSE ${P:-81}/tcp\nSTOPSIGNAL 9\n"
    ).final
    assert final
    state = final.state
    assert state.user and state.user.value.text == "1" and state.user.span.line == 2
    assert state.workdir and state.workdir.value.text == "/x/z"
    assert state.cmd is None and state.entrypoint and state.entrypoint.value.text == "e"
    assert [port.value.text for port in state.exposed] == ["80", None]
    assert state.healthcheck and state.healthcheck.span.line == 6


def test_relative_workdir_on_an_image_is_unknown() -> None:
    for text, path in (("FROM a\nWORKDIR x\n", None), ("FROM scratch\nWORKDIR x\n", "/x")):
        final = graph(text).final
        assert final and final.state.workdir and final.state.workdir.value.text == path


def test_stages_by_name_and_number() -> None:
    found = graph("FROM a AS One\nFROM b\nFROM one AS two\n")
    assert [stage.parent and stage.parent.name for stage in found.stages] == [None, None, "one"]
    assert found.stage("ONE") is found.stage(0) is found.stage("0") is found.stages[0]
    assert found.stage("three") is None and found.stage("3") is None and found.stage(-1) is None
    assert found.final is found.stages[2] and found.final.root is found.stages[0]


def test_a_later_or_same_name_is_an_image() -> None:
    found = graph("FROM node AS node\nFROM later\nFROM a AS later\n")
    assert [stage.parent for stage in found.stages] == [None, None, None]


def references(text: str) -> list[tuple[str, str, str | None]]:
    """Each reference: its kind, the source text at its span, and what it comes to."""
    found = graph(text)
    lines = found.dockerfile.source.lines
    return [
        (
            ref.kind,
            lines[ref.span.line - 1][ref.span.column - 1 : ref.span.end_column - 1],
            ref.resolved,
        )
        for ref in image_references(found)
    ]


def test_image_references() -> None:
    assert references(
        "# syntax=docker/dockerfile:1\nARG T=1.0\nARG B=alpine:${T}\n"
        "FROM --platform=$BUILDPLATFORM ${B} AS x\nFROM X\nFROM scratch\n"
        "COPY --from=busybox a b\nCOPY --from=x a b\nCOPY --from=0 a b\n"
        "RUN --mount=type=bind,source=/,from=img:1 --mount=type=bind,from=x ls\n"
        "ONBUILD COPY --from=late:1 a b\n"
    ) == [
        ("syntax", "docker/dockerfile:1", "docker/dockerfile:1"),
        ("FROM", "${B}", "alpine:1.0"),
        ("COPY --from", "busybox", "busybox"),
        ("RUN --mount", "img:1", "img:1"),
        ("COPY --from", "late:1", "late:1"),
    ]


@pytest.mark.parametrize(
    ("text", "resolved", "unknown"),
    [
        ("ARG T=latest\nFROM a:${T}\n", "a:latest", ()),
        ("FROM a:${T:-latest}\n", "a:latest", ()),
        ("ARG V\nFROM a:${V}\n", None, ("V",)),
        ("FROM a:$NOPE\n", None, ("NOPE",)),
        ("ARG A\nARG I=x:$A\nFROM $I\n", None, ("I",)),
        ('FROM "a:1"\n', "a:1", ()),
    ],
)
def test_base_images(text: str, resolved: str | None, unknown: tuple[str, ...]) -> None:
    (reference,) = image_references(graph(text))
    assert (reference.resolved, reference.unknown) == (resolved, unknown)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("FROM a AS x\nCOPY --from=X a b\n", 2, "the stage X copies from itself"),
        ("FROM a\nCOPY --from=0 a b\n", 2, "the stage 0 copies from itself"),
        ("FROM a\nENV A=${\n", 2, "${ is not followed by a variable's name"),
        ("ARG A=\nFROM $A\n", 2, "the base image's name comes out empty"),
    ],
)
def test_what_docker_refuses_in_stages(text: str, line: int, message: str) -> None:
    (problem,) = graph(text).problems
    assert (problem.span.line, problem.message) == (line, message)


def test_a_file_without_stages() -> None:
    assert graph("").final is None and graph("ARG A\n").stages == ()
