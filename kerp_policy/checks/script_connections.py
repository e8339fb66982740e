"""Checks of the connections that scripts open. No message holds anything of a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.connections import LIBPQ_MODE, Level, judge_settings, judge_text
from kerp_policy.connections.clients import judge_client
from kerp_policy.findings import Remark, Verdict
from kerp_policy.parameters import SSL_MODES, takes
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View

_VERDICTS = {Level.PLAIN: Verdict.FAIL, Level.UNVERIFIED: Verdict.UNVERIFIED}
_SILENT = frozenset(("echo", "printf", "grep", "sed", "awk", "test", "[", "[["))
"""Commands to which a URL is only text."""
_DECLARING = frozenset(("export", "readonly", "declare", "typeset", "local"))
_DEFAULTS = frozenset((":-", "-", ":=", "="))

Given = list[tuple[str, str, Span]]
"""Names, values with expansions as they are written, and places."""


@takes(ssl_modes=SSL_MODES)
def encrypted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The connections that a script opens are encrypted."""
    subject: ScriptSubject = view.subject
    modes = params["ssl_modes"]
    commands = subject.shell.commands
    whole = [each for command in commands if not _is_prefix(command) for each in _given(command)]
    known = {name: value for name, value, _ in whole}
    yield from _settings(subject, known, whole, modes)
    for command in commands:
        mode = known.get(LIBPQ_MODE, "")
        if _is_prefix(command):
            own = _given(command)
            outer = {LIBPQ_MODE: mode} if mode else {}
            together = {**outer, **{name: value for name, value, _ in own}}
            yield from _settings(subject, together, own, modes)
            mode = together.get(LIBPQ_MODE, "")
        if command.program not in _SILENT | _DECLARING:
            yield from _arguments(subject, command, modes, LIBPQ_MODE if mode else "")


def _is_prefix(command: Command) -> bool:
    """Whether its assignments hold for this command alone: `PGSSLMODE=disable psql`."""
    return bool(command.words) and command.name not in _DECLARING


def _given(command: Command) -> Given:
    return [
        (name, text, value.span) for name, value in command.assignments for text in _texts(value)
    ]


def _texts(word: Word) -> list[str]:
    """What a word says, and what its variables say where they are not set: `${URL:-http://x}`."""
    inside = [
        part.operand.strip("\"'")
        for part in word.variables
        if part.operator in _DEFAULTS and "://" in part.operand
    ]
    if inside:
        names = {"variable": "${%s}"}
        return ["".join(names.get(p.kind, "%s") % p.text for p in word.parts), *inside]
    return [word.raw.strip("\"'") if word.text is None else word.text]


def _settings(
    subject: ScriptSubject, known: Mapping[str, str], given: Given, modes: Sequence[str]
) -> Iterator[Remark]:
    """Each value in the light of the others; one that a later one replaces, by itself."""
    said = {name: list[Any]() for name in known}
    for name, judgement in judge_settings(known, modes):
        said[name].append(judgement)
    mode = {LIBPQ_MODE: known[LIBPQ_MODE]} if LIBPQ_MODE in known else {}
    for name, value, span in given:
        alone = {**mode, name: value}
        found = (
            said[name]
            if known[name] == value
            else [judgement for of, judgement in judge_settings(alone, modes) if of == name]
        )
        for judgement in found:
            if verdict := _VERDICTS.get(judgement.level):
                yield Remark(subject.place(span, name), judgement.message, verdict, subject=name)


def _arguments(
    subject: ScriptSubject, command: Command, modes: Sequence[str], mode: str
) -> Iterator[Remark]:
    words = command.unwrapped()
    texts = [_texts(word) for word in words]
    for word, several in zip(words[1:], texts[1:], strict=True):
        for judgement in (j for t in several for j in judge_text(t, modes, mode_given=mode)):
            if verdict := _VERDICTS.get(judgement.level):
                place = subject.place(word.span, command.program or "")
                yield Remark(place, judgement.message, verdict)
    for index, level, message in judge_client([one[0] for one in texts], modes, mode):
        place = subject.place(words[index].span, command.program or "")
        yield Remark(place, message, _VERDICTS[level])
    if _goes_somewhere(command):
        yield from _documents(subject, command, modes)


def _goes_somewhere(command: Command) -> bool:
    """Whether a here-document is more than a text that is shown."""
    written = any(">" in redirect.operator for redirect in command.redirects)
    return command.name != "cat" or written or command.piped_into is not None


def _documents(subject: ScriptSubject, command: Command, modes: Sequence[str]) -> Iterator[Remark]:
    for redirect in command.redirects:
        if redirect.operator not in ("<<", "<<-"):
            continue
        text = redirect.target.raw
        for judgement in judge_text(text, modes):
            if verdict := _VERDICTS.get(judgement.level):
                line = redirect.target.span.line + text.count("\n", 0, judgement.start)
                column = judgement.start - text.rfind("\n", 0, judgement.start)
                end = column + judgement.end - judgement.start
                place = subject.place(Span(line, column, line, end), command.program or "")
                yield Remark(place, judgement.message, verdict)
