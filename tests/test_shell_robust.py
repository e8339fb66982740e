"""Any text is read: whole scripts without loss, hostile ones in bounded time."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from growth import grows_no_faster
from hypothesis import given, settings
from hypothesis import strategies as st

from kerp_policy.artifacts.shell import Shell, parse_shell


def test_too_deep_is_said_where_it_begins() -> None:
    shell = parse_shell("a; " + "(" * 100_000 + "\nb")
    assert [command.name for command in shell.commands] == ["a"]
    (error,) = shell.errors
    assert error.message == "this nests too deep; it is not read from here on"
    assert error.span.end_line == 2


def test_nothing_at_all() -> None:
    for text in ("", "\n", " # c", "\\\n"):
        assert parse_shell(text) == Shell((), (), (), (), None)


WORDS = st.sampled_from(["x", "'a b'", '"$y z"', "$(q)", "--k=v", "\\$", "${v:-w}", "한", "*"])
SIMPLE = st.builds(lambda words: " ".join(["cmd", *words]), st.lists(WORDS, max_size=3))
SCRIPTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} | {}".format, inner, inner),
        st.builds("{}\n{}".format, inner, inner),
        st.builds("( {} )".format, inner),
        st.builds("{{ {}\n}} > out".format, inner),
        st.builds("if {}\nthen {}\nfi".format, inner, inner),
        st.builds("for i in a b\ndo {}\ndone".format, inner),
        st.builds("case $x in\n a|b) {} ;;\n esac".format, inner),
        st.builds("f() {{ {}\n}}".format, inner),
        st.builds('cmd "$( {} )"'.format, inner),
    ),
    max_leaves=8,
)


@given(SCRIPTS)
def test_a_script_of_the_grammar_is_read_whole(script: str) -> None:
    shell = parse_shell(script)
    assert shell.errors == ()
    found = [command.name for command in shell.commands if command.words]
    assert found.count("cmd") == script.count("cmd")
    assert found.count("q") == script.count("$(q)")
    starts = [command.span.start for command in shell.commands]
    assert starts == sorted(starts)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash says what bash refuses")
@given(SCRIPTS, st.data())
@settings(max_examples=60)
def test_what_fails_as_unreadable_bash_refuses(script: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(script) - 1))
    broken = script[:at] + script[at + data.draw(st.integers(1, 5)) :]
    if "unreadable" not in {problem.policy for problem in parse_shell(broken).problems}:
        return
    told = subprocess.run(["bash", "-n"], input=broken.encode(), capture_output=True, check=False)
    assert told.returncode != 0


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("if a; then b", "unreadable"),
        ("#!/bin/dash\n( a", "unreadable"),
        ("#!/bin/zsh\nfor x (a b) c", "not-judged"),
        ("#!/usr/bin/env ksh\nif a; then b", "not-judged"),
        ("a ${(f)x}", "not-judged"),
        ("cat <<E\na", "not-judged"),
        ("ls !(a)", "unreadable"),
        ("#!/bin/bash\n{{- if not (eq .Values.a 1) }}\nls\n{{- end }}", "not-judged"),
        ("docker inspect -f '{{.State}}' a\nif a; then b", "unreadable"),
    ],
)
def test_what_a_larger_or_newer_shell_may_read_does_not_fail(text: str, policy: str) -> None:
    assert {problem.policy for problem in parse_shell(text).problems} == {policy}


@pytest.mark.parametrize(
    "text",
    [
        "a ${B[${C}]}",
        "a ${B[${C[0]}]:-c}",
        "a ${#B[$C]}",
        'a "${@@Q}" "${B[@]@Q}" ${!C@} ${!C*} ${@:2}',
        'shopt -s extglob\nls "$A"/!(b|c@(d)).yaml\ncase $E in +([0-9])) f ;; *) g ;; esac',
    ],
)
def test_what_bash_adds_is_read(text: str) -> None:
    assert parse_shell(text).problems == []


@given(st.text(alphabet="ab'\"`$(){}[];&|<>\\\n #=!-é\x00", max_size=40))
@settings(max_examples=400)
def test_any_text_is_read_and_places_lie_in_it(text: str) -> None:
    lines = text.split("\n")
    shell = parse_shell(text)
    spans = [command.span for command in shell.commands]
    spans += [word.span for command in shell.commands for word in command.words]
    spans += [error.span for error in shell.errors]
    for span in spans:
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1


@given(st.text(alphabet="ab'\"$(){};&| \n", max_size=30), st.integers(1, 9), st.integers(1, 9))
def test_places_move_with_the_text(text: str, line: int, column: int) -> None:
    plain, moved = parse_shell(text), parse_shell(text, line=line, column=column)
    assert len(plain.commands) == len(moved.commands)
    for before, after in zip(plain.commands, moved.commands, strict=True):
        shift = column - 1 if before.span.line == 1 else 0
        expected = (before.span.line + line - 1, before.span.column + shift)
        assert after.span.start == expected


HOSTILE = [
    "a | b && c\n", "(", "$(", '"$(', "`", "'a", '"$a', "{ ", "if ", "cat <<A\n", "a <<A <<B ",
    "${a:-", "((", "$((", "[[ ", "[[ a && \n", "case a in ", "a|", "a||true||", ";;\n", "<", "a ",
    "\\\n", ")}]'\"`", "f(){ ", "!", "a&", "A=(", "$'\\n'", "sh -c 'sh -c \"a\"'\n", "set -e;",
    "(a)|", "`\\`a", "time {", "for i in a", "\x00", "sudo ", "<(",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length(piece: str) -> None:
    def text(length: int) -> str:
        return (piece * (length // len(piece) + 1))[:length]

    assert grows_no_faster(text, parse_shell, 5_000)
