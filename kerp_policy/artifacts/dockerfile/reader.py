"""Reads a Dockerfile: pre-pass, dockerfile-parse, and what Docker would refuse."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from kerp_policy.artifacts.dockerfile.instructions import KEYWORDS, Dockerfile, Instruction
from kerp_policy.artifacts.dockerfile.prepass import Block, Blocks, cut
from kerp_policy.artifacts.dockerfile.syntax import problems
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.regex import regex
from kerp_policy.sources.source import Problem, Source, Span

MAX_PROBLEMS = 100
_FOREIGN_BLANK = regex(r"[^\S \t\v\f\r\n]")
_GUARD = " \0"
_MARK = regex(r"\{\{|\{%|<%|%%\w|@\w+@")
"""Marks of Go templates and Jinja, ERB, the templates of Docker's own images, and autoconf."""


def read(source: Source) -> Dockerfile:
    """Read a Dockerfile.

    Nothing is raised: whatever Docker would refuse is among the result's problems.
    """
    blocks = cut(source)
    every = tuple(_instructions(source, blocks))
    known = tuple(found for found in every if found.keyword in KEYWORDS)
    found = sorted({*blocks.problems, *islice(problems(every), MAX_PROBLEMS)}, key=_place)
    kept = tuple(found[:MAX_PROBLEMS])
    return Dockerfile(source, blocks.directives, known, blocks.escape, kept)


def is_template(dockerfile: Dockerfile, refused: Iterable[Problem]) -> bool:
    """Whether another program fills a file in: its marks stand in a FROM or where Docker refuses.

    Elsewhere they may be what the image holds, as in `--format '{{.Names}}'`.
    """
    lines = dockerfile.source.lines
    bases = (i.arguments.text for i in dockerfile.instructions if i.keyword == "FROM")
    places = (text for found in refused for text in lines[found.span.line - 1 : found.span.line])
    return any(map(_MARK.search, chain(bases, places)))


def _place(problem: Problem) -> Span:
    return problem.span


def _instructions(source: Source, blocks: Blocks) -> Iterator[Instruction]:
    """dockerfile-parse says what each block's instruction is; the places are the block's own."""
    unknown = 0
    for number, keyword in _keywords(blocks.blocks):
        unknown += keyword not in KEYWORDS
        if keyword in KEYWORDS or unknown <= MAX_PROBLEMS:
            yield _instruction(source, blocks.blocks[number], keyword, blocks.escape)


def _instruction(source: Source, block: Block, keyword: str, escape: str) -> Instruction:
    text = block.line.whole.strip()
    name = text.part(0, len(keyword))
    rest = text.part(len(keyword) + 1).strip()
    span = _span(text, block, source.lines)
    return Instruction(keyword, name, rest, block.heredocs, span, escape, source.lines)


def _keywords(blocks: tuple[Block, ...]) -> Iterator[tuple[int, str]]:
    from dockerfile_parse import DockerfileParser  # 28 ms that other files need not pay

    # The guard keeps a keyword without arguments and keeps a last backslash from joining lines;
    # a blank that is none to Docker would otherwise end the keyword.
    text = "".join(
        _FOREIGN_BLANK.sub("\ufffd", block.line.text) + _GUARD + "\n" for block in blocks
    )
    for entry in DockerfileParser(fileobj=io.BytesIO(text.encode())).structure:
        yield entry["startline"], entry["instruction"]


def _span(text: Text, block: Block, lines: list[str]) -> Span:
    if not block.heredocs:
        return text.span
    end = block.last_line
    return Span(*text.span.start, end, len(lines[end - 1]) + 1)
