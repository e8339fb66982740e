"""The shell text of instructions, and hostile text of any kind."""

from __future__ import annotations

import pytest
from growth import grows_no_faster
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
    assert [word.span.start for word in command.words] == [(2, 7), (2, 14), (2, 21)]


HOSTILE = {
    "short lines": lambda n: "A\n" * n,
    "one continuation": lambda n: "FROM a\nRUN x" + " \\\nfoo" * n,
    "one env": lambda n: "FROM a\nENV " + "A=1 \\\n" * n,
    "open heredocs": lambda n: "FROM a\n" + "RUN <<E\n" * n,
    "heredocs": lambda n: "FROM a\nRUN " + "<<E " * n,
    "brackets": lambda n: "FROM a\nRUN " + "[" * 8 * n,
    "quotes": lambda n: "FROM a\nENV A=" + "'\"" * 4 * n,
    "backslashes": lambda n: "FROM a\nRUN " + "\\ " * 4 * n,
    "blanks": lambda n: "FROM a\nRUN" + " " * 8 * n + "x \\\n" + " " * 8 * n,
    "digits": lambda n: "FROM a\nRUN " + "1" * 8 * n + "<<",
    "json number": lambda n: "FROM a\nCMD [" + "1" * 2 * n + "]",
    "flags": lambda n: "FROM a\nRUN " + "--a " * n,
    "exposed": lambda n: "FROM a\n" + "EXPOSE 1\n" * n,
    "doubling": lambda n: "FROM a\nENV A=abcdefgh\n" + "ENV A=$A$A\n" * n,
    "stages": lambda n: "FROM a AS a\n" * n,
    "nested": lambda n: "FROM a\nENV A=" + "${A:-" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_time_in_proportion(name: str) -> None:
    def read(text: str) -> None:
        assert len(stage_graph(reading(text)).problems) <= 100

    assert grows_no_faster(HOSTILE[name], read, 2_000)


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
