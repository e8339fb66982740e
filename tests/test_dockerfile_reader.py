"""Instructions and what is in them: exact places, and what Docker would refuse."""

from __future__ import annotations

import pytest

from kerp_policy.artifacts.dockerfile import Dockerfile, read
from kerp_policy.sources.source import Source, Span


def reading(text: str | bytes) -> Dockerfile:
    return read(Source("Dockerfile", text.encode() if isinstance(text, str) else text))


def at(dockerfile: Dockerfile, span: Span) -> str:
    """The source text that a span covers."""
    lines = dockerfile.source.lines[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def said(text: str | bytes) -> list[tuple[str, str]]:
    """Each problem: the text that it points at, and its message."""
    dockerfile = reading(text)
    return [(at(dockerfile, found.span), found.message) for found in dockerfile.problems]


def test_pairs_of_a_long_env_have_their_own_places() -> None:
    dockerfile = reading('FROM a\nENV A=1 \\\n\n  # c\n    한글="x \\\n y" \\\n    C=3\n')
    env = dockerfile.instructions[1]
    assert at(dockerfile, env.span).startswith("ENV A=1") and at(dockerfile, env.span).endswith(
        "C=3"
    )
    assert [at(dockerfile, pair.key.span) for pair in env.pairs] == ["A", "한글", "C"]
    values = [pair.value for pair in env.pairs if pair.value]
    assert [value.text for value in values] == ["1", '"x  y"', "3"]
    assert values[1].span == Span(5, 8, 6, 4)
    assert values[2].span == Span(7, 7, 7, 8)


def test_flags_and_their_fields_have_places() -> None:
    dockerfile = reading(
        "FROM --platform=linux/amd64 a\n"
        'COPY --from="b" \\\n  --chown=1:2 x y\n'
        "RUN --mount=type=bind,from=img:1,target=/x --mount=type=cache ls\n"
    )
    base, copy, run = dockerfile.instructions
    assert [(flag.name, at(dockerfile, flag.text.span)) for flag in copy.flags] == [
        ("from", '--from="b"'),
        ("chown", "--chown=1:2"),
    ]
    origin = copy.flag("from")
    assert origin and origin.value and at(dockerfile, origin.value.span) == "b"
    assert [word.text for word in copy.words] == ["x", "y"]
    assert at(dockerfile, copy.words[1].span) == "y"
    assert at(dockerfile, run.mounts[0]["from"].span) == "img:1"
    assert run.mounts[1]["type"].text == "cache"
    assert at(dockerfile, base.words[0].span) == "a"


def test_exec_form_onbuild_and_healthcheck() -> None:
    dockerfile = reading(
        'FROM a\nCMD [ "a", "b \\u00e9" ]\nONBUILD COPY --from=x a b\n'
        'HEALTHCHECK --interval=3s \\\n  CMD ["x"]\nHEALTHCHECK NONE\nENTRYPOINT x\n'
    )
    _, cmd, onbuild, health, none, entrypoint = dockerfile.instructions
    assert cmd.exec_form == ("a", "b é")
    assert at(dockerfile, cmd.words[1].span) == '"b \\u00e9"'
    assert onbuild.inner and onbuild.inner.keyword == "COPY"
    assert at(dockerfile, onbuild.inner.span) == "COPY --from=x a b"
    assert health.inner and health.inner.exec_form == ("x",)
    assert health.flags[0].value and health.flags[0].value.text == "3s"
    assert none.inner and none.inner.keyword == "NONE"
    assert entrypoint.exec_form is None
    assert dockerfile.problems == ()


def test_heredocs() -> None:
    dockerfile = reading(
        "FROM a\nCOPY <<-'A' <<B /x/\n\tFROM evil:latest\n\tA\nUSER root\nB\nUSER x\n"
    )
    copy = dockerfile.instructions[1]
    assert [(doc.name, doc.quoted, doc.strip_tabs) for doc in copy.heredocs] == [
        ("A", True, True),
        ("B", False, False),
    ]
    assert at(dockerfile, copy.heredocs[0].span) == "\tFROM evil:latest\n"
    assert copy.span == Span(2, 1, 6, 2)
    assert [found.keyword for found in dockerfile.instructions] == ["FROM", "COPY", "USER"]


def test_blanks_before_a_heredocs_name_count() -> None:
    run = reading("FROM a\nRUN cat << EOF\nUSER root\nEOF\n").instructions[1]
    assert run.heredocs[0].body == "USER root\n"


def test_directives() -> None:
    dockerfile = reading("# check=skip=all\n# Escape = `\n# syntax=x:1\nFROM a\nRUN a `\n b\n")
    assert dockerfile.escape == "`"
    syntax = dockerfile.directive("syntax")
    assert syntax and at(dockerfile, syntax.value.span) == "x:1"
    assert [found.span.end_line for found in dockerfile.instructions] == [4, 6]


def test_what_follows_a_comment_is_no_directive() -> None:
    dockerfile = reading("# kind=api\n# escape=`\nFROM a\nRUN a \\\n b\n")
    assert dockerfile.escape == "\\"
    assert [found.span.end_line for found in dockerfile.instructions] == [3, 5]


def test_text_behind_a_json_array_makes_it_a_shell_form() -> None:
    _, cmd, run = reading('FROM a\nCMD ["a"] # b\nRUN [ "a", "b" ] \n').instructions
    assert (cmd.exec_form, cmd.value.text) == (None, '["a"] # b')
    assert run.exec_form == ("a", "b")


def test_bytes_that_are_not_utf8_keep_their_columns() -> None:
    dockerfile = reading(b"# \xe9t\xe9\nFROM a\nENV A=\xff\xfe B=2\n")
    assert dockerfile.problems == ()
    value = dockerfile.instructions[1].pairs[1].value
    assert value and value.span == Span(3, 12, 3, 13)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("FROM a\nUSR x\n", "USR", 'unknown instruction "USR"; did you mean USER?'),
        ("FROM a\nRUN a\n  && b\n", "&&", 'unknown instruction "&&"'),
        (
            "FROM a\nRUN\u00a0x\n",
            "RUN\u00a0x",
            'unknown instruction "RUN\u00a0x"; did you mean RUN?',
        ),
        ("RUN x\nFROM a\n", "RUN", "RUN stands before the first FROM; only ARG may"),
        ("ARG A\n", "ARG", "there is no FROM: a build needs a base image or FROM scratch"),
        ("", "", "there is no FROM: a build needs a base image or FROM scratch"),
        ("# a\n", "", "there is no FROM: a build needs a base image or FROM scratch"),
        (
            "FROM a\nRUN --network=hots x\n",
            "--network=hots",
            "--network is hots; expected default, none or host",
        ),
        (
            "FROM a\nCOPY --link=yes x /y\n",
            "--link=yes",
            '--link is "yes"; expected true or false',
        ),
        ("FROM a\nHEALTHCHECK CMD []\n", "CMD", "HEALTHCHECK CMD needs a command"),
        (
            "FROM a\nCOPY x <<EOF\ny\nEOF\n",
            "<<EOF",
            "a heredoc stands where the destination belongs; expected a path behind it",
        ),
        ("FROM\n", "FROM", "FROM needs an image"),
        (
            "FROM a # x y\n",
            "#",
            "FROM has a word too many or too few; expected image or image AS name",
        ),
        ("FROM a IS b\n", "IS", "IS stands between image and stage name; expected AS"),
        (
            "FROM a AS 1b\n",
            "1b",
            "1b is no stage name; expected a letter, then letters, digits, - _ or .",
        ),
        ("FROM a\nENV\n", "ENV", "ENV has no name and value; expected NAME=value"),
        ("FROM a\nENV A\n", "A", "A in ENV has no value; expected NAME=value"),
        ("FROM a\nENV A=1 B\n", "B", "B in ENV has no value; expected NAME=value"),
        ("FROM a\nLABEL =x\n", "x", "LABEL has a value without a name; expected NAME=value"),
        ("FROM a\nARG\n", "ARG", "ARG has no name; expected ARG NAME or ARG NAME=default"),
        ("FROM a\nCOPY a\n", "COPY", "COPY needs a source and a destination"),
        (
            "FROM a\nCOPY --form=b c d\n",
            "--form=b",
            "COPY knows no flag --form; did you mean --from?",
        ),
        ("FROM a\nCOPY --from b c d\n", "--from", "--from has no value; expected --from=…"),
        (
            "FROM a\nCOPY --from=b --from=c d e\n",
            "--from=c",
            "--from stands twice; Docker allows it once",
        ),
        ("FROM a\nONBUILD FROM x\n", "FROM", "ONBUILD cannot hold FROM"),
        ("FROM a\nONBUILD RUNN x\n", "RUNN", 'unknown instruction "RUNN"; did you mean RUN?'),
        (
            "FROM a\nHEALTHCHECK curl x\n",
            "curl",
            "curl stands in HEALTHCHECK; expected CMD or NONE",
        ),
        ("FROM a\nHEALTHCHECK NONE x\n", "x", "HEALTHCHECK NONE takes no arguments"),
        ("FROM a\nCMD [1]\n", "[1]", "the JSON form may hold nothing but strings"),
        (
            "FROM a\nSHELL /bin/sh -c\n",
            "SHELL",
            'SHELL needs a JSON array with double quotes, like ["/bin/sh", "-c"]',
        ),
        (
            "FROM a\nRUN <<EOF\nUSER root\n",
            "<<EOF",
            "the heredoc <<EOF has no end: no later line is just EOF",
        ),
        (
            "FROM a\nRUN echo $((1 << 2))\n",
            "<< 2))",
            "the heredoc << 2)) has no end: no later line is just 2))",
        ),
        (
            "# escape=`\n# escape=`\nFROM a\n",
            "`",
            "the directive escape stands twice; Docker allows it once",
        ),
        (
            "# escape=/\nFROM a\n",
            "/",
            "the escape character is /; expected a backslash or a backtick",
        ),
        (
            f"FROM a\nRUN {'x' * 65_535}\n",
            "R",
            "line 2 has more than 65,535 bytes; Docker reads no longer line",
        ),
    ],
)
def test_what_docker_refuses(text: str, place: str, message: str) -> None:
    assert said(text) == [(place, message)]


def test_after_an_open_heredoc_reading_goes_on_by_lines() -> None:
    keywords = [found.keyword for found in reading("FROM a\nRUN <<EOF\nUSER x\n").instructions]
    assert keywords == ["FROM", "RUN", "USER"]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN echo $((1<<2))\n",
        "FROM a\nRUN cat <<< x\n",
        "ARG A\nFROM a\nARG B C=1\nENV k some value\nUSER a b\n",
        "FROM a\nCMD\nRUN\n",
        "FROM a\nCOPY --link --parents --exclude=a --exclude=b c d\n",
        f"FROM a\nADD --checksum={'0' * 40} --unpack=FALSE --keep-git-dir https://a/y.git y\n",
        "FROM a\nRUN --network=none --security=sandbox x\n",
        "FROM a\nHEALTHCHECK --start-interval=1s --start-period=5s CMD x\n",
    ],
)
def test_what_docker_accepts(text: str) -> None:
    assert said(text) == []


def test_problems_are_bounded() -> None:
    assert len(reading("A b\n" * 5_000).problems) == 100
