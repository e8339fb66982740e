"""Checks of what containers are given, run and how they are ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.pods import Container
from kerp_policy.artifacts.shell.wrappers import inner_command, steps_down
from kerp_policy.findings import NOT_APPLICABLE, Place, Related, Remark, unverified
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import filled_in

_HOOK: Path = ("lifecycle", "preStop")
_GRACE = "terminationGracePeriodSeconds"
_GRACE_DEFAULT = 30
_DURATION = regex(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def distinct_env(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No variable is defined twice, unless the second is made of the first.

    Of two the later counts, or the one that an apply leaves; a server-side apply refuses the
    object, as names are the keys of the list (Kubernetes API, Container `env`).
    """
    variables = [as_dict(each) for each in as_list(view.data.get("env"))]
    if not variables:
        yield NOT_APPLICABLE
    first: dict[str, int] = {}
    for i, variable in enumerate(variables):
        name = variable.get("name")
        if not isinstance(name, str) or not name or is_placeholder(name) or "$patch" in variable:
            continue
        if name in first and not _extends(variable, name):
            message = f"env[{i}] defines {name}, and so does env[{first[name]}], whose value is"
            yield Remark(("env", i, "name"), f"{message} lost; expected it once")
        first.setdefault(name, i)


def _extends(variable: Mapping[str, Any], name: str) -> bool:
    """Whether a value is what the variable was before, with something more."""
    value, own = str(variable.get("value") or ""), f"$({name})"
    return own in value and value != own


def pre_stop_in_time(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A preStop hook sleeps for less time than the pod has to end, which counts the hook.

    When the time is over the kubelet kills the container; what it runs gets no SIGTERM before its
    hook has ended ("Container Lifecycle Hooks"). A longer `sleep` action is refused.
    """
    container: Container = view.subject
    found = _sleep(view)
    if found is None:
        yield NOT_APPLICABLE
        return
    path, seconds = found
    stated = container.pod.spec.get(_GRACE)
    if stated is not None and is_placeholder(str(stated)):
        yield unverified(path, filled_in(f"{_GRACE} of the pod", stated, f"over {seconds:g} s"))
        return
    grace = _GRACE_DEFAULT if stated is None else stated
    if type(grace) is not int or seconds < grace:
        return
    said = f"{grace} s" if stated is not None else f"not set, which means {grace} s"
    message = f"the preStop hook sleeps {seconds:g} s, and {_GRACE} is {said}, so the container"
    owner = container.pod.owner
    place = owner.place((*container.pod.base, "spec", _GRACE))
    yield Remark(
        path,
        f"{message} is killed before it can end",
        related=(Related(view.facts["file"], place, f"{_GRACE} is {said}"),),
    )


def _sleep(view: View) -> tuple[Path, float] | None:
    """Where a preStop hook sleeps and how long at least; None where it does not for sure."""
    path: Path = (*_HOOK, "sleep", "seconds")
    seconds = lookup(view.data, path)
    if type(seconds) is int:
        return path, seconds
    path = (*_HOOK, "exec", "command")
    words = [each for each in as_list(lookup(view.data, path)) if isinstance(each, str)]
    if not words:
        return None
    total = _slept(words) if _is_sleep(words[0]) else _slept_in(view, words)
    return (path, total) if total else None


def _is_sleep(program: str) -> bool:
    return program.rpartition("/")[2] == "sleep"


def _slept(words: Sequence[str | None]) -> float:
    """How long `sleep 5 1m` takes, words that are not known left out."""
    found = [_DURATION.fullmatch(word or "") for word in words[1:]]
    return sum(float(each[1]) * _SECONDS[each[2]] for each in found if each)


def _slept_in(view: View, words: list[str]) -> float:
    """The sleeps of a script one after the other, but for those that may not happen."""
    from kerp_policy.scopes.settings import script_in

    at: Path = (*_HOOK, "exec", "command")
    script = script_in([((*at, i), word) for i, word in enumerate(words)])
    return sum(
        _slept([word.text for word in command.words])
        for command in (script.commands if script else ())
        if command.name == "sleep"
        and not (command.scopes or command.alternative or command.background)
        and command.parent is None
    )


def sudo(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Neither the command of a container nor a probe or hook goes through sudo to root."""
    from kerp_policy.scopes.settings import hook_commands, raw_words, script_in

    commands = [each for each in (list(raw_words(view)), *hook_commands(view)) if each]
    if not commands:
        yield NOT_APPLICABLE
    for words in commands:
        texts = [word for _, word in words]
        if _is_sudo(texts):
            yield _by_sudo(words[0][0], texts)
        script = script_in(words)
        for command in script.commands if script else ():
            texts = [word.text or "" for word in command.words]
            if script and command.name == "sudo" and _is_sudo(texts):
                yield _by_sudo(script.place(view, command.words[0].span), texts)


def _is_sudo(texts: Sequence[str]) -> bool:
    return texts[0].rpartition("/")[2] == "sudo" and not steps_down(texts)


def _by_sudo(at: Path | Place, texts: Sequence[str]) -> Remark:
    start = inner_command(texts, texts)
    what = texts[start].rpartition("/")[2] if start < len(texts) else "a command"
    message = f"sudo runs {what} as root; expected a container whose user may do it"
    return Remark(at, message, subject=what)
