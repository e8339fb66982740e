"""What is fuzzed: by name, a function of bytes that raises where a promise is broken.

Each promise is the same: no exception but the documented ones, and no place outside the text.
That memory and time stay bounded is held by libFuzzer's own limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache

from kerp_policy.artifacts.alertmanager.matchers import MatcherError, read_matchers
from kerp_policy.artifacts.alertmanager.re2 import regexp_problem
from kerp_policy.artifacts.dockerfile import read as read_dockerfile
from kerp_policy.artifacts.dockerfile import stage_graph
from kerp_policy.artifacts.go_templates import template_error
from kerp_policy.artifacts.prometheus.promql import PromqlError, parse_promql
from kerp_policy.artifacts.shell import parse_shell
from kerp_policy.artifacts.workflow.expressions import find_expressions, read_condition
from kerp_policy.artifacts.yaml import read as read_yaml
from kerp_policy.engine import check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source, Span
from kerp_policy.waivers.grammar import Wrong, parse

NAMES = (
    "Dockerfile", "deploy.sh", "a.yaml", "a.json", "kustomization.yaml", "action.yml",
    "alertmanager.yml", "rules.yml", ".github/workflows/ci.yml", "a.yaml.j2",
)  # fmt: skip
"""By the first byte of the input, the name of the file that the rest is."""


class BrokenPromiseError(Exception):
    """A place lies outside its text, or a check crashed."""


def dockerfile(data: bytes) -> None:
    """The pre-pass, the reader behind it, and its stages."""
    source = Source("Dockerfile", data)
    read = read_dockerfile(source)
    graph = stage_graph(read)
    _within(source, (instruction.span for instruction in read.instructions))
    _within(source, (problem.span for problem in (*read.problems, *graph.problems)))
    shells = (s for stage in graph.stages for many in stage.shells.values() for s in many)
    _within(source, (command.span for shell in shells for command in shell.commands))


def yaml(data: bytes) -> None:
    """The reader of YAML and JSON."""
    source = Source("a.yaml", data)
    stream = read_yaml(source.text)
    _within(source, (problem.span for problem in stream.problems))
    for document in stream.documents:
        document.data()
        _within(source, [document.span(())])


def shell(data: bytes) -> None:
    """The reader of shell scripts."""
    source = Source("a.sh", data)
    read = parse_shell(source.text)
    _within(source, (one.span for one in (*read.commands, *read.errors, *read.options)))
    _within(source, (word.span for command in read.commands for word in command.words))


def expressions(data: bytes) -> None:
    """The grammar of GitHub's expressions."""
    text = _text(data)
    for one in (*find_expressions(text), read_condition(text)):
        nodes = one.node.walk() if one.node else ()
        places = [(one.start, one.end), *((node.start, node.end) for node in nodes)]
        if not all(0 <= start <= end <= len(text) for start, end in places):
            raise BrokenPromiseError(f"{one} lies outside {text!r}")


def promql(data: bytes) -> None:
    """The bounds before the parser of PromQL, which would end the process, and templates."""
    text = _text(data)
    with suppress(PromqlError):
        parse_promql(text)
    error = template_error(text)
    if error and not 0 <= error.start <= len(text):
        raise BrokenPromiseError(f"{error} lies outside {text!r}")


def matchers(data: bytes) -> None:
    """Both grammars of Alertmanager's matchers, and what Go refuses as a regular expression."""
    text = _text(data)
    regexp_problem(text)
    for version in ((0, 25), (0, 28)):
        with suppress(MatcherError):
            read_matchers(text, version)


def waivers(data: bytes) -> None:
    """The grammar of waivers."""
    text = _text(data).partition("\n")[0]
    for one in parse(text, 1, 1):
        if isinstance(one, Wrong) and not 0 <= one.start < one.end <= max(1, len(text)):
            raise BrokenPromiseError(f"{one} lies outside {text!r}")


def file(data: bytes) -> None:
    """A whole file of any kind, with all checks."""
    source = Source(NAMES[data[0] % len(NAMES)] if data else "a.yaml", data[1:])
    result = check_file(source, _context())
    if result.crashes:
        raise BrokenPromiseError("; ".join(result.crashes))
    _within(source, (finding.place.span for finding in result.findings))


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (dockerfile, yaml, shell, expressions, promql, matchers, waivers, file)
}


@cache
def _context() -> Context:
    return Context(load_profile("kerp"))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _within(source: Source, spans: Iterable[Span]) -> None:
    for span in spans:
        if not _is_within(span, source.lines):
            raise BrokenPromiseError(f"{span} lies outside {source.data!r}")


def _is_within(span: Span, lines: Sequence[str]) -> bool:
    if not 1 <= span.line <= span.end_line <= len(lines) or span.start > span.end:
        return False
    ends = ((span.line, span.column), (span.end_line, span.end_column))
    return all(1 <= column <= len(lines[line - 1]) + 1 for line, column in ends)
