"""Checks of credentials in scripts, and of what verifies. No message holds anything of a value."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.shell.elsewhere import scripts_elsewhere, words_elsewhere
from kerp_policy.connections.tls_settings import insecure_line, insecure_variable
from kerp_policy.connections.tls_switches import insecure_command
from kerp_policy.docker.given import given
from kerp_policy.findings import Remark
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.secrets import BY_NAME, find_tokens, literal_secret
from kerp_policy.sources.source import Span
from kerp_policy.views import View


def literals(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No secret stands in a script: by its format anywhere, by the name that it is given."""
    subject: ScriptSubject = view.subject
    lines: set[int] = set()
    for remark, line in _tokens(subject):
        lines.add(line)
        yield remark
    told = set[tuple[int, str, str]]()
    elsewhere = (s for command in subject.shell.commands for s in scripts_elsewhere(command))
    shells = (subject.shell, *elsewhere)
    for name, value, span in (one for shell in shells for one in given(shell)):
        given_here = (span.line, name, value)
        if given_here not in told and span.line not in lines and literal_secret(name, value):
            told.add(given_here)
            start = Span(span.line, span.column, span.line, span.column)
            message = f"{name} holds {BY_NAME.title}"
            yield Remark(subject.place(start, name), message, subject=name)


def _tokens(subject: ScriptSubject) -> Iterator[tuple[Remark, int]]:
    source = subject.source
    starts = list(accumulate((len(line) + 1 for line in source.lines), initial=0))
    for token in find_tokens(source.text):
        row = bisect_right(starts, token.start) - 1
        column = token.start - starts[row] + 1
        public = token.prefix if source.lines[row].startswith(token.prefix, column - 1) else ""
        span = Span(row + 1, column, row + 1, column + len(public))
        shown = f" ({public}…)" if public else ""
        message = f"the script holds {token.title}{shown}"
        yield Remark(subject.place(span), message, subject=token.kind), row + 1


def verification(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No command and no variable turns the verification of certificates off."""
    subject: ScriptSubject = view.subject
    assert subject.command
    inside = (each for shell in scripts_elsewhere(subject.command) for each in shell.commands)
    for command in (subject.command, *inside):
        yield from _switched_off(subject, command)
        yield from _written_lines(subject, command)


def _switched_off(subject: ScriptSubject, command: Command) -> Iterator[Remark]:
    for name, value in command.assignments:
        if what := insecure_variable(name, value.text or ""):
            yield Remark(subject.place(value.span, name), what, subject=name)
    own = command.unwrapped()
    for words in filter(None, (own, words_elsewhere(own))):
        if not (switch := insecure_command([w.text for w in words], [w.prefix for w in words])):
            continue
        place = subject.place(words[switch.position].span, command.program or "")
        yield Remark(place, switch.what, subject=switch.what)


def _written_lines(subject: ScriptSubject, command: Command) -> Iterator[Remark]:
    """What a here-document or an echo writes into the settings of a program."""
    files = [r.target.text or r.target.prefix for r in command.redirects if ">" in r.operator]
    if not files and command.program not in ("curl", "wget"):
        return
    documents = [r.target for r in command.redirects if r.operator in ("<<", "<<-")]
    echoed = command.words[1:] if command.program in ("echo", "printf") else ()
    for word in (*documents, *echoed):
        for row, line in enumerate(word.raw.split("\n")):
            if what := insecure_line(line, files):
                start = word.span.line + row
                span = Span(start, 1, start, len(line) + 1) if word in documents else word.span
                yield Remark(subject.place(span, command.program or ""), what, subject=what)
