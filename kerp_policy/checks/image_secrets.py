"""Checks of secrets in Dockerfiles.

No message holds anything of a value, and no place tells how long it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, State, Text
from kerp_policy.docker.given import Given, given, given_lines
from kerp_policy.docker.secret_files import SecretFile, secret_file
from kerp_policy.docker.walk import effective, runs, steps
from kerp_policy.findings import Remark, Verdict
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.secrets import BY_NAME, find_tokens, literal_secret, secret_name
from kerp_policy.sources.source import Span
from kerp_policy.views import View

_KEYED = ("ARG", "ENV", "LABEL")
_RUNNING = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
_ONE_VARIABLE = regex(r"""["']?\$(?:\{(\w+)\}|(\w+))["']?""", re.ASCII)


def literals(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No instruction, of whatever stage, holds a secret: by its format, or by its name."""
    subject: DockerfileSubject = view.subject
    starts = []
    for remark, span in _tokens(subject):
        starts.append(span.start)
        yield remark
    starts.sort()
    told: set[Span] = set()
    for remark, span in chain(_pairs(subject), _named(subject)):
        at = bisect_left(starts, span.start)
        if span not in told and not (at < len(starts) and starts[at] < span.end):
            told.add(span)
            yield remark


_At = tuple[int, int]
"""A line and a column."""
Found = Iterator[tuple[Remark, Span]]


def _tokens(subject: DockerfileSubject) -> Found:
    """Secrets of known formats, wherever in an instruction they stand."""
    dockerfile = subject.graph.dockerfile
    for instruction in dockerfile.instructions:
        lines = dockerfile.source.lines[instruction.span.line - 1 : instruction.span.end_line]
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        inner = effective(instruction)
        keys = [(key.span.start, key.text) for key, _ in inner.pairs]
        for token in find_tokens("\n".join(lines)):
            row = bisect_right(starts, token.start) - 1
            line, column = instruction.span.line + row, token.start - starts[row] + 1
            public = token.prefix if lines[row].startswith(token.prefix, column - 1) else ""
            span = Span(line, column, line, column + len(public))
            shown = f" ({public}…)" if public else ""
            message = f"{_holder(inner, keys, span.start)} holds {token.title}{shown}"
            place = subject.place(instruction, span)
            yield Remark(place, message, subject=token.kind), span


def _holder(instruction: Instruction, keys: list[tuple[_At, str]], at: _At) -> str:
    """The instruction, with the key of the pair that a place lies in."""
    before = bisect_right(keys, (at, "\U0010ffff"))
    return f"{instruction.keyword} {keys[before - 1][1]}" if before else instruction.keyword


def _pairs(subject: DockerfileSubject) -> Found:
    for instruction, state in _all_steps(subject):
        for key, value in instruction.pairs if instruction.keyword in _KEYED else ():
            if value is None or not _is_literal(key.text, value.text, state.expand(value).text):
                continue
            span = Span(*key.span.start, *value.span.end)
            message = f"{instruction.keyword} {key.text} holds {BY_NAME.title}"
            yield Remark(subject.place(instruction, key.span), message, subject=key.text), span


def _all_steps(subject: DockerfileSubject) -> Iterator[tuple[Instruction, State]]:
    """Those before the first FROM, too."""
    first = subject.graph.stages[0].instruction
    for instruction in subject.graph.dockerfile.instructions:
        if instruction is first:
            break
        yield instruction, subject.graph.global_state
    yield from steps(subject.graph.stages)


def _is_literal(name: str, written: str, expanded: str | None) -> bool:
    """Whether a pair's own value is a secret; one that another ARG or ENV holds is told there."""
    if "$" not in written:
        return literal_secret(name, written if expanded is None else expanded) is not None
    if literal_secret(name, written.strip("\"'")):
        return True
    other = _ONE_VARIABLE.fullmatch(written)
    if not expanded or (other and literal_secret(other[1] or other[2], expanded)):
        return False
    return literal_secret(name, expanded) is not None


def _named(subject: DockerfileSubject) -> Found:
    """What commands, and files written here, give a secret's name."""
    for instruction, shell in runs(subject.graph.stages, keywords=_RUNNING):
        yield from _judged(subject, instruction, given(shell))
    for instruction, _ in steps(subject.graph.stages):
        if instruction.keyword in ("COPY", "ADD"):
            for heredoc in instruction.heredocs:
                yield from _judged(subject, instruction, given_lines(heredoc.body, heredoc.span))


def _judged(subject: DockerfileSubject, instruction: Instruction, found: Iterable[Given]) -> Found:
    for name, value, span in found:
        if literal_secret(name, value):
            message = f"{name} in {instruction.keyword} holds {BY_NAME.title}"
            place = subject.place(instruction, _beginning(subject, name, span))
            yield Remark(place, message, subject=name), span


def _beginning(subject: DockerfileSubject, name: str, span: Span) -> Span:
    """The name or option alone: where the value ends, its length would tell."""
    line = subject.graph.dockerfile.source.lines[span.line - 1][span.column - 1 :]
    lead = len(line) - len(line.lstrip("-\"'"))
    width = lead + len(name) if line.startswith(name, lead) else 0
    return Span(span.line, span.column, span.line, span.column + width)


def build_arguments(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No secret comes in as a build argument: the image's history keeps it."""
    subject: DockerfileSubject = view.subject
    for instruction, state in _all_steps(subject):
        repeated = state is not subject.graph.global_state and subject.graph.global_state.args
        for key, value in instruction.pairs if instruction.keyword in _KEYED else ():
            name = key.text
            if instruction.keyword != "ARG":
                given = _from_outside(value, state) if value else ""
                if value and given and (secret_name(name) or secret_name(given)):
                    message = f"{instruction.keyword} {name} keeps the build argument {given}"
                    span = Span(*key.span.start, *value.span.end)
                    place = subject.place(instruction, span)
                    yield Remark(place, f"{message} in the image", subject=name)
            elif secret_name(name) and name not in (repeated or ()) and _is_empty(value):
                message = f"ARG {name} takes a secret as a build argument, which the history keeps"
                yield Remark(subject.place(instruction, key.span), message, subject=name)


def _is_empty(default: Text | None) -> bool:
    return default is None or not default.text.strip("\"'")


def _from_outside(value: Text, state: State) -> str:
    """The ARG that the build gives, where a value is nothing but it; else empty."""
    found = _ONE_VARIABLE.fullmatch(value.text)
    name = (found[1] or found[2]) if found else ""
    setting = state.args.get(name)
    return name if setting is not None and not setting.value.text else ""


def copied_files(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No file that is there to hold secrets is copied.

    In a stage that is not shipped only what belongs into no build at all is told.
    """
    subject: DockerfileSubject = view.subject
    for stage in subject.graph.stages:
        shipped = stage in subject.shipped
        for instruction, state in steps([stage]):
            if instruction.keyword not in ("COPY", "ADD"):
                continue
            target = instruction.word_texts[-1] if instruction.words else ""
            for word, text in instruction.copied:
                source = state.expand(word).text if "$" in text else text
                found = secret_file(source or "", target) if not text.startswith("<<") else None
                if found and source and "://" not in source and (shipped or found.private):
                    yield _copied(subject, instruction, source, word.span, found)


def _copied(
    subject: DockerfileSubject, instruction: Instruction, source: str, span: Span, file: SecretFile
) -> Remark:
    message = f"{instruction.keyword} copies {source}, which holds {file.what}"
    if not file.certain:
        message += "; files do not show whether a secret is in it"
    verdict = Verdict.FAIL if file.certain else Verdict.UNVERIFIED
    return Remark(subject.place(instruction, span), message, verdict, source)
