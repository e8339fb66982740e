"""The official Dockerfile parser must cut every file into the same instructions as ours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kerp_policy.artifacts.dockerfile import Instruction, read
from kerp_policy.artifacts.dockerfile.instructions import KEYWORDS
from kerp_policy.artifacts.dockerfile.words import unquote
from kerp_policy.sources.source import Source

oracle = pytest.importorskip("dockerfile", reason="the official parser is not installed")

OPEN_ESCAPE = re.compile(r"^((?:\\.|[^\\])*)\\$", re.DOTALL)
PAIRED = ("ENV", "LABEL")
SPLIT = frozenset({"FROM", "EXPOSE", "COPY", "ADD", "VOLUME"})

ADVERSARIAL = [
    "FROM alpine",
    "FROM alpine\n",
    "\ufeffFROM alpine\nUSER x\n",
    "FROM alpine\r\nRUN a \\\r\n  b\r\nUSER x\r\n",
    "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN a `\n b\nRUN c \\\nUSER x\n",
    "# escape=`\nFROM a\nENV A=C:\\x B=`$x\n",
    "FROM a\n# escape=`\nRUN a `\nUSER x\n",
    "\n# escape=`\nFROM a\nRUN a `\nUSER x\n",
    "FROM a\nRUN a && \\\n\n  b\nUSER x\n",
    "FROM a\nRUN a && \\\n# comment \\\n   # another\n  b\nUSER x\n",
    "FROM a\nENV C x\\\\\nUSER root\n",
    "FROM a\nENV C x\\\\\\\nUSER root\n",
    "FROM a\nRUN foo \\",
    "FROM a\nRUN foo \\ \t\n bar\n",
    "FROM a\nCMD",
    "FROM a\nRUN <<EOF\nUSER root\nEOF\nUSER x\n",
    "FROM a\nCOPY <<EOF /x\nFROM evil:latest\nENV PASSWORD=1\nEOF\nUSER x\n",
    "FROM a\nRUN <<EOF\nfoo \\\nEOF\nUSER x\n",
    "FROM a\nRUN <<-EOF\n\tfoo\n\tEOF\nUSER x\n",
    "FROM a\nRUN <<'EOF' 3<<\"B\" cat\nfoo\nEOF\nbar\nB\nUSER x\n",
    "FROM a\nRUN cat<<EOF\nUSER x\n",
    "FROM a\nRUN cat <<<EOF\nUSER x\n",
    "FROM a\nRUN echo '<<EOF'\nUSER x\n",
    'FROM a\nRUN echo "it\'s <<EOF"\nUSER x\n',
    "FROM a\nRUN echo it's <<EOF\nUSER x\n",
    "FROM a\nRUN echo a\\ <<EOF\nUSER x\n",
    'FROM a\nRUN ["a", "<<EOF"]\nUSER x\n',
    "FROM a\nCMD cat <<EOF\nUSER x\n",
    "FROM a\nONBUILD RUN <<EOF\nfoo\nEOF\nUSER x\n",
    "FROM a\nRUN --mount=type=bind <<EOF\n# not a comment\n\nEOF\nUSER x\n",
    "FROM a\nRUN <<EOF cat \\\n  > x\nbody\nEOF\nUSER x\n",
    "FROM a\nRUN --mount=type=cache,target=/x --network=none make\n",
    "FROM --platform=linux/amd64 a AS b\nCOPY --from=b --chown=1:2 a b /c/\n",
    'FROM a\nCMD [ "a" , "b\\"c" ]\nENTRYPOINT ["x"\nSHELL ["/bin/bash", "-c"]\n',
    "FROM a\nCMD ['a']\nCMD []\nCMD [NaN]\nCMD [\"a\",]\nRUN [[ -f x ]]\n",
    'FROM a\nRUN --a="b c" x\nRUN --a=b\\ c x\nRUN "--a" x\n',
    'FROM a\nRUN x <<""\n\nRUN <<EOF>x\nEOF>x\nRUN <<E\\OF\nEOF\n',
    'FROM a\nRUN <<"E F"\nE F\nRUN <<E"O"F\nEOF\n',
    "FROM a\nRUN <<EOF # it's\nUSER x\n",
    'FROM a\nENV a="b\nUSER x\n',
    'FROM a\nENV A=1 B="x y" C=\'z w\' D=a\\ b\nLABEL a.b=c "d e"=f\nENV K some value\n',
    "FROM a\nENV A=1 \\\n    B=2 \\\n # c\n    C=3\nARG X\nARG Y=1 Z\n",
    "FROM a\nHEALTHCHECK --interval=3s CMD x y\nHEALTHCHECK NONE\nONBUILD COPY --from=x a b\n",
    "from a\nrun b\n  USER c\n\tWORKDIR /d\n",
    "FROM \\\n  a\nRUN \\\n  b\n",
    "FROM a\nUSER x y\nWORKDIR /a b\nEXPOSE 80 443/tcp\n",
    "FROM a\nRUN echo 한국어 && \\\n  echo 'é'\nUSER ü\n",
    "FROM a\nRUN -- echo\nRUN --\n",
    "FROM a\n#\n # x\nRUN b # c\n",
    "FROM a\nRUN a \x0b b\nRUN\fx\n",
    "ARG A\nFROM $A\n",
]


FLAGGED = st.sampled_from(
    ["RUN --mount=type=cache ", "COPY --from=b ", "RUN ", "ENV A=", "CMD ", "user "]
)
TEXT = st.text(alphabet="ab'\"\\$<#=[], -\t한\n", max_size=12)
GLUE = st.sampled_from([" \\\n", " \\\n\n", " \\\n# c\n", "\\\\\n", " ", "\n"])
PLAIN_LINE = st.builds(lambda word, text: word + text, FLAGGED, TEXT)
HEREDOC = st.builds(
    lambda dash, body: f"RUN <<{dash}EOF\n{body}\nEOF", st.sampled_from(["", "-"]), TEXT
)
FILES = st.lists(st.tuples(PLAIN_LINE | HEREDOC, GLUE), max_size=6).map(
    lambda parts: "FROM a\n" + "".join(line + glue for line, glue in parts) + "\nCMD end\n"
)


def described(instruction: Instruction) -> tuple[Any, ...]:
    """What the official parser says of an instruction, in our words."""
    inner = instruction.inner if instruction.keyword == "ONBUILD" else None
    said = inner or instruction
    return (
        instruction.keyword,
        inner.keyword if inner else None,
        (instruction.span.line, instruction.span.end_line),
        said.exec_form is not None,
        _values(said),
        # The library does not look for flags and heredocs inside ONBUILD; BuildKit does.
        () if inner else tuple(unquote(flag.text.text) for flag in said.flags),
        () if inner else tuple((doc.name, doc.body) for doc in instruction.heredocs),
    )


def _values(said: Instruction) -> tuple[str, ...]:
    if said.exec_form is not None:
        return said.exec_form
    if said.keyword in SPLIT or said.keyword == "ARG":
        return tuple(word.text for word in said.words)
    if said.keyword in PAIRED:
        texts = (x for p in said.pairs for x in (p.key.text, p.value.text if p.value else ""))
        return tuple(_closed(text) for text in texts)
    if said.keyword == "HEALTHCHECK" and said.inner:
        return (said.inner.keyword, *_values(said.inner))
    return (said.value.text,) if said.value.text else ()


def official(command: Any) -> tuple[Any, ...]:
    inner = command.sub_cmd
    return (
        command.cmd.upper(),
        inner.upper() if inner else None,
        (command.start_line, command.end_line),
        command.json and command.cmd.upper() != "HEALTHCHECK",
        tuple(map(_closed, command.value)) if command.cmd in PAIRED else command.value,
        () if inner else tuple(map(_decoded, command.flags)),
        () if inner else tuple((doc.name, doc.content) for doc in command.heredocs),
    )


def _decoded(flag: str) -> str:
    """The library reads flags byte by byte and so breaks what is not ASCII."""
    return flag.encode("latin-1", "ignore").decode()


def _closed(text: str) -> str:
    """Without a last open backslash: the library drops it in some words, we in expansion."""
    return OPEN_ESCAPE.sub(r"\1", text)


@pytest.mark.parametrize("text", ADVERSARIAL)
def test_same_instructions_as_the_official_parser(text: str) -> None:
    ours = [described(found) for found in read(Source("Dockerfile", text.encode())).instructions]
    assert ours == [official(found) for found in oracle.parse_string(text)]


@settings(max_examples=400, suppress_health_check=[HealthCheck.filter_too_much])
@given(FILES)
def test_same_instructions_on_generated_files(text: str) -> None:
    # Blanks behind `<<` open a heredoc since frontend 1.16; the library is older than that.
    assume("<< " not in text and "<<\t" not in text)
    # Text behind a JSON array makes it a shell form; the library is older than that.
    assume(not re.search(r"\][ \t]*[^\s\]]", text))
    # An instruction behind a line of nothing but a backslash begins, for us, at its keyword.
    assume(not re.search(r"^\s*\\\s*$", text, re.MULTILINE))
    try:
        theirs = [official(found) for found in oracle.parse_string(text)]
    except oracle.GoParseError:
        assume(False)
    dockerfile = read(Source("Dockerfile", text.encode()))
    ours = [described(found) for found in dockerfile.instructions]
    assert ours == [found for found in theirs if found[0] in KEYWORDS]
