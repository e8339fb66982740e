"""Checks of connections: encrypted, and with certificates verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.connections import (
    LIBPQ_MODE,
    Judgement,
    Level,
    judge_settings,
    judge_text,
    judge_urls,
)
from kerp_policy.connections.tls_settings import insecure_variable
from kerp_policy.connections.tls_switches import insecure_command
from kerp_policy.findings import Remark, Verdict
from kerp_policy.parameters import SSL_MODES, takes
from kerp_policy.scopes import settings
from kerp_policy.scopes.settings import Script, Setting
from kerp_policy.views import View

_VERDICTS = {Level.PLAIN: Verdict.FAIL, Level.UNVERIFIED: Verdict.UNVERIFIED}
_INSIDE = {Level.PLAIN_INSIDE: Verdict.FAIL}
_NO_MODES: Sequence[str] = ()


@takes(ssl_modes=SSL_MODES)
def settings_encrypted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The connections that a ConfigMap or Secret names are encrypted."""
    yield from _remarks(view, _of_object(view, judge_settings, params["ssl_modes"]), _VERDICTS)


def settings_plain_http(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A ConfigMap or Secret names no plain HTTP inside the cluster."""
    yield from _remarks(view, _of_object(view, judge_urls, _NO_MODES), _INSIDE)


@takes(ssl_modes=SSL_MODES)
def container_encrypted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The connections in a container's environment, command and arguments are encrypted."""
    yield from _remarks(view, _of_container(view, judge_settings, params["ssl_modes"]), _VERDICTS)


def container_plain_http(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A container is given no plain HTTP inside the cluster."""
    yield from _remarks(view, _of_container(view, judge_urls, _NO_MODES), _INSIDE)


Judge = Callable[[Mapping[str, str], Sequence[str]], Iterator[tuple[str, Judgement]]]
Judged = Iterator[tuple[Setting, Judgement]]


def _of_object(view: View, judge: Judge, modes: Sequence[str]) -> Judged:
    return _together(settings.object_settings(view), judge, modes)


def _of_container(view: View, judge: Judge, modes: Sequence[str]) -> Judged:
    variables = settings.environment(view)
    yield from _together(variables, judge, modes)
    mode_given = LIBPQ_MODE if any(each.name == LIBPQ_MODE for each in variables) else ""
    for word in settings.words(view):
        for judgement in judge_text(word.value, modes, name=word.name, mode_given=mode_given):
            yield word, judgement


def _together(found: list[Setting], judge: Judge, modes: Sequence[str]) -> Judged:
    by_name = {setting.name: setting for setting in found}
    values = {name: setting.value for name, setting in by_name.items()}
    for name, judgement in judge(values, modes):
        yield by_name[name], judgement


def _remarks(view: View, judged: Judged, verdicts: Mapping[Level, Verdict]) -> Iterator[Remark]:
    for setting, judgement in judged:
        if verdict := verdicts.get(judgement.level):
            at = settings.place(view, setting, judgement.start, judgement.end)
            yield Remark(at, judgement.message, verdict)


def settings_verification(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No setting of a ConfigMap or Secret turns the verification of certificates off."""
    yield from _switched_off(settings.object_settings(view))


def container_verification(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Neither environment nor command turns the verification of certificates off."""
    yield from _switched_off(settings.environment(view))
    given = list(settings.raw_words(view))
    if not view.data.get("command"):
        given.insert(0, ((), ""))  # the program is the image's own
    words = [word for _, word in given]
    if switch := insecure_command(words, words):
        yield Remark(given[switch.position][0], switch.what)
    if script := settings.script(view):
        yield from _switched_off_in_script(view, script)


def _switched_off(found: list[Setting]) -> Iterator[Remark]:
    for setting in found:
        if what := insecure_variable(setting.name, setting.value):
            yield Remark(setting.path, what)


def _switched_off_in_script(view: View, script: Script) -> Iterator[Remark]:
    for command in script.commands:
        words = command.unwrapped()
        if switch := insecure_command([w.text for w in words], [w.prefix for w in words]):
            at = script.place(view, words[switch.position].span)
            yield Remark(at, switch.what, subject=command.program or "")
