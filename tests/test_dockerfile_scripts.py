"""The shell text of instructions, and hostile text of any kind."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.artifacts.dockerfile import Dockerfile, read, scripts, stage_graph
from kerp_policy.sources.source import Source


def reading(text: str | bytes) -> Dockerfile:
    return read(Source("Dockerfile", text.encode() if isinstance(text, str) else text))


def commands(text: str) -> list[tuple[str, str]]:
    """Each command of all scripts: its name, and the source text at its span's start."""
    dockerfile = reading(text)
    return [
        (
            command.name or "",
            dockerfile.source.lines[command.span.line - 1][command.span.column - 1 :],
        )
        for instruction in dockerfile.instructions
        for script in scripts(instruction)
        for command in script.parse().commands
    ]


def test_scripts_point_into_the_file() -> None:
    text = (
        "FROM a\nRUN --mount=type=cache,target=/x a && \\\n # c\n\n  b 'x y'; \\\n  c # d\n"
        "HEALTHCHECK CMD d || \\\n e\n"
    )
    assert commands(text) == [
        ("a", "a && \\"),
        ("b", "b 'x y'; \\"),
        ("c", "c # d"),
        ("d", "d || \\"),
        ("e", "e"),
    ]


def test_a_comment_swallows_what_docker_joins_to_it() -> None:
    assert commands("FROM a\nRUN a # b && \\\n  c\n") == [("a", "a # b && \\")]


def test_backtick_continues_where_it_is_the_escape() -> None:
    assert commands("# escape=`\nFROM a\nRUN a && `\n  b\n")[1] == ("b", "b")


def test_heredoc_scripts() -> None:
    text = (
        "FROM a\nRUN <<EOF\nset -e\n  adduser x\nEOF\nRUN cat <<EOF > /x && \\\n  b\nhello\nEOF\n"
    )
    assert [name for name, _ in commands(text)] == ["set", "adduser", "cat", "b"]
    assert commands(text)[1] == ("adduser", "adduser x")


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n",
        "FROM a\nCOPY <<EOF /x\nsudo rm\nEOF\n",
    ],
)
def test_other_languages_are_no_shell(text: str) -> None:
    assert commands(text) == []


def test_shell_in_effect_decides_the_language() -> None:
    text = 'FROM a\nRUN a\nSHELL ["powershell", "-Command"]\nRUN b\nFROM a\nRUN c\n'
    found = [
        command.name
        for stage in stage_graph(reading(text)).stages
        for shells in stage.shells.values()
        for shell in shells
        for command in shell.commands
    ]
    assert found == ["a", "c"]


def test_json_form_is_a_script_of_one_command() -> None:
    dockerfile = reading('FROM a\nRUN ["apk", "add", "a b"]\n')
    (script,) = scripts(dockerfile.instructions[1])
    (command,) = script.parse().commands
    assert [word.text for word in command.words] == ["apk", "add", "a b"]
    assert [word.span[:2] for word in command.words] == [(2, 7), (2, 14), (2, 21)]


HOSTILE = {
    "short lines": "A\n" * 100_000,
    "one continuation": "FROM a\nRUN x" + " \\\nfoo" * 60_000,
    "one env": "FROM a\nENV " + "A=1 \\\n" * 40_000,
    "open heredocs": "FROM a\n" + "RUN <<E\n" * 30_000,
    "heredocs": "FROM a\nRUN " + "<<E " * 80_000,
    "brackets": "FROM a\nRUN " + "[" * 400_000,
    "quotes": "FROM a\nENV A=" + "'\"" * 200_000,
    "backslashes": "FROM a\nRUN " + "\\ " * 200_000,
    "blanks": "FROM a\nRUN" + " " * 400_000 + "x \\\n" + " " * 400_000,
    "digits": "FROM a\nRUN " + "1" * 400_000 + "<<",
    "json number": "FROM a\nCMD [" + "1" * 100_000 + "]",
    "flags": "FROM a\nRUN " + "--a " * 80_000,
    "exposed": "FROM a\n" + "EXPOSE 1\n" * 40_000,
    "doubling": "FROM a\nENV A=abcdefgh\n" + "ENV A=$A$A\n" * 30_000,
    "stages": "FROM a AS a\n" * 30_000,
    "nested": "FROM a\nENV A=" + "${A:-" * 80_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_linear_time(name: str) -> None:
    start = time.process_time()
    graph = stage_graph(reading(HOSTILE[name]))
    assert len(graph.problems) <= 100
    assert time.process_time() - start < 5


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode()))
def test_no_bytes_raise(data: bytes) -> None:
    dockerfile = reading(b"FROM a\n" + data)
    lines = dockerfile.source.lines
    for instruction in dockerfile.instructions:
        span = instruction.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert span.end_column <= len(lines[span.end_line - 1]) + 1
        for script in scripts(instruction):
            script.parse()
    assert len(stage_graph(dockerfile).problems) <= 100
